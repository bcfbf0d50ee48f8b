// SPDX-License-Identifier: GPL-3.0-or-later
#include "models_vm.h"

namespace loam::desktop {
namespace {

    QVector<RoleField> modelRoles()
    {
        return { { "model", QStringLiteral("id") }, { "name", QStringLiteral("name") },
            { "architecture", QStringLiteral("architecture") },
            { "parameters", QStringLiteral("parameters") },
            { "quantisation", QStringLiteral("quantisation") },
            { "bytes", QStringLiteral("bytes") }, { "memory", QStringLiteral("memory") },
            { "fits", QStringLiteral("fits") }, { "licence", QStringLiteral("licence") },
            { "kind", QStringLiteral("kind") }, { "complete", QStringLiteral("complete") },
            { "device", QStringLiteral("device") } };
    }

} // namespace

ModelsVm::ModelsVm(NodeApi& node, QObject* parent)
    : QObject{ parent }
    , m_node{ node }
    , m_models{ QStringLiteral("id"), modelRoles() }
    , m_usable{ QStringLiteral("id"), modelRoles() }
    , m_devices{ QStringLiteral("uuid"),
        { { "device", QStringLiteral("uuid") }, { "name", QStringLiteral("name") },
            { "kind", QStringLiteral("kind") }, { "memory", QStringLiteral("memory") } } }
{
    m_node.subscribe({ QStringLiteral("model"), QStringLiteral("adapter") });
    connect(&m_node, &NodeApi::connectedChanged, this, [this](bool connected) {
        if (connected) {
            refresh();
        } else if (m_import > 0) {
            m_import = 0;
            fail(tr("Loam's node has gone; the import is not finished."));
        }
    });
    connect(&m_node, &NodeApi::notified, this, &ModelsVm::takeNotification);
    if (m_node.isConnected()) {
        refresh();
    }
}

void ModelsVm::refresh()
{
    m_node.call(QStringLiteral("model.list"), {}, this, [this](const NodeReply& reply) {
        if (reply.isOk()) {
            takeList(reply.result.value(QStringLiteral("models")).toArray());
        }
    });
    loadAdapters();
    m_node.call(QStringLiteral("model.devices"), {}, this, [this](const NodeReply& reply) {
        if (reply.isOk()) {
            m_devices.setRecords(reply.result.value(QStringLiteral("devices")).toArray());
        }
    });
}

void ModelsVm::loadAdapters()
{
    m_node.call(QStringLiteral("adapter.list"), {}, this, [this](const NodeReply& reply) {
        if (reply.isOk()) {
            takeAdapters(reply.result.value(QStringLiteral("adapters")).toArray());
        }
    });
}

void ModelsVm::takeAdapters(const QJsonArray& adapters)
{
    m_adapters = {};
    for (const QJsonValue& value : adapters) {
        if (value[QStringLiteral("trained")].toDouble() > 0) {
            m_adapters.append(value);
        }
    }
    showUsable();
    Q_EMIT changed();
}

void ModelsVm::takeList(const QJsonArray& models)
{
    m_models.setRecords(models);
    showUsable();
    m_isKnown = true;
    Q_EMIT changed();
}

void ModelsVm::showUsable()
{
    QJsonArray usable;
    QJsonArray others = m_adapters;
    const auto append = [&usable](const QJsonValue& adapter, const QJsonObject& base) {
        QJsonObject shown = base;
        shown.insert(QStringLiteral("id"), adapter[QStringLiteral("id")]);
        shown.insert(QStringLiteral("name"),
            tr("%1 with %2")
                .arg(adapter[QStringLiteral("base_name")].toString(),
                    adapter[QStringLiteral("name")].toString()));
        shown.insert(QStringLiteral("kind"), QStringLiteral("adapter"));
        usable.append(shown);
    };
    for (const QJsonObject& model : m_models.records()) {
        if (!model.value(QStringLiteral("complete")).toBool()
            || !model.value(QStringLiteral("fits")).toBool(true)) {
            continue;
        }
        usable.append(model);
        for (qsizetype i = 0; i < others.size();) {
            if (others.at(i)[QStringLiteral("base")] == model.value(QStringLiteral("id"))) {
                append(others.takeAt(i), model);
            } else {
                ++i;
            }
        }
    }
    for (const QJsonValue& adapter : others) {
        // One made on a run's model keeps the parameters it belongs to; others need theirs.
        if (adapter[QStringLiteral("base")].toString().contains(QLatin1Char('@'))) {
            append(adapter, {});
        }
    }
    m_usable.setRecords(usable);
}

void ModelsVm::takeNotification(const QString& method, const QJsonObject& payload)
{
    if (method == QLatin1String("adapter.changed")) {
        takeAdapters(payload.value(QStringLiteral("adapters")).toArray());
    } else if (method == QLatin1String("model.changed")) {
        takeList(payload.value(QStringLiteral("models")).toArray());
    } else if (method == QLatin1String("model.importing")) {
        if (payload.value(QStringLiteral("import")).toInt() == m_import) {
            m_importPhase = payload.value(QStringLiteral("phase")).toString();
            m_importBytes = payload.value(QStringLiteral("bytes")).toDouble();
            m_importTotal = payload.value(QStringLiteral("total")).toDouble();
            Q_EMIT changed();
        }
    } else if (method == QLatin1String("model.imported")) {
        if (payload.value(QStringLiteral("import")).toInt() == m_import) {
            m_import = 0;
            fail(payload.value(QStringLiteral("message")).toString());
            if (m_errorText.isEmpty()) {
                Q_EMIT imported(payload.value(QStringLiteral("id")).toString());
            }
        }
    } else if (method == QLatin1String("model.exported") && m_isExporting) {
        m_isExporting = false;
        const QString message = payload.value(QStringLiteral("message")).toString();
        m_exported
            = message.isEmpty() ? payload.value(QStringLiteral("out")).toString() : QString();
        fail(message);
    }
}

void ModelsVm::fail(const QString& message)
{
    m_errorText = message;
    Q_EMIT changed();
}

void ModelsVm::importFrom(const QUrl& place, bool link)
{
    const QString path = place.isLocalFile() ? place.toLocalFile() : place.toString();
    m_importName = path.section(QLatin1Char('/'), -1, -1, QString::SectionSkipEmpty);
    m_importPhase = QStringLiteral("waiting");
    m_importBytes = 0;
    m_importTotal = 0;
    m_errorText.clear();
    m_node.call(QStringLiteral("model.import"),
        { { QStringLiteral("path"), path }, { QStringLiteral("link"), link },
            { QStringLiteral("wait"), false } },
        this, [this](const NodeReply& reply) {
            m_import = reply.result.value(QStringLiteral("import")).toInt();
            fail(reply.error);
        });
}

void ModelsVm::cancelImport()
{
    m_node.call(
        QStringLiteral("model.cancel"), { { QStringLiteral("import"), m_import } }, this, {});
}

void ModelsVm::remove(const QString& id)
{
    m_node.call(QStringLiteral("model.remove"), { { QStringLiteral("model"), id } }, this,
        [this](const NodeReply& reply) { fail(reply.error); });
}

void ModelsVm::exportTo(const QString& id, const QUrl& file, const QString& type)
{
    m_isExporting = true;
    m_exported.clear();
    fail({});
    m_node.call(QStringLiteral("model.export"),
        { { QStringLiteral("model"), id }, { QStringLiteral("out"), file.toLocalFile() },
            { QStringLiteral("type"), type }, { QStringLiteral("wait"), false } },
        this, [this](const NodeReply& reply) {
            if (!reply.isOk()) {
                m_isExporting = false;
                fail(reply.error);
            }
        });
}

void ModelsVm::reset()
{
    m_exported.clear();
    fail({});
}

QVariantMap ModelsVm::record(const QString& id) const
{
    for (const RecordsModel* list : { &m_models, &m_usable }) {
        for (const QJsonObject& model : list->records()) {
            if (model.value(QStringLiteral("id")).toString() == id) {
                return model.toVariantMap();
            }
        }
    }
    return {};
}

} // namespace loam::desktop
