// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "node/corpora.h"
#include "node/log.h"
#include "node/round_driver.h"
#include "node/round_support.h"
#include "training/private_round.h"

#include <QJsonArray>
#include <QPointer>

#include <algorithm>
#include <charconv>
#include <set>

// The private lane's part of RoundDriver: train an adapter, sum with the group, commit to the
// group's record. From the commitment on the round goes the way of an open one.
namespace loam::node {

using base::Errc;

namespace {

    /// Windows of text, in tokens by the gate's estimate, below which a round is not worth its
    /// price.
    constexpr std::uint64_t kLeastWindows = 2;
    constexpr std::uint64_t kLoggedRounds = 10'000; ///< looked through for the last clip

    QJsonArray nodeList(const std::vector<base::PublicKey>& nodes)
    {
        QJsonArray out;
        for (const base::PublicKey& node : nodes) {
            out.append(QJsonObject{ { QStringLiteral("node"), hex(node.view()) } });
        }
        return out;
    }

    std::size_t updateSize(const training::RunManifest& manifest, const base::Hash256& run)
    {
        const ml::ParameterTable table{ manifest.model };
        return training::adapterOf(manifest, table, run).size();
    }

} // namespace

std::vector<base::PublicKey> RoundDriver::cohortOf(const ledger::Run& run) const
{
    std::vector<base::PublicKey> out;
    for (const ledger::Member& member : m_context.ledger.members(run.id)) {
        if (member.firstRound <= run.round && member.status != ledger::Membership::Left) {
            out.push_back(member.node);
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

std::uint32_t RoundDriver::clipOf(const ledger::Run& run, const training::PrivateTerms& terms) const
{
    // The ledger agreed on it with the rule of the last round that closed; the log keeps it.
    ledger::AuditQuery query;
    query.search = "round.closed";
    query.limit = kLoggedRounds;
    const auto entries = m_context.ledger.audit().entries(query);
    for (const ledger::AuditEntry& entry : entries ? *entries : std::vector<ledger::AuditEntry>{}) {
        if (entry.run != run.id || entry.kind != ledger::AuditKind::RoundClosed
            || entry.round >= run.round) {
            continue;
        }
        for (const auto& [name, value] : entry.details) {
            const std::size_t at = name == "rule" ? value.rfind(kClipInRule) : std::string::npos;
            if (at == std::string::npos) {
                continue;
            }
            const std::string_view digits
                = std::string_view{ value }.substr(at + kClipInRule.size());
            std::uint32_t clip = 0;
            const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), clip);
            if (read.ec == std::errc{} && clip > 0) {
                return clip;
            }
        }
    }
    return terms.clipMicro;
}

bool RoundDriver::isPrivate(const ledger::Run& run)
{
    const Work* work = workFor(run);
    return work != nullptr && work->manifest.privacy.has_value();
}

base::Result<> RoundDriver::mayJoin(const ledger::Run& run)
{
    if (isPrivate(run)) {
        TRY(m_context.consent.grantFor(run.id));
    }
    return {};
}

void RoundDriver::consentChanged()
{
    for (const auto& [id, work] : m_works) {
        if (!work || !work->permit) {
            continue;
        }
        if (const auto allowed = m_context.consent.check(*work->permit); !allowed) {
            stopPrivate(*work, allowed.error());
        }
    }
}

void RoundDriver::stopPrivate(Work& work, const base::Error& why)
{
    work.permit.reset();
    if (work.exchange && work.exchange->hasSent()) {
        return; // it ends by itself; nothing more is trained
    }
    work.refusal = "left the private round: " + why.message;
    qCInfo(lcTraining).noquote() << "private round" << work.round
                                 << "ends for this node:" << QString::fromStdString(why.message);
    // Each names its own end; the texts and the step under way go with the worker's process.
    if (const auto training = std::move(work.privateTraining)) {
        training->cancel(why);
    }
    if (work.exchange) {
        work.exchange->withdraw(why);
    }
}

void RoundDriver::maybeTrainPrivate(Work& work, const ledger::Run& run)
{
    if (work.exchange) {
        work.exchange->advance();
    }
    // A grant may also end by its date.
    consentChanged();
    if (work.training != Step::Idle || !m_mayTrain || coolingDown(work) || !work.refusal.empty()
        || wallTime() >= run.deadline()) {
        return;
    }
    const auto member = m_context.ledger.member(run.id, m_context.key.publicKey());
    if (!member || member->status != ledger::Membership::Active || member->firstRound > run.round
        || member->hasSubmitted(run.round)) {
        return;
    }
    const training::PrivateTerms& terms = *work.manifest.privacy;
    const auto judgement
        = training::judgeCohort(terms, updateSize(work.manifest, run.id), work.cohort.size());
    if (!judgement.isEnough) {
        work.refusal = judgement.sentence;
        qCWarning(lcTraining).noquote()
            << "private round" << run.round << QString::fromStdString(judgement.sentence);
        Q_EMIT trouble(QString::fromStdString(judgement.sentence));
        return;
    }
    if (terms.practice) {
        qCWarning(lcTraining).noquote() << QString::fromStdString(judgement.sentence);
    }
    if (work.exchange || startExchange(work, run)) {
        openPrivateRound(work, run);
    }
}

void RoundDriver::openPrivateRound(Work& work, const ledger::Run& run)
{
    work.training = Step::Running;
    const PrivateRoundTerms round{ .run = run.id,
        .round = run.round,
        .terms = *work.manifest.privacy,
        .size = updateSize(work.manifest, run.id),
        .group = work.exchange->members(),
        .cohort = work.cohort.size(),
        .leastTokens = std::uint64_t{ work.manifest.model.context } * kLeastWindows };
    m_context.consent.open(round,
        [self = QPointer{ this }, id = run.id, number = run.round, beacon = run.beacon](
            base::Result<DataService::Batches> batches) {
            Work* const found = self ? self->find(id) : nullptr;
            if (found == nullptr || found->round != number || found->beacon != beacon
                || !found->exchange) {
                return; // that round is over; what it cost is spent
            }
            if (batches) {
                self->trainPrivate(*found, std::move(*batches));
                return;
            }
            found->training = Step::Idle;
            if (batches.error().code == Errc::Denied) {
                // Final for the round; the owner, or the next round, may change it.
                found->refusal = batches.error().message;
            }
            self->failed(*found, "no private text for this round", batches.error());
        });
}

void RoundDriver::trainPrivate(Work& work, DataService::Batches batches)
{
    const std::uint64_t round = work.round;
    work.permit = std::move(batches.permit);
    QJsonObject job{ { QStringLiteral("job"), QStringLiteral("private_train") },
        { QStringLiteral("manifest"), pathText(work.files.manifest()) },
        { QStringLiteral("params"), pathText(work.files.parameters(round)) },
        { QStringLiteral("tokenizer"), pathText(work.base.tokenizer()) },
        { QStringLiteral("beacon"), hex(work.beacon.view()) },
        { QStringLiteral("node"), hex(m_context.key.publicKey().view()) },
        { QStringLiteral("run"), hex(work.id.view()) },
        { QStringLiteral("round"), static_cast<qint64>(round) },
        { QStringLiteral("clip"), static_cast<qint64>(work.clipMicro) },
        { QStringLiteral("group_members"), static_cast<qint64>(work.exchange->members()) },
        { QStringLiteral("output"),
            pathText(work.files.folder / ("vector-" + std::to_string(round))) } };
    const WorkMeans means = m_context.means();
    means.addTo(job);
    qCInfo(lcTraining) << "training private round" << round << "on" << batches.batch.texts.size()
                       << "texts;" << batches.batch.refused.size() << "files were refused";
    // A twentieth is never trained on: the meter compares with it.
    for (std::string& text : batches.batch.texts) {
        text = splitHeldOut(text).training;
    }
    work.privateTraining
        = std::make_unique<PrivateTraining>(PrivateTraining::Config{ .worker = m_context.trainer,
            .job = job,
            .texts = std::move(batches.batch.texts),
            .mayGoOn = [this, permit = *work.permit] { return m_context.consent.check(permit); },
            .progress =
                [this, round](const QJsonObject& progress) {
                    QJsonObject report = progress;
                    report[QLatin1String{ "round" }] = static_cast<qint64>(round);
                    Q_EMIT trainingProgress(report);
                },
            .done =
                [this, id = work.id, round, device = means.device](
                    base::Result<PrivateTraining::Trained> trained) {
                    m_context.trainedOn(device,
                        trained ? base::Result<QJsonObject>{ trained->facts }
                                : tl::unexpected{ trained.error() });
                    Work* const found = find(id);
                    if (found != nullptr && found->round == round) {
                        privateTrained(*found, std::move(trained));
                    }
                } });
    work.privateTraining->start();
}

bool RoundDriver::startExchange(Work& work, const ledger::Run& run)
{
    training::PrivateTerms terms = *work.manifest.privacy;
    terms.clipMicro = work.clipMicro;
    const auto groups = training::assignGroups(terms, run.beacon, run.round, work.cohort);
    const auto own = std::find_if(groups.begin(), groups.end(), [this](const auto& one) {
        return std::find(one.begin(), one.end(), m_context.key.publicKey()) != one.end();
    });
    if (own == groups.end()) {
        work.refusal = "this node is in no group of the round";
        return false;
    }
    training::GroupRound round;
    round.network = m_context.ledger.networkId();
    round.run = run.id;
    round.round = run.round;
    round.beacon = run.beacon;
    round.params = run.params;
    round.cohort = work.cohort;
    round.group = static_cast<std::uint32_t>(own - groups.begin());
    const auto maySend = [this, id = run.id, number = run.round]() -> base::Result<> {
        const Work* const found = find(id);
        if (found == nullptr || found->round != number || !found->permit) {
            return base::fail(Errc::Denied, "the owner's consent to this round has ended");
        }
        return m_context.consent.check(*found->permit);
    };
    work.exchange = std::make_unique<PrivateRound>(PrivateRound::Config{
        .key = m_context.key,
        .swarm = m_context.swarm,
        .terms = terms,
        .size = updateSize(work.manifest, run.id),
        .round = std::move(round),
        .group = *own,
        .window = run.terms.window,
        .maySend = maySend,
        .done =
            [this, id = run.id, number = run.round](base::Result<base::Bytes> record) {
                Work* found = find(id);
                if (found == nullptr || found->round != number) {
                    return;
                }
                if (!record) {
                    found->refusal = "left the private round: " + record.error().message;
                    failed(*found, "the private round gives this node no part", record.error());
                    return;
                }
                recorded(*found, *record);
            },
    });
    return true;
}

void RoundDriver::privateTrained(Work& work, base::Result<PrivateTraining::Trained> trained)
{
    // Deferred: this is called from inside the object.
    if (work.privateTraining) {
        work.privateTraining.release()->deleteLater();
    }
    if (trained && !work.exchange) {
        trained = base::fail(Errc::Unavailable, "the round is over");
    }
    if (!trained) {
        work.training = Step::Idle;
        if (work.refusal.empty()) {
            // Paid for, and not tried again: a round has one vector of a node.
            work.refusal = "training failed: " + trained.error().message;
        }
        work.permit.reset();
        failed(work, "training failed", trained.error());
        return;
    }
    const QJsonObject& facts = trained->facts;
    work.updateTokens = facts.value(QLatin1String{ "tokens" }).toInteger();
    qCInfo(lcTraining) << "private round" << work.round << "trained: norm"
                       << facts.value(QLatin1String{ "norm" }).toDouble() << "loss"
                       << facts.value(QLatin1String{ "loss_first" }).toDouble() << "->"
                       << facts.value(QLatin1String{ "loss_last" }).toDouble();
    work.exchange->setVector(std::move(trained->vector));
}

void RoundDriver::recorded(Work& work, const base::Bytes& record)
{
    work.permit.reset();
    const base::Hash256 commitment = crypto::sha256(record);
    if (auto kept = base::writeFileAtomically(work.files.ownUpdate(work.round), record); !kept) {
        failed(work, "cannot keep the group's record", kept.error());
        return;
    }
    trainFinished(work,
        { { QStringLiteral("commitment"), hex(commitment.view()) },
            { QStringLiteral("beacon"), hex(work.beacon.view()) },
            { QStringLiteral("bytes"), static_cast<qint64>(record.size()) },
            { QStringLiteral("tokens"), static_cast<qint64>(work.updateTokens) } });
    qCInfo(lcTraining) << "private round" << work.round << "summed: record"
                       << hex(commitment.view()).left(16) << "of" << record.size() << "bytes";
    advance();
}

base::Result<base::Bytes> RoundDriver::privateRequest(
    const base::PublicKey& from, std::string_view method, base::ByteView body)
{
    TRY_ASSIGN(const auto request, PrivateRound::Request::decode(body));
    Work* const work = find(request.address.run);
    const auto run = m_context.ledger.run(request.address.run);
    if (work == nullptr || !run || !work->manifest.privacy || work->round != request.address.round
        || !work->roundStarted) {
        return base::fail(Errc::Unavailable, "this node has not begun that private round");
    }
    // An organiser serves its group even while it trains itself.
    if (!work->exchange && run->phase == ledger::RunPhase::Open && run->round == work->round) {
        startExchange(*work, *run);
    }
    if (!work->exchange) {
        return base::fail(Errc::Denied, "this node takes no part in that private round");
    }
    return work->exchange->answer(from, method, request);
}

void RoundDriver::describePrivacy(const ledger::CloseRound& closure, QJsonObject& report) const
{
    const auto found = m_works.find(closure.run);
    if (found == m_works.end() || !found->second || !found->second->manifest.privacy) {
        return;
    }
    const training::PrivateTerms& terms = *found->second->manifest.privacy;
    const std::uint64_t rounds = m_context.consent.roundsSpent(closure.run);
    const auto cost
        = training::privateCost(terms, updateSize(found->second->manifest, closure.run), rounds);
    report[QLatin1String{ "clip" }] = training::fromMicro(found->second->clipMicro);
    report[QLatin1String{ "lane" }] = QStringLiteral("private");
    report[QLatin1String{ "practice" }] = terms.practice;
    report[QLatin1String{ "rounds_spent" }] = static_cast<qint64>(rounds);
    report[QLatin1String{ "rho" }] = cost.rho;
    report[QLatin1String{ "epsilon" }] = cost.epsilon;
    report[QLatin1String{ "delta" }] = cost.delta;
}

QJsonObject RoundDriver::privateJob(
    const ledger::Run& run, const std::vector<ledger::Member>& members, QJsonObject job) const
{
    const std::vector<base::PublicKey> present = cohortOf(run);
    std::set<base::PublicKey> leavers;
    std::set<base::Hash256> seen;
    for (const ledger::Member& member : members) {
        const base::Hash256& commitment = member.last->commitment;
        if (!seen.insert(commitment).second) {
            continue;
        }
        const auto bytes = base::readFile(
            updatePath(m_context.home, commitment), training::kMostTranscriptBytes);
        const auto record = bytes
            ? training::GroupRecord::decode(*bytes)
            : base::Result<training::GroupRecord>{ tl::unexpected{ bytes.error() } };
        if (!record) {
            continue; // the worker says so, as everybody's does
        }
        for (const base::PublicKey& node : record->cohort) {
            const auto known = std::binary_search(present.begin(), present.end(), node)
                ? std::nullopt
                : m_context.ledger.member(run.id, node);
            if (known && known->firstRound <= run.round && known->leftRound == run.round) {
                leavers.insert(node);
            }
        }
    }
    job[QLatin1String{ "job" }] = QStringLiteral("private_aggregate");
    job[QLatin1String{ "network" }] = hex(m_context.ledger.networkId().view());
    job[QLatin1String{ "members" }] = nodeList(present);
    const auto work = m_works.find(run.id);
    job[QLatin1String{ "clip" }]
        = static_cast<qint64>(work == m_works.end() ? 0 : work->second->clipMicro);
    job[QLatin1String{ "leavers" }] = nodeList({ leavers.begin(), leavers.end() });
    return job;
}

} // namespace loam::node
