// SPDX-License-Identifier: GPL-3.0-or-later
#include "adapters_vm.h"

#include "format.h"
#include "vocabulary.h"

#include <cmath>

namespace loam::desktop {
namespace {

    RoleField same(const char* field)
    {
        return { field, QString::fromLatin1(field) };
    }

    QString textOf(const QVariantMap& map, const char* field)
    {
        return map.value(QString::fromLatin1(field)).toString();
    }

    double numberOf(const QVariantMap& map, const char* field)
    {
        return map.value(QString::fromLatin1(field)).toDouble();
    }

} // namespace

AdaptersVm::AdaptersVm(NodeApi& node, QObject* parent)
    : CommandVm{ node, parent }
    , m_list{ QStringLiteral("id"),
        { { "adapterId", QStringLiteral("id") }, same("name"),
            { "baseName", QStringLiteral("base_name") },
            { "adapterState", QStringLiteral("state") }, same("reason"),
            { "waitsFor", QStringLiteral("waits_for") }, same("step"), same("steps"),
            { "lossBefore", QStringLiteral("loss_before") },
            { "lossAfter", QStringLiteral("loss_after") },
            { "rate", QStringLiteral("tokens_per_second") } } }
    , m_bases{ QStringLiteral("id"), { { "model", QStringLiteral("id") }, same("name") } }
{
    node.subscribe({ QStringLiteral("adapter"), QStringLiteral("model") });
    connect(&node, &NodeApi::connectedChanged, this, [this](bool connected) {
        if (connected) {
            load();
            loadBases();
        }
    });
    connect(
        &node, &NodeApi::notified, this, [this](const QString& method, const QJsonObject& payload) {
            if (method == QLatin1String("adapter.changed")) {
                m_list.setRecords(payload.value(QStringLiteral("adapters")).toArray());
                Q_EMIT changed();
            } else if (method == QLatin1String("adapter.progress")) {
                takeProgress(payload);
            } else if (method == QLatin1String("model.changed")) {
                loadBases();
            }
        });
    if (node.isConnected()) {
        load();
        loadBases();
    }
}

void AdaptersVm::load()
{
    node().call(QStringLiteral("adapter.list"), {}, this, [this](const NodeReply& reply) {
        if (reply.isOk()) {
            m_list.setRecords(reply.result.value(QStringLiteral("adapters")).toArray());
            Q_EMIT changed();
        }
    });
}

void AdaptersVm::loadBases()
{
    node().call(QStringLiteral("model.list"), {}, this, [this](const NodeReply& reply) {
        QJsonArray bases;
        for (const QJsonValue& value : reply.result.value(QStringLiteral("models")).toArray()) {
            const QJsonObject model = value.toObject();
            const bool isWhole = model.value(QStringLiteral("complete")).toBool()
                && model.value(QStringLiteral("fits")).toBool(true);
            if (isWhole && model.value(QStringLiteral("trainable")).toBool()) {
                bases.append(model);
            }
        }
        m_bases.setRecords(bases);
    });
}

void AdaptersVm::takeProgress(const QJsonObject& progress)
{
    const QString id = progress.value(QStringLiteral("adapter")).toString();
    if (record(id).isEmpty()) {
        return;
    }
    m_list.upsert({ { QStringLiteral("id"), id },
        { QStringLiteral("step"), progress.value(QStringLiteral("step")) },
        { QStringLiteral("steps"), progress.value(QStringLiteral("steps")) },
        { QStringLiteral("loss_before"), progress.value(QStringLiteral("loss_before")) },
        { QStringLiteral("loss_after"), progress.value(QStringLiteral("best")) },
        { QStringLiteral("tokens_per_second"),
            progress.value(QStringLiteral("tokens_per_second")) } });
    Q_EMIT changed();
}

void AdaptersVm::change(const QString& method, const QJsonObject& params, const QString& done)
{
    command(method, params, [this, done](const QJsonObject&) {
        setState(Idle, {}, done);
        load();
    });
}

void AdaptersVm::train(
    const QString& name, const QString& model, const QList<int>& sources, int days, bool now)
{
    QJsonArray numbers;
    for (const int source : sources) {
        numbers.append(source);
    }
    command(QStringLiteral("adapter.train"),
        { { QStringLiteral("name"), name.trimmed() }, { QStringLiteral("model"), model },
            { QStringLiteral("sources"), numbers }, { QStringLiteral("days"), days },
            { QStringLiteral("now"), now } },
        [this](const QJsonObject&) {
            load();
            Q_EMIT begun();
        });
}

void AdaptersVm::start(const QString& adapter)
{
    change(QStringLiteral("adapter.start"),
        { { QStringLiteral("adapter"), adapter }, { QStringLiteral("now"), true } }, {});
}

void AdaptersVm::stop(const QString& adapter)
{
    change(QStringLiteral("adapter.stop"), { { QStringLiteral("adapter"), adapter } },
        tr("Stopped. What it has learnt is kept, sealed; you can go on later."));
}

void AdaptersVm::remove(const QString& adapter)
{
    change(QStringLiteral("adapter.remove"), { { QStringLiteral("adapter"), adapter } },
        tr("Removed. Nothing of it is left on this computer."));
}

void AdaptersVm::exportTo(const QString& adapter, const QUrl& place)
{
    change(QStringLiteral("adapter.export"),
        { { QStringLiteral("adapter"), adapter }, { QStringLiteral("out"), place.toLocalFile() } },
        tr("Saved as %1. It is no longer sealed there.").arg(place.fileName()));
}

QVariantMap AdaptersVm::record(const QString& adapter) const
{
    for (const QJsonObject& one : m_list.records()) {
        if (one.value(QStringLiteral("id")).toString() == adapter) {
            return one.toVariantMap();
        }
    }
    return {};
}

QString AdaptersVm::stateWord(const QString& state) const
{
    if (state == QLatin1String("ready")) {
        return tr("Ready");
    }
    if (state == QLatin1String("stopped")) {
        return tr("Stopped");
    }
    return wordFor(Vocabulary::State, state);
}

QString AdaptersVm::stateSymbol(const QString& state) const
{
    if (state == QLatin1String("ready")) {
        return QStringLiteral("circle-check");
    }
    if (state == QLatin1String("stopped")) {
        return QStringLiteral("circle-pause");
    }
    return iconFor(Vocabulary::State, state);
}

QString AdaptersVm::gain(double before, double after) const
{
    if (!(before > 0) || !(after > 0)) {
        return {};
    }
    // Perplexity is what a person would call surprise: how many words seemed as likely.
    const double less = 1.0 - std::exp(after - before);
    if (less < 0.005) {
        return tr("It has not learnt to read your text better. More text may help.");
    }
    return tr("Text of yours that was held back surprises it %1 less.").arg(Format::percent(less));
}

QString AdaptersVm::line(const QVariantMap& adapter) const
{
    const QString state = textOf(adapter, "state");
    const QString reason = textOf(adapter, "reason");
    const QString waits = textOf(adapter, "waits_for");
    if (state == QLatin1String("ready")) {
        return gain(numberOf(adapter, "loss_before"), numberOf(adapter, "loss_after"));
    }
    if (!waits.isEmpty()) {
        return wordFor(Vocabulary::Reason, waits);
    }
    if (state == QLatin1String("training")) {
        const double step = numberOf(adapter, "step");
        return step > 0 ? tr("Step %1 of %2 at most, %3 tokens/s")
                              .arg(Format::count(step), Format::count(numberOf(adapter, "steps")),
                                  Format::count(numberOf(adapter, "tokens_per_second")))
                        : tr("Reading your text");
    }
    return reason.isEmpty() ? tr("Begins in a moment") : wordFor(Vocabulary::Reason, reason);
}

} // namespace loam::desktop
