// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/private_channel.h"

#include "crypto/secret.h"

#include <QUuid>

#include <span>
#include <string_view>

namespace loam::node {

namespace {

    /// Six times as much as JSON is still below the longest line that the worker takes.
    constexpr std::size_t kPieceBytes = std::size_t{ 128 } << 10U;

    const QString kName = QStringLiteral("texts");

    /// Where a piece of at most kPieceBytes ends without cutting a character.
    std::size_t pieceEnd(std::string_view text)
    {
        if (text.size() <= kPieceBytes) {
            return text.size();
        }
        std::size_t end = kPieceBytes;
        while (end > kPieceBytes - 4 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
            --end;
        }
        return end;
    }

} // namespace

QJsonObject sendPrivateTexts(WorkerProcess& worker, std::vector<std::string> texts)
{
    const QString name = QUuid::createUuid().toString(QUuid::WithoutBraces);
    qint64 part = 0;
    for (std::string& text : texts) {
        std::string_view left{ text };
        do {
            const std::size_t end = pieceEnd(left);
            const QString piece = QString::fromUtf8(left.data(), static_cast<qsizetype>(end));
            left.remove_prefix(end);
            worker.submit(
                { { QStringLiteral("job"), QStringLiteral("private_text") }, { kName, name },
                    { QStringLiteral("part"), part++ }, { QStringLiteral("text"), piece },
                    { QStringLiteral("ends"), left.empty() } },
                {}, [](const base::Result<QJsonObject>&) {}); // what is missing, the job finds
        } while (!left.empty());
        crypto::wipe(std::as_writable_bytes(std::span{ text }));
    }
    return { { kName, name }, { QStringLiteral("parts"), part } };
}

void cancelPrivateJob(WorkerProcess& worker, const QString& name)
{
    if (name.isEmpty()) {
        return;
    }
    worker.cancelIf(
        [&name](const QJsonObject& request) { return request.value(kName).toString() == name; });
}

} // namespace loam::node
