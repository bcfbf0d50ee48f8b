// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "node/log.h"
#include "node/round_driver.h"
#include "node/round_result.h"
#include "node/round_support.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QPointer>

#include <algorithm>
#include <chrono>

namespace loam::node {

using base::Errc;
using namespace std::chrono_literals;

namespace {

    constexpr auto kBodyDeadline = 10s;
    /// How long validators keep asking for a body that a member committed to but does not show.
    constexpr std::chrono::milliseconds kBodyPatience = 15s;

} // namespace

bool RoundDriver::isCommitted(const ledger::Run& run) const
{
    return run.phase == ledger::RunPhase::Open
        && (run.submitted == run.expected || wallTime() > run.deadline());
}

std::vector<ledger::Member> RoundDriver::submitters(const ledger::Run& run) const
{
    std::vector<ledger::Member> out;
    for (const ledger::Member& member : m_context.ledger.members(run.id)) {
        if (member.hasSubmitted(run.round)) {
            out.push_back(member);
        }
    }
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.node < b.node; });
    return out;
}

void RoundDriver::maybeAggregate(Work& work, const ledger::Run& run)
{
    if (!isCommitted(run)) {
        return;
    }
    const std::vector<ledger::Member> members = submitters(run);
    if (!reachesQuorum(run, members)) {
        ledger::CloseRound closure = voidRound(run, members);
        if (!work.closure || !(*work.closure == closure)) {
            setClosure(work, std::move(closure));
        }
        return;
    }
    if (!work.gathering.isValid()) {
        work.gathering.start();
    }
    bool complete = true;
    for (const ledger::Member& member : members) {
        const base::Hash256& commitment = member.last->commitment;
        std::error_code code;
        if (std::filesystem::exists(updatePath(m_context.home, commitment), code)
            || work.missing.contains(commitment)) {
            continue;
        }
        if (since(work.gathering) > kBodyPatience) {
            work.missing.insert(commitment);
            continue;
        }
        complete = false;
        fetchBody(work, member);
    }
    if (complete) {
        aggregate(work, run, members);
    }
}

void RoundDriver::fetchBody(Work& work, const ledger::Member& member)
{
    const base::Hash256 commitment = member.last->commitment;
    const std::filesystem::path target = updatePath(m_context.home, commitment);
    if (member.node == m_context.key.publicKey() && work.commitment == commitment) {
        std::error_code code;
        std::filesystem::copy_file(work.files.ownUpdate(work.round), target,
            std::filesystem::copy_options::overwrite_existing, code);
        return;
    }
    if (work.fetching.contains(commitment)) {
        return;
    }
    // The author first; whoever else is there may have it too, which helps when he is gone.
    const std::vector<swarm::PeerInfo> peers = m_context.swarm.peers();
    if (peers.empty()) {
        return;
    }
    const bool authorIsHere = std::any_of(peers.begin(), peers.end(),
        [&member](const swarm::PeerInfo& peer) { return peer.id == member.node; });
    const auto turn = static_cast<std::size_t>(work.gathering.elapsed() / 1000);
    const base::PublicKey from
        = authorIsHere && turn % 2 == 0 ? member.node : peers[turn % peers.size()].id;
    work.fetching.insert(commitment);
    // The callback runs on the network thread; only values go in and a queued call comes out.
    m_context.swarm.request(from, "update.get", base::toBytes(commitment.view()), kBodyDeadline,
        [self = QPointer{ this }, id = work.id, commitment, target](
            base::Result<base::Bytes> body) {
            QMetaObject::invokeMethod(
                qApp,
                [self, id, commitment, target, body = std::move(body)] {
                    Work* found = self ? self->find(id) : nullptr;
                    if (found == nullptr) {
                        return;
                    }
                    found->fetching.erase(commitment);
                    if (body && crypto::sha256(*body) == commitment
                        && base::writeFileAtomically(target, *body)) {
                        self->advance();
                    }
                },
                Qt::QueuedConnection);
        });
}

