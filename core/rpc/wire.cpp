// SPDX-License-Identifier: GPL-3.0-or-later
#include "rpc/wire.h"

#include <QDir>
#include <QJsonDocument>
#include <QJsonValue>
#include <QStandardPaths>

#include <array>
#include <utility>

namespace loam::rpc {

using base::Errc;
using base::fail;

namespace {

    constexpr auto kErrcs = std::to_array<Errc>({ Errc::Invalid, Errc::NotFound, Errc::Io,
        Errc::Corrupt, Errc::Denied, Errc::Unavailable, Errc::Cancelled, Errc::Timeout });

    QByteArray toLine(const QJsonObject& object)
    {
        return QJsonDocument{ object }.toJson(QJsonDocument::Compact) + '\n';
    }

    QJsonObject envelope()
    {
        return { { QStringLiteral("jsonrpc"), QStringLiteral("2.0") } };
    }

} // namespace

QString homeFolder(const QString& given)
{
    QString path = given;
    if (path.isEmpty()) {
        path = qEnvironmentVariable("LOAM_HOME");
    }
    if (path.isEmpty()) {
        path = QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation)
            + QStringLiteral("/loam");
    }
    return QDir::cleanPath(QDir{ path }.absolutePath());
}

QString socketPath(const QString& home)
{
    return home + QStringLiteral("/rpc.sock");
}

std::optional<Errc> errcFromName(QStringView name)
{
    for (const Errc code : kErrcs) {
        const std::string_view text = base::errcName(code);
        if (name == QLatin1StringView{ text.data(), static_cast<qsizetype>(text.size()) }) {
            return code;
        }
    }
    return std::nullopt;
}

QByteArray encodeCall(qint64 id, const QString& method, const QJsonObject& params)
{
    QJsonObject object = envelope();
    object[QStringLiteral("method")] = method;
    object[QStringLiteral("params")] = params;
    if (id >= 0) {
        object[QStringLiteral("id")] = id;
    }
    return toLine(object);
}

QByteArray encodeResult(const QJsonValue& id, const QJsonObject& result)
{
    QJsonObject object = envelope();
    object[QStringLiteral("id")] = id;
    object[QStringLiteral("result")] = result;
    return toLine(object);
}

QByteArray encodeError(
    const QJsonValue& id, Code code, const QString& message, std::optional<Errc> errc)
{
    QJsonObject error{ { QStringLiteral("code"), static_cast<int>(code) },
        { QStringLiteral("message"), message } };
    if (errc) {
        const std::string_view name = base::errcName(*errc);
        error[QStringLiteral("data")] = QJsonObject{ { QStringLiteral("errc"),
            QString::fromLatin1(name.data(), static_cast<qsizetype>(name.size())) } };
    }
    QJsonObject object = envelope();
    object[QStringLiteral("id")] = id;
    object[QStringLiteral("error")] = error;
    return toLine(object);
}

base::Result<> LineSplitter::feed(const QByteArray& bytes)
{
    m_buffer.remove(0, m_consumed);
    m_searched -= m_consumed;
    m_consumed = 0;
    m_buffer += bytes;
    // Only the line under way can grow: complete ones are taken before more is fed.
    const qsizetype lastFeed = m_buffer.lastIndexOf('\n');
    const qsizetype firstFeed = m_buffer.indexOf('\n', m_searched);
    const qsizetype longest
        = firstFeed < 0 ? m_buffer.size() : std::max(firstFeed, m_buffer.size() - lastFeed - 1);
    if (longest > kMaxLineBytes) {
        return fail(
            Errc::Invalid, "a line is longer than " + std::to_string(kMaxLineBytes) + " bytes");
    }
    return {};
}

std::optional<QByteArray> LineSplitter::next()
{
    const qsizetype end = m_buffer.indexOf('\n', std::max(m_searched, m_consumed));
    if (end < 0) {
        m_searched = m_buffer.size();
        return std::nullopt;
    }
    qsizetype size = end - m_consumed;
    if (size > 0 && m_buffer.at(end - 1) == '\r') {
        --size;
    }
    QByteArray line = m_buffer.mid(m_consumed, size);
    m_consumed = end + 1;
    m_searched = m_consumed;
    return line;
}

base::Result<QJsonObject> decodeLine(const QByteArray& line)
{
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(line, &error);
    if (error.error != QJsonParseError::NoError) {
        return fail(Errc::Corrupt,
            "not JSON at byte " + std::to_string(error.offset) + ": "
                + error.errorString().toStdString());
    }
    if (!document.isObject()) {
        return fail(Errc::Invalid, "a line must hold one JSON object");
    }
    return document.object();
}

} // namespace loam::rpc
