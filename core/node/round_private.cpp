// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "crypto/random.h"
#include "node/log.h"
#include "node/round_driver.h"
#include "node/round_support.h"
#include "training/private_round.h"

#include <QJsonArray>

#include <algorithm>
#include <set>

// The private lane's part of RoundDriver: train an adapter, sum with the group, commit to the
// group's record. From the commitment on the round goes the way of an open one.
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

    QJsonArray nodeList(const std::vector<base::PublicKey>& nodes)
    {
        QJsonArray out;
        for (const base::PublicKey& node : nodes) {
            out.append(QJsonObject{ { QStringLiteral("node"), hex(node.view()) } });
        }
        return out;
    }

    std::filesystem::path vectorPath(const RunFiles& files, std::uint64_t round)
    {
        return files.folder / ("vector-" + std::to_string(round));
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

void RoundDriver::maybeTrainPrivate(Work& work, const ledger::Run& run)
{
    if (work.exchange) {
        work.exchange->advance();
    }
    if (work.training != Step::Idle || !m_mayTrain || coolingDown(work) || !work.refusal.empty()
        || wallTime() >= run.deadline()) {
        return;
    }
    const auto member = m_context.ledger.member(run.id, m_context.key.publicKey());
    if (!member || member->status != ledger::Membership::Active || member->firstRound > run.round
        || member->hasSubmitted(run.round)) {
        return;
    }
    const auto joined = m_context.store.joinedRuns();
    if (!joined) {
        return;
    }
    const auto mine = std::find_if(
        joined->begin(), joined->end(), [&run](const JoinedRun& one) { return one.run == run.id; });
    if (mine == joined->end()) {
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
    const auto corpora = textFiles(mine->corpora);
    if (!corpora) {
        failed(work, "cannot read the text to train on", corpora.error());
        return;
    }
    if (!work.exchange) {
        startExchange(work, run);
    }
    if (!work.exchange) {
        return;
    }
    const auto groups = training::assignGroups(terms, run.beacon, run.round, work.cohort);
    const auto group = std::find_if(groups.begin(), groups.end(), [this](const auto& one) {
        return std::find(one.begin(), one.end(), m_context.key.publicKey()) != one.end();
    });
    work.training = Step::Running;
    const std::uint64_t round = run.round;
    const QJsonObject job{ { QStringLiteral("job"), QStringLiteral("private_train") },
        { QStringLiteral("manifest"), pathText(work.files.manifest()) },
        { QStringLiteral("params"), pathText(work.files.parameters(round)) },
        { QStringLiteral("tokenizer"), pathText(work.base.tokenizer()) },
        { QStringLiteral("corpus"), *corpora },
        { QStringLiteral("beacon"), hex(run.beacon.view()) },
        { QStringLiteral("node"), hex(m_context.key.publicKey().view()) },
        { QStringLiteral("run"), hex(run.id.view()) },
        { QStringLiteral("round"), static_cast<qint64>(round) },
        { QStringLiteral("group_members"), static_cast<qint64>(group->size()) },
        { QStringLiteral("output"), pathText(vectorPath(work.files, round)) },
        { QStringLiteral("threads"), m_context.threads } };
    qCInfo(lcTraining) << "training private round" << round;
    m_context.trainer.submit(
        job,
        [this, round](const QJsonObject& progress) {
            QJsonObject report = progress;
            report[QLatin1String{ "round" }] = static_cast<qint64>(round);
            Q_EMIT trainingProgress(report);
        },
        [this, id = work.id, round](base::Result<QJsonObject> result) {
            Work* found = find(id);
            if (found == nullptr || found->round != round) {
                return;
            }
            if (!result) {
                found->training = Step::Idle;
                failed(*found, "training failed", result.error());
                return;
            }
            privateTrained(*found, *result);
        });
}

void RoundDriver::startExchange(Work& work, const ledger::Run& run)
{
    const training::PrivateTerms& terms = *work.manifest.privacy;
    const std::size_t size = updateSize(work.manifest, run.id);
    const auto groups = training::assignGroups(terms, run.beacon, run.round, work.cohort);
    const auto own = std::find_if(groups.begin(), groups.end(), [this](const auto& one) {
        return std::find(one.begin(), one.end(), m_context.key.publicKey()) != one.end();
    });
    if (own == groups.end()) {
        work.refusal = "this node is in no group of the round";
        return;
    }
    training::GroupRound round;
    round.network = m_context.ledger.networkId();
    round.run = run.id;
    round.round = run.round;
    round.beacon = run.beacon;
    round.params = run.params;
    round.cohort = work.cohort;
    round.group = static_cast<std::uint32_t>(own - groups.begin());
    const auto spend = [this, terms, size, id = run.id, number = run.round]() -> base::Result<> {
        const std::uint64_t rounds = m_context.privacy.roundsSpent(id) + 1;
        if (rounds > terms.rounds) {
            return base::fail(Errc::Denied, "all rounds that the run promised are spent");
        }
        const auto cost = training::privateCost(terms, size, rounds);
        const double each = training::zeroConcentrated(training::fromMicro(terms.noiseMicro), 1);
        return m_context.privacy.spend({ id, number, each, cost.epsilon, cost.delta, wallTime() },
            training::fromMicro(terms.epsilonMicro));
    };
    work.exchange = std::make_unique<PrivateRound>(PrivateRound::Config{
        .key = m_context.key,
        .swarm = m_context.swarm,
        .terms = terms,
        .size = size,
        .round = std::move(round),
        .group = *own,
        .window = run.terms.window,
        .spend = spend,
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
}

void RoundDriver::privateTrained(Work& work, const QJsonObject& result)
{
    const std::filesystem::path path = vectorPath(work.files, work.round);
    auto bytes = base::readFile(path, kMostVectorBytes);
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    if (!bytes || !work.exchange) {
        work.training = Step::Idle;
        failed(work, "cannot read the trained vector",
            bytes ? base::Error{ Errc::Unavailable, "the round is over" } : bytes.error());
        return;
    }
    work.updateTokens = result.value(QLatin1String{ "tokens" }).toInteger();
    qCInfo(lcTraining) << "private round" << work.round << "trained: norm"
                       << result.value(QLatin1String{ "norm" }).toDouble() << "loss"
                       << result.value(QLatin1String{ "loss_first" }).toDouble() << "->"
                       << result.value(QLatin1String{ "loss_last" }).toDouble();
    work.exchange->setVector(fromLittleEndian(*bytes));
    crypto::wipe(*bytes);
}

void RoundDriver::recorded(Work& work, const base::Bytes& record)
{
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
    const std::uint64_t rounds = m_context.privacy.roundsSpent(closure.run);
    const auto cost
        = training::privateCost(terms, updateSize(found->second->manifest, closure.run), rounds);
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
    job[QLatin1String{ "leavers" }] = nodeList({ leavers.begin(), leavers.end() });
    return job;
}

} // namespace loam::node