void RoundDriver::aggregate(Work& work, const ledger::Run& run, std::vector<ledger::Member> members)
{
    std::string key;
    QJsonArray updates;
    for (const ledger::Member& member : members) {
        const bool missing = work.missing.contains(member.last->commitment);
        const bool slashed = isSlashed(member);
        key += base::toHex(member.last->commitment.view()) + (missing ? 'm' : slashed ? 's' : 'a');
        if (!missing && !slashed) {
            updates.append(QJsonObject{ { QStringLiteral("node"), hex(member.node.view()) },
                { QStringLiteral("path"),
                    pathText(updatePath(m_context.home, member.last->commitment)) },
                { QStringLiteral("commitment"), hex(member.last->commitment.view()) },
                { QStringLiteral("tokens"), static_cast<qint64>(member.last->tokens) } });
        }
    }
    if (work.aggregationKey == key || coolingDown(work)) {
        return;
    }
    work.aggregationKey = key;
    work.aggregation = Step::Running;
    const std::uint64_t round = run.round;
    QJsonObject job{ { QStringLiteral("job"), QStringLiteral("aggregate") },
        { QStringLiteral("manifest"), pathText(work.files.manifest()) },
        { QStringLiteral("params"), pathText(work.files.parameters(round)) },
        { QStringLiteral("tokenizer"), pathText(work.base.tokenizer()) },
        { QStringLiteral("probe"), pathText(work.base.probe()) },
        { QStringLiteral("beacon"), hex(run.beacon.view()) },
        { QStringLiteral("run"), hex(run.id.view()) },
        { QStringLiteral("round"), static_cast<qint64>(round) },
        { QStringLiteral("updates"), updates },
        { QStringLiteral("output"), pathText(work.files.candidate(round)) },
        { QStringLiteral("threads"), m_context.means().threads } };
    if (work.manifest.privacy) {
        job = privateJob(run, members, std::move(job));
    }
    m_context.verifier.submit(job, {},
        [this, id = work.id, key, run, members = std::move(members)](
            base::Result<QJsonObject> result) {
            Work* found = find(id);
            if (found == nullptr || found->round != run.round || found->aggregationKey != key) {
                return;
            }
            if (!result) {
                found->aggregation = Step::Idle;
                found->aggregationKey.clear();
                failed(*found, "cannot recompute the round", result.error());
                return;
            }
            aggregated(*found, run, members, *result);
        });
}

void RoundDriver::aggregated(Work& work, const ledger::Run& run,
    const std::vector<ledger::Member>& members, const QJsonObject& result)
{
    std::string rule = work.manifest.rule == training::Rule::Mean ? "mean" : "nnm+cclip";
    if (work.manifest.privacy) {
        rule = "private sums, " + rule + std::string{ kClipInRule }
            + std::to_string(result.value(QLatin1String{ "next_clip" }).toInteger());
    }
    base::Result<ledger::CloseRound> closure = resultOf(run, members, std::move(rule), result);
    if (!closure) {
        failed(work, "the worker's answer is malformed", closure.error());
        return;
    }
    if (!hasAccepted(*closure)) {
        setClosure(work, std::move(*closure));
        return;
    }
    // The next round's file under its final name, so that every node makes the same torrent of it.
    const std::filesystem::path next = work.files.parameters(run.round + 1);
    std::error_code code;
    std::filesystem::rename(work.files.candidate(run.round), next, code);
    if (code) {
        failed(work, "cannot keep the new parameters", { Errc::Io, code.message() });
        return;
    }
    auto shard = m_context.swarm.publish(next);
    if (!shard) {
        failed(work, "cannot share the new parameters", shard.error());
        return;
    }
    auto infoHash = base::fromHex(shard->infoHashV2);
    closure->checkpoint = infoHash ? *infoHash : base::Bytes{};
    setClosure(work, std::move(*closure));
}

void RoundDriver::setClosure(Work& work, ledger::CloseRound closure)
{
    qCInfo(lcTraining) << "round" << closure.round << "recomputed: loss" << closure.lossBefore
                       << "->" << closure.lossAfter << "micro-nats a byte";
    work.aggregation = Step::Done;
    work.closure = std::move(closure);
    for (auto& [proposed, done] : std::exchange(work.waiting, {})) {
        done(proposed == *work.closure);
    }
    m_context.wake();
}

std::vector<ledger::CloseRound> RoundDriver::readyClosures() const
{
    std::vector<ledger::CloseRound> out;
    for (const auto& [id, work] : m_works) {
        if (!work || !work->closure) {
            continue;
        }
        // What is closed already is not offered again.
        const std::optional<ledger::Run> run = m_context.ledger.run(id);
        if (run && run->phase == ledger::RunPhase::Open && run->round == work->closure->round) {
            out.push_back(*work->closure);
        }
    }
    return out;
}

