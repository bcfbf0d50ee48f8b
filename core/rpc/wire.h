// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QByteArray>
#include <QJsonObject>
#include <QString>
#include <QStringView>

#include <optional>

namespace loam::rpc {

/// Longest line either side accepts, in bytes, without its line feed.
inline constexpr qsizetype kMaxLineBytes = 4 * 1024 * 1024;

/// Codes of JSON-RPC 2.0, section 5.1, and the one that carries a failure of Loam's own.
enum class Code : int {
    ParseError = -32700, ///< the line is not a JSON object, or too long
    InvalidRequest = -32600, ///< JSON, but no request
    MethodNotFound = -32601,
    InvalidParams = -32602,
    Internal = -32603,
    Failed = -32000, ///< the method ran and failed; `error.data.errc` holds base::errcName
};

/// The folder of a node: `given` if not empty, else $LOAM_HOME, else $XDG_DATA_HOME/loam, else
/// ~/.local/share/loam. Always absolute.
QString homeFolder(const QString& given = {});

/// `<home>/rpc.sock`.
QString socketPath(const QString& home);

/// The code whose base::errcName is `name`; nothing for a foreign name.
std::optional<base::Errc> errcFromName(QStringView name);

/// Text of an Error for a QString world.
inline QString messageOf(const base::Error& error)
{
    return QString::fromStdString(error.message);
}

/// One line, line feed included: a request, or a notification when `id` is below zero.
QByteArray encodeCall(qint64 id, const QString& method, const QJsonObject& params);
/// One line: the answer to request `id` (a number, a string or null, as it came).
QByteArray encodeResult(const QJsonValue& id, const QJsonObject& result);
QByteArray encodeError(const QJsonValue& id, Code code, const QString& message,
    std::optional<base::Errc> errc = std::nullopt);

/// Cuts a stream of bytes into lines and never holds more than one longest line.
class LineSplitter
{
public:
    /// Appends what arrived. Fails with Invalid once a line is longer than kMaxLineBytes; the
    /// connection is of no use after that.
    base::Result<> feed(const QByteArray& bytes);
    /// The next complete line without its line feed (a carriage return before it is dropped too).
    std::optional<QByteArray> next();

private:
    QByteArray m_buffer;
    qsizetype m_consumed{ 0 };
    qsizetype m_searched{ 0 };
};

/// The line as a JSON object; fails with Invalid and says where the text goes wrong.
base::Result<QJsonObject> decodeLine(const QByteArray& line);

} // namespace loam::rpc
