// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "node_api.h"
#include "records_model.h"

#include <QQmlEngine>
#include <QUrl>

namespace loam::desktop {

/// The models on this computer: list, import with progress, export, removal, and the devices that
/// can answer with them.
class ModelsVm final : public QObject
{
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by main")
    Q_PROPERTY(loam::desktop::RecordsModel* models READ models CONSTANT FINAL)
    Q_PROPERTY(loam::desktop::RecordsModel* devices READ devices CONSTANT FINAL)
    /// What can answer: complete and not too large for this computer; under each model its
    /// adapters.
    Q_PROPERTY(loam::desktop::RecordsModel* usable READ usable CONSTANT FINAL)
    Q_PROPERTY(bool known READ isKnown NOTIFY changed FINAL)
    Q_PROPERTY(bool importing READ isImporting NOTIFY changed FINAL)
    Q_PROPERTY(QString importName READ importName NOTIFY changed FINAL)
    /// waiting, checking or copying.
    Q_PROPERTY(QString importPhase READ importPhase NOTIFY changed FINAL)
    Q_PROPERTY(double importBytes READ importBytes NOTIFY changed FINAL)
    Q_PROPERTY(double importTotal READ importTotal NOTIFY changed FINAL)
    Q_PROPERTY(bool exporting READ isExporting NOTIFY changed FINAL)
    /// Where the last export went.
    Q_PROPERTY(QString exported READ exported NOTIFY changed FINAL)
    Q_PROPERTY(QString errorText READ errorText NOTIFY changed FINAL)

public:
    explicit ModelsVm(NodeApi& node, QObject* parent = nullptr);

    RecordsModel* models() { return &m_models; }
    RecordsModel* devices() { return &m_devices; }
    RecordsModel* usable() { return &m_usable; }
    bool isKnown() const { return m_isKnown; }
    bool isImporting() const { return m_import > 0; }
    QString importName() const { return m_importName; }
    QString importPhase() const { return m_importPhase; }
    double importBytes() const { return m_importBytes; }
    double importTotal() const { return m_importTotal; }
    bool isExporting() const { return m_isExporting; }
    QString exported() const { return m_exported; }
    QString errorText() const { return m_errorText; }

    Q_INVOKABLE void importFrom(const QUrl& place, bool link);
    Q_INVOKABLE void cancelImport();
    Q_INVOKABLE void remove(const QString& id);
    /// `type` is a weight type of a GGUF file; empty keeps the weights as they are.
    Q_INVOKABLE void exportTo(const QString& id, const QUrl& file, const QString& type);
    Q_INVOKABLE void reset();
    /// The fields of one model, empty when there is none.
    Q_INVOKABLE QVariantMap record(const QString& id) const;

Q_SIGNALS:
    void changed();
    void imported(const QString& id);

private:
    void refresh();
    void takeList(const QJsonArray& models);
    void loadAdapters();
    void takeAdapters(const QJsonArray& adapters);
    void showUsable();
    void takeNotification(const QString& method, const QJsonObject& payload);
    void fail(const QString& message);

    NodeApi& m_node;
    RecordsModel m_models;
    RecordsModel m_usable;
    RecordsModel m_devices;
    QJsonArray m_adapters; ///< of the owner's own, those that are ready
    bool m_isKnown{ false };
    int m_import{ 0 };
    QString m_importName;
    QString m_importPhase;
    double m_importBytes{ 0 };
    double m_importTotal{ 0 };
    bool m_isExporting{ false };
    QString m_exported;
    QString m_errorText;
};

} // namespace loam::desktop
