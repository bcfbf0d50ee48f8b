// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/private_channel.h"

#include "base/utf8.h"
#include "crypto/secret.h"

#include <QUuid>

#include <span>
#include <string_view>

namespace loam::node {

namespace {

    /// Six times as much as JSON is still below the longest line that the worker takes.
    constexpr std::size_t kPieceBytes = std::size_t{ 128 } << 10U;

    const QString kName = QStringLiteral("texts");

} // namespace

void sendPrivateTexts(WorkerProcess& worker, std::vector<std::string> texts, QJsonObject& job)
{
    const QString name = QUuid::createUuid().toString(QUuid::WithoutBraces);
    qint64 part = 0;
    for (std::string& text : texts) {
        std::string_view left{ text };
        do {
            const std::size_t end = base::wholeCharacters(left, kPieceBytes);
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
    job[kName] = name;
    job[QLatin1String{ "parts" }] = part;
}

void cancelPrivateJob(WorkerProcess& worker, const QJsonObject& job)
{
    const QString name = job.value(kName).toString();
    if (!name.isEmpty()) {
        worker.cancelIf([&name](const QJsonObject& request) {
            return request.value(kName).toString() == name;
        });
    }
}

} // namespace loam::node
