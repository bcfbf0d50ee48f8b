// SPDX-License-Identifier: GPL-3.0-or-later
#include "audit_vm.h"

#include "format.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <array>

namespace loam::desktop {
namespace {

    struct Field
    {
        const char* name;
        const char* label;
        bool isMono;
    };

    constexpr std::array kFields{
        Field{ "index", QT_TRANSLATE_NOOP("loam::desktop::AuditVm", "Entry"), false },
        Field{ "time", QT_TRANSLATE_NOOP("loam::desktop::AuditVm", "Time"), false },
        Field{ "height", QT_TRANSLATE_NOOP("loam::desktop::AuditVm", "Block"), false },
        Field{ "node", QT_TRANSLATE_NOOP("loam::desktop::AuditVm", "Node"), true },
        Field{ "peer", QT_TRANSLATE_NOOP("loam::desktop::AuditVm", "Other side"), true },
        Field{ "run", QT_TRANSLATE_NOOP("loam::desktop::AuditVm", "Run"), true },
        Field{ "round", QT_TRANSLATE_NOOP("loam::desktop::AuditVm", "Round"), false },
        Field{ "amount", QT_TRANSLATE_NOOP("loam::desktop::AuditVm", "Amount"), false },
    };

    QString readable(const char* name, const QJsonValue& value)
    {
        const QLatin1String field(name);
        if (field == QLatin1String("time")) {
            return Format::exactTime(value.toDouble());
        }
        if (field == QLatin1String("amount")) {
            return Format::signedAmount(value.toString());
        }
        return value.isDouble() ? Format::count(value.toDouble()) : value.toVariant().toString();
    }

    QString compact(const QJsonValue& value)
    {
        if (value.isObject()) {
            return QString::fromUtf8(
                QJsonDocument(value.toObject()).toJson(QJsonDocument::Compact));
        }
        if (value.isArray()) {
            return QString::fromUtf8(QJsonDocument(value.toArray()).toJson(QJsonDocument::Compact));
        }
        return value.toVariant().toString();
    }

    bool looksLikeHash(const QString& text)
    {
        return text.size() >= 32 && !text.contains(QLatin1Char(' '));
    }

} // namespace

AuditVm::AuditVm(NodeApi& node, QObject* parent)
    : CommandVm{ node, parent }
    , m_log{ node }
{
}

QVariantList AuditVm::fields() const
{
    QVariantList list;
    const auto add = [&list](const QString& name, const QString& value, bool isMono) {
        if (!value.isEmpty()) {
            list.append(QVariantMap{ { QStringLiteral("name"), name },
                { QStringLiteral("value"), value }, { QStringLiteral("mono"), isMono } });
        }
    };
    for (const Field& field : kFields) {
        const QJsonValue value = m_entry.value(QLatin1String(field.name));
        const bool isNothing = value.isUndefined() || value.isNull()
            || value == QJsonValue(QString())
            || (QLatin1String(field.name) == QLatin1String("amount")
                && Format::isZero(value.toString()));
        if (!isNothing) {
            add(tr(field.label), readable(field.name, value), field.isMono);
        }
    }
    const QJsonValue details = m_entry.value(QStringLiteral("details"));
    if (details.isString()) {
        add(tr("Details"), details.toString(), false);
    }
    const QJsonObject more = details.toObject();
    for (auto it = more.begin(); it != more.end(); ++it) {
        const QString value = compact(it.value());
        add(Format::kindWord(it.key()), value, looksLikeHash(value));
    }
    return list;
}

QString AuditVm::text() const
{
    const auto field
        = [this](const char* name) { return m_entry.value(QLatin1String(name)).toString(); };
    return Format::entryText(field("kind"), field("text"), field("reason"), field("amount"));
}

void AuditVm::setProof(Verdict verdict, const QJsonObject& proof)
{
    m_verdict = verdict;
    m_proof = proof;
    Q_EMIT verdictChanged();
}

QJsonObject AuditVm::indexParams() const
{
    return { { QStringLiteral("index"), m_index } };
}

void AuditVm::open(double index)
{
    m_index = index;
    m_entry = {};
    setProof(Unknown, {});
    Q_EMIT entryChanged();
    setState(Busy);
    node().call(
        QStringLiteral("audit.show"), indexParams(), this, [this, index](const NodeReply& reply) {
            if (index != m_index) {
                return;
            }
            setState(reply.isOk() ? Idle : Failed, reply.error);
            m_entry = reply.result;
            Q_EMIT entryChanged();
        });
}

void AuditVm::close()
{
    m_index = -1;
    m_entry = {};
    setState(Idle);
    setProof(Unknown, {});
    Q_EMIT entryChanged();
}

void AuditVm::verify()
{
    setState(Busy);
    setProof(Unknown, {});
    const double index = m_index;
    node().call(
        QStringLiteral("audit.verify"), indexParams(), this, [this, index](const NodeReply& reply) {
            if (index != m_index) {
                return;
            }
            setState(reply.isOk() ? Idle : Failed, reply.error);
            if (reply.isOk()) {
                const bool verified = reply.result.value(QStringLiteral("verified")).toBool();
                setProof(verified ? Verified : Refuted, reply.result);
            }
        });
}

void AuditVm::exportProof(const QUrl& file)
{
    command(QStringLiteral("audit.prove"), indexParams(), [this, file](const QJsonObject& result) {
        saveAs(file, result.value(QStringLiteral("file")).toString());
    });
}

} // namespace loam::desktop