void RoundDriver::verify(const ledger::CloseRound& closure, std::function<void(bool)> done)
{
    const std::optional<ledger::Run> run = m_context.ledger.run(closure.run);
    Work* work = run ? workFor(*run) : nullptr;
    if (work == nullptr) {
        done(false);
        return;
    }
    if (work->closure && work->closure->round == closure.round) {
        if (!(*work->closure == closure)) {
            qCWarning(lcTraining) << "a proposed result of round" << closure.round
                                  << "is not what this node computes";
        }
        done(*work->closure == closure);
        return;
    }
    work->waiting.emplace_back(closure, std::move(done));
    advance();
}

void RoundDriver::closed(const ledger::CloseRound& closure, const QJsonObject& earned)
{
    QJsonArray accepted;
    QJsonArray refused;
    std::uint64_t bytes = 0;
    std::int64_t count = 0;
    bool ownApplied = false;
    for (const ledger::Contribution& one : closure.contributions) {
        std::error_code code;
        const auto size
            = std::filesystem::file_size(updatePath(m_context.home, one.commitment), code);
        if (one.verdict == ledger::Verdict::Accepted) {
            accepted.append(address(one.node));
            ownApplied = ownApplied || one.node == m_context.key.publicKey();
            bytes += code ? 0 : size;
            ++count;
        } else {
            refused.append(QJsonObject{ { QStringLiteral("node"), address(one.node) },
                { QStringLiteral("reason"), QString::fromStdString(one.reason) } });
        }
    }
    // Who was slashed before it sent an update of this round is on no list of contributions.
    for (const base::PublicKey& node : m_context.ledger.validatorSet().members) {
        const auto member = m_context.ledger.member(closure.run, node);
        if (member && isSlashed(*member) && member->leftRound == closure.round
            && std::ranges::find(closure.contributions, node, &ledger::Contribution::node)
                == closure.contributions.end()) {
            refused.append(QJsonObject{ { QStringLiteral("node"), address(node) },
                { QStringLiteral("reason"), QString::fromLatin1(kDoubleVote) } });
        }
    }
    const swarm::Traffic traffic = m_context.swarm.totals();
    QJsonObject report{ { QStringLiteral("run"), hex(closure.run.view()) },
        { QStringLiteral("round"), static_cast<qint64>(closure.round) },
        { QStringLiteral("loss_before"), static_cast<double>(closure.lossBefore) / 1e6 },
        { QStringLiteral("loss_after"), static_cast<double>(closure.lossAfter) / 1e6 },
        { QStringLiteral("accepted"), accepted }, { QStringLiteral("refused"), refused },
        { QStringLiteral("void"), closure.result == ledger::RoundResult::Void },
        { QStringLiteral("earned"), earned },
        { QStringLiteral("update_bytes"),
            count == 0 ? 0.0 : static_cast<double>(bytes) / static_cast<double>(count) },
        { QStringLiteral("bytes_sent"), static_cast<qint64>(traffic.totalSent - m_sentBefore) },
        { QStringLiteral("bytes_received"),
            static_cast<qint64>(traffic.totalReceived - m_receivedBefore) } };
    describePrivacy(closure, report);
    Q_EMIT roundClosed(report);
    m_sentBefore = traffic.totalSent;
    m_receivedBefore = traffic.totalReceived;

    Work* work = find(closure.run);
    if (work == nullptr || work->round != closure.round || work->training != Step::Done
        || work->manifest.privacy) {
        return;
    }
    // Before the next round trains, what was sent leaves the error feedback (or returns to it).
    m_context.trainer.submit(
        QJsonObject{ { QStringLiteral("job"), QStringLiteral("commit_state") },
            { QStringLiteral("manifest"), pathText(work->files.manifest()) },
            { QStringLiteral("run"), hex(closure.run.view()) },
            { QStringLiteral("state_out"), pathText(work->files.trainerStateAfter(closure.round)) },
            { QStringLiteral("state"), pathText(work->files.trainerState()) },
            { QStringLiteral("applied"), ownApplied } },
        {}, [](base::Result<QJsonObject> result) {
            if (!result) {
                qCWarning(lcTraining).noquote() << "optimiser state not kept:"
                                                << QString::fromStdString(result.error().message);
            }
        });
}

} // namespace loam::node
