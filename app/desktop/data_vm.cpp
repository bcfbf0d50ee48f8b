// SPDX-License-Identifier: GPL-3.0-or-later
#include "data_vm.h"

#include "format.h"

namespace loam::desktop {

namespace {

    constexpr int kFilesShown = 200;
    constexpr int kLinesShown = 400;

    RoleField same(const char* name)
    {
        return { name, QString::fromLatin1(name) };
    }

} // namespace

DataUseModel::DataUseModel(NodeApi& node, QObject* parent)
    : PagedModel{ node, QStringLiteral("data.used"),
        { same("index"), same("time"), same("kind"), same("path"), same("tokens"), same("round"),
            same("note") },
        parent }
{
}

DataVm::DataVm(NodeApi& node, QObject* parent)
    : CommandVm{ node, parent }
    , m_sources{ QStringLiteral("id"),
        { { "sourceId", QStringLiteral("id") }, same("path"), same("files"), same("waiting"),
            same("poor"), same("failed"), same("tokens"), same("redacted"), same("scanned"),
            { "epsilonSpent", QStringLiteral("epsilon_spent") },
            { "epsilonCap", QStringLiteral("epsilon_cap") } } }
    , m_grants{ QStringLiteral("id"),
        { { "grantId", QStringLiteral("id") }, same("purpose"),
            { "grantState", QStringLiteral("state") }, same("until"), same("issued"), same("files"),
            { "epsilonSpent", QStringLiteral("epsilon_spent") },
            { "epsilonCap", QStringLiteral("epsilon_cap") } } }
    , m_files{ QStringLiteral("path"),
        { same("path"), { "fileState", QStringLiteral("state") }, same("verdict"), same("reason"),
            same("tokens"), same("redacted"), same("seen"), same("struck") } }
    , m_lines{ QStringLiteral("number"), { same("number"), same("fate"), same("segments") } }
    , m_uses{ node }
    , m_own{ node }
    , m_meter{ node }
{
    connect(&node, &NodeApi::connectedChanged, this, [this](bool connected) {
        if (connected) {
            load();
        }
    });
    connect(&node, &NodeApi::notified, this, [this](const QString& topic) {
        if (topic == QLatin1String("data.changed")) {
            load();
            m_uses.noteChange();
        }
    });
    if (node.isConnected()) {
        load();
    }
}

void DataVm::load()
{
    node().call(QStringLiteral("data.list"), {}, this, [this](const NodeReply& reply) {
        if (!reply.isOk()) {
            return;
        }
        m_overview = reply.result;
        m_known = true;
        m_sources.setRecords(reply.result.value(QStringLiteral("sources")).toArray());
        Q_EMIT summaryChanged();
    });
    node().call(QStringLiteral("data.grants"), {}, this, [this](const NodeReply& reply) {
        if (reply.isOk()) {
            m_grants.setRecords(reply.result.value(QStringLiteral("grants")).toArray());
            Q_EMIT summaryChanged();
        }
    });
    node().call(QStringLiteral("data.budget"), {}, this, [this](const NodeReply& reply) {
        if (reply.isOk()) {
            m_terms = reply.result;
            Q_EMIT summaryChanged();
        }
    });
    if (m_source != 0) {
        loadFiles();
    }
}

void DataVm::loadFiles()
{
    node().call(QStringLiteral("data.files"),
        { { QStringLiteral("source"), m_source }, { QStringLiteral("limit"), kFilesShown },
            { QStringLiteral("search"), m_search } },
        this, [this, source = m_source](const NodeReply& reply) {
            if (!reply.isOk() || source != m_source) {
                return;
            }
            m_fileTotal = static_cast<int>(number(reply.result, "total"));
            m_files.setRecords(reply.result.value(QStringLiteral("entries")).toArray());
            Q_EMIT sourceChanged();
        });
}

double DataVm::waiting() const
{
    double sum = 0;
    for (const QJsonObject& source : m_sources.records()) {
        sum += number(source, "waiting");
    }
    return sum;
}

int DataVm::activeGrants() const
{
    int count = 0;
    for (const QJsonObject& grant : m_grants.records()) {
        count += grant.value(QStringLiteral("state")) == QLatin1String("active") ? 1 : 0;
    }
    return count;
}

QString DataVm::costSentence() const
{
    if (epsilonSpent() <= 0) {
        return tr("Nothing of yours has left this computer.");
    }
    const double share = epsilonCap() > 0 ? epsilonSpent() / epsilonCap() : 1;
    if (share >= 0.999) {
        return tr("The budget is used up. Nothing more is taken from these sources.");
    }
    return tr(
        "%1 of the privacy you allowed has been spent. At the limit, sharing stops by itself.")
        .arg(Format::percent(share));
}

QString DataVm::question() const
{
    if (m_terms.isEmpty()) {
        return {};
    }
    if (!m_terms.value(QStringLiteral("asked_adapters")).toBool()) {
        return QStringLiteral("adapters");
    }
    return m_terms.value(QStringLiteral("asked_private_lane")).toBool()
        ? QString()
        : QStringLiteral("private_lane");
}

QString DataVm::sourcePath() const
{
    for (const QJsonObject& source : m_sources.records()) {
        if (source.value(QStringLiteral("id")).toInt() == m_source) {
            return source.value(QStringLiteral("path")).toString();
        }
    }
    return {};
}

QString DataVm::fileVerdict() const
{
    if (file().isEmpty()) {
        return {};
    }
    const QString verdict = m_preview.value(QStringLiteral("verdict")).toString();
    const QString reason = m_preview.value(QStringLiteral("reason")).toString();
    if (m_preview.value(QStringLiteral("struck")).toBool()) {
        return tr("You struck this file. Nothing of it is used.");
    }
    if (verdict != QLatin1String("good")) {
        return tr("Left out: %1.").arg(reason.isEmpty() ? verdict : reason);
    }
    return tr("%n token(s) would be used.", nullptr, static_cast<int>(number(m_preview, "tokens")));
}

void DataVm::add(const QUrl& place)
{
    addAll({ place });
}

void DataVm::addAll(const QList<QUrl>& places)
{
    for (const QUrl& place : places) {
        if (!place.isLocalFile()) {
            setState(Failed, tr("Only folders and files of this computer can be added."));
            continue;
        }
        command(QStringLiteral("data.add"), { { QStringLiteral("path"), place.toLocalFile() } },
            [this](const QJsonObject&) {
                load();
                setState(Idle, {}, tr("Added. Nothing of it is used until you say so."));
            });
    }
}

void DataVm::removeSource(int source)
{
    command(QStringLiteral("data.remove"), { { QStringLiteral("source"), source } },
        [this](const QJsonObject&) {
            m_source = 0;
            Q_EMIT sourceChanged();
            load();
            setState(Idle, {}, tr("Removed, and every consent that named it has ended."));
        });
}

void DataVm::showSource(int source)
{
    m_source = source;
    m_search.clear();
    m_files.clear();
    m_fileTotal = 0;
    closeFile();
    Q_EMIT sourceChanged();
    if (source != 0) {
        loadFiles();
    }
}

void DataVm::searchFiles(const QString& text)
{
    m_search = text;
    loadFiles();
}

void DataVm::takePreview(const QJsonObject& preview)
{
    loadFiles();
    // An answer that comes after the owner has closed the file must not open it again.
    if (preview.value(QStringLiteral("path")).toString() != m_wantedFile) {
        return;
    }
    m_preview = preview;
    m_lines.setRecords(preview.value(QStringLiteral("lines")).toArray());
    Q_EMIT previewChanged();
}

void DataVm::showFile(const QString& path)
{
    m_wantedFile = path;
    command(QStringLiteral("data.preview"),
        { { QStringLiteral("source"), m_source }, { QStringLiteral("path"), path },
            { QStringLiteral("limit"), kLinesShown } },
        [this](const QJsonObject& result) { takePreview(result); });
}

void DataVm::closeFile()
{
    m_wantedFile.clear();
    m_preview = {};
    m_lines.clear();
    Q_EMIT previewChanged();
}

void DataVm::strikeFile(const QString& path, bool strike)
{
    command(strike ? QStringLiteral("data.strike") : QStringLiteral("data.unstrike"),
        { { QStringLiteral("source"), m_source }, { QStringLiteral("path"), path } },
        [this, path](const QJsonObject&) {
            load();
            if (file() == path) {
                showFile(path);
            }
        });
}

void DataVm::strikeLine(int line)
{
    command(QStringLiteral("data.strike"),
        { { QStringLiteral("source"), m_source }, { QStringLiteral("path"), file() },
            { QStringLiteral("line"), line }, { QStringLiteral("limit"), kLinesShown } },
        [this](const QJsonObject& result) { takePreview(result); });
}

void DataVm::grant(const QString& run, int days, double epsilon)
{
    QJsonObject params{ { QStringLiteral("days"), days },
        { QStringLiteral("purpose"),
            run.isEmpty() ? QStringLiteral("adapter") : QStringLiteral("private") } };
    if (!run.isEmpty()) {
        params.insert(QStringLiteral("run"), run.trimmed());
        params.insert(QStringLiteral("epsilon"), epsilon);
    }
    command(QStringLiteral("data.grant"), params, [this](const QJsonObject&) {
        load();
        m_uses.refresh();
        setState(Idle, {}, tr("Consent given. You can end it at any time."));
        Q_EMIT granted();
    });
}

void DataVm::revoke(const QString& grant)
{
    command(QStringLiteral("data.revoke"), { { QStringLiteral("grant"), grant } },
        [this](const QJsonObject&) {
            load();
            m_uses.refresh();
            setState(Idle, {}, tr("Ended. Nothing more is used under this consent."));
        });
}

void DataVm::answer(const QString& question, bool yes)
{
    command(
        QStringLiteral("data.budget"), { { question, yes } }, [this](const QJsonObject& result) {
            m_terms = result;
            Q_EMIT summaryChanged();
        });
}

void DataVm::addPattern(const QString& text)
{
    command(QStringLiteral("data.patterns"), { { QStringLiteral("add"), text } },
        [this](const QJsonObject&) {
            setState(Idle, {}, tr("From now on this is taken out wherever it stands."));
            if (!file().isEmpty()) {
                showFile(file());
            }
        });
}

void DataVm::exportReceipts(const QUrl& file)
{
    command(QStringLiteral("data.export"), {}, [this, file](const QJsonObject& result) {
        saveAs(file, result.value(QStringLiteral("receipts")).toString());
    });
}

} // namespace loam::desktop
