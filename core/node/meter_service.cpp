// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/meter_service.h"

#include "base/file.h"
#include "node/log.h"
#include "node/private_channel.h"

#include <QJsonDocument>
#include <QPointer>

#include <numeric>

namespace loam::node {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::size_t kMostKept = std::size_t{ 64 } << 10U;
    /// Below this the part held out of the owner's text is too small to compare with.
    constexpr std::size_t kLeastHeldOut = std::size_t{ 6 } << 10U;
    constexpr std::size_t kMostProbe = std::size_t{ 1 } << 20U;

    /// The newest grant for work at home that holds now.
    Result<consent::GrantId> grantAtHome(consent::Records& records)
    {
        for (const consent::GrantRecord& record : records.grants()) {
            if (record.grant.purpose == consent::Purpose::Adapter && !record.revoked
                && record.grant.until > records.clock().now()) {
                return record.grant.id;
            }
        }
        return fail(Errc::Denied,
            "to measure, Loam has to read your text on this computer: grant it work at home, on My "
            "data or with `loamctl data grant`");
    }

    /// The texts of files with these contents, in their order; without any, all.
    std::vector<std::string> ofTraining(
        consent::ReleasedBatch batch, const std::set<base::Hash256>& contents)
    {
        std::vector<std::string> out;
        for (std::size_t i = 0; i < batch.texts.size(); ++i) {
            if (contents.empty() || contents.contains(batch.contents[i])) {
                out.push_back(std::move(batch.texts[i]));
            }
        }
        return out;
    }

} // namespace

MeterService::MeterService(DataService& data, WorkerProcess& worker, std::filesystem::path kept)
    : m_data{ data }
    , m_worker{ worker }
    , m_kept{ std::move(kept) }
{
    if (const auto bytes = base::readFile(m_kept, kMostKept)) {
        const QJsonObject last
            = QJsonDocument::fromJson(QByteArray{ reinterpret_cast<const char*>(bytes->data()),
                                          static_cast<qsizetype>(bytes->size()) })
                  .object();
        if (!last.isEmpty()) {
            m_last = last;
        }
    }
}

MeterService::~MeterService() = default;

void MeterService::measure(const Request& request, Done done)
{
    if (m_isBusy) {
        done(fail(Errc::Unavailable, "a measurement runs already"));
        return;
    }
    const auto grant = request.grant ? Result<consent::GrantId>{ *request.grant }
                                     : grantAtHome(m_data.records());
    if (!grant) {
        done(tl::unexpected{ grant.error() });
        return;
    }
    m_isBusy = true;
    const consent::RunTerms terms{ .run = {}, .purpose = consent::Purpose::Adapter };
    m_data.batches({ .grant = *grant, .run = terms, .round = 0, .cost = {}, .leastTokens = 1 },
        [self = QPointer{ this }, request, done](Result<DataService::Batches> batches) {
            if (!self) {
                done(fail(Errc::Cancelled, "the node is ending"));
            } else if (!batches) {
                self->m_isBusy = false;
                done(tl::unexpected{ std::move(batches).error() });
            } else {
                self->start(request, std::move(*batches), done);
            }
        });
}

void MeterService::start(const Request& request, DataService::Batches batches, Done done)
{
    std::vector<std::string> texts = ofTraining(std::move(batches.batch), request.contents);
    // As training divides them: a part of each text is never trained on.
    const std::size_t members = setHeldOutApart(texts, request.heldOutEvery);
    const std::size_t heldOut
        = std::accumulate(texts.begin() + static_cast<std::ptrdiff_t>(members), texts.end(),
            std::size_t{ 0 }, [](std::size_t sum, const auto& text) { return sum + text.size(); });
    QJsonObject job = request.model;
    const bool hasOwn = heldOut >= kLeastHeldOut || request.probe.empty();
    if (!hasOwn) {
        auto probe = base::readFile(request.probe, kMostProbe);
        if (!probe) {
            m_isBusy = false;
            done(tl::unexpected{ std::move(probe).error() });
            return;
        }
        texts.resize(members);
        texts.emplace_back(base::asText(*probe));
    }
    job[QLatin1String{ "job" }] = QStringLiteral("meter");
    job[QLatin1String{ "members" }] = static_cast<qint64>(members);
    job[QLatin1String{ "delta" }]
        = static_cast<double>(m_data.records().terms().deltaPerBillion) / 1e9;
    sendPrivateTexts(m_worker, std::move(texts), job);
    // Whoever revokes meanwhile ends it.
    auto* const watch = new QObject{ this };
    connect(&m_data, &DataService::changed, watch, [this, permit = batches.permit, job] {
        if (!m_data.gate().check(permit)) {
            cancelPrivateJob(m_worker, job);
        }
    });
    m_worker.submit(job, {},
        [self = QPointer{ this }, watch = QPointer{ watch }, request, hasOwn, done](
            Result<QJsonObject> result) {
            if (!self) {
                done(fail(Errc::Cancelled, "the node is ending"));
                return;
            }
            delete watch.data();
            self->m_isBusy = false;
            if (result) {
                (*result)[QLatin1String{ "compared" }]
                    = hasOwn ? QStringLiteral("held_out") : QStringLiteral("probe");
            }
            done(self->keep(request, std::move(result)));
        });
}

Result<QJsonObject> MeterService::keep(const Request& request, Result<QJsonObject> result)
{
    if (!result) {
        return result;
    }
    QJsonObject out = *result;
    out.remove(QStringLiteral("id"));
    out.remove(QStringLiteral("ok"));
    for (auto field = request.subject.begin(); field != request.subject.end(); ++field) {
        out[field.key()] = field.value();
    }
    out[QLatin1String{ "time" }]
        = static_cast<double>(m_data.records().clock().now().time_since_epoch().count()) / 1e3;
    const QByteArray bytes = QJsonDocument{ out }.toJson(QJsonDocument::Compact);
    if (const auto written = base::writeFileAtomically(m_kept,
            base::asBytes({ bytes.constData(), static_cast<std::size_t>(bytes.size()) }),
            base::FileAccess::OwnerOnly);
        !written) {
        qCWarning(lcNode).noquote() << QString::fromStdString(written.error().message);
    }
    m_last = out;
    Q_EMIT measured();
    return out;
}

} // namespace loam::node
