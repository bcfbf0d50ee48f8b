// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/private_training.h"

#include "base/file.h"
#include "crypto/secret.h"
#include "node/private_channel.h"

#include <QPointer>

#include <filesystem>

namespace loam::node {

using base::Errc;

namespace {

    constexpr std::size_t kMostVectorBytes = std::size_t{ 4 } << 20U;

    std::vector<std::uint32_t> fromLittleEndian(base::ByteView bytes)
    {
        std::vector<std::uint32_t> out(bytes.size() / 4);
        for (std::size_t i = 0; i < out.size() * 4; ++i) {
            out[i / 4] |= std::to_integer<std::uint32_t>(bytes[i]) << (8 * (i % 4));
        }
        return out;
    }

} // namespace

PrivateTraining::PrivateTraining(Config config)
    : m_config{ std::move(config) }
{
}

PrivateTraining::~PrivateTraining()
{
    m_config.done = {};
    cancel({ Errc::Cancelled, "the round is over" });
}

void PrivateTraining::start()
{
    removeVector();
    sendPrivateTexts(m_config.worker, std::move(m_config.texts), m_config.job);
    m_config.worker.submit(
        m_config.job,
        [self = QPointer{ this }](const QJsonObject& progress) {
            if (!self || self->m_isOver) {
                return;
            }
            if (const auto allowed = self->m_config.mayGoOn(); !allowed) {
                self->cancel(allowed.error());
                return;
            }
            if (self->m_config.progress) {
                self->m_config.progress(progress);
            }
        },
        [self = QPointer{ this }](base::Result<QJsonObject> result) {
            if (self) {
                self->finished(std::move(result));
            }
        });
}

void PrivateTraining::cancel(const base::Error& why)
{
    if (m_isOver) {
        return;
    }
    m_isOver = true;
    cancelPrivateJob(m_config.worker, m_config.job);
    removeVector();
    if (auto done = std::exchange(m_config.done, {})) {
        done(tl::unexpected{ why });
    }
}

void PrivateTraining::finished(base::Result<QJsonObject> result)
{
    if (m_isOver) {
        return;
    }
    m_isOver = true;
    const auto done = std::exchange(m_config.done, {});
    if (const auto allowed = m_config.mayGoOn(); result && !allowed) {
        result = tl::unexpected{ allowed.error() };
    }
    if (!result) {
        removeVector();
        done(tl::unexpected{ std::move(result).error() });
        return;
    }
    // A file, because up to 4 MiB of numbers are no line of JSON; it is the owner's alone, holds
    // what will be sent under a mask (never text), and is gone as soon as it is read.
    auto bytes = base::readFile(
        m_config.job.value(QLatin1String{ "output" }).toString().toStdString(), kMostVectorBytes);
    removeVector();
    if (!bytes) {
        done(tl::unexpected{ std::move(bytes).error() });
        return;
    }
    Trained trained{ fromLittleEndian(*bytes), *result };
    crypto::wipe(*bytes);
    done(std::move(trained));
}

void PrivateTraining::removeVector() const
{
    std::error_code ignored;
    std::filesystem::remove(
        m_config.job.value(QLatin1String{ "output" }).toString().toStdString(), ignored);
}

} // namespace loam::node
