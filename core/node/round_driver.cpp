// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/round_driver.h"

#include "base/file.h"
#include "node/log.h"
#include "node/round_support.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <algorithm>
#include <chrono>

namespace loam::node {

using base::Errc;
using namespace std::chrono_literals;

namespace {

    constexpr auto kTick = 500ms;
    constexpr std::chrono::milliseconds kRetryAfter = 3s;
    constexpr std::size_t kMaxFactsBytes = 4096;
    constexpr std::size_t kMaxUpdateBytes = std::size_t{ 64 } << 20U;
    constexpr std::uint64_t kKeptRounds = 2;

} // namespace

RoundDriver::RoundDriver(Context context)
    : m_context{ std::move(context) }
{
    m_tick.setInterval(kTick);
    connect(&m_tick, &QTimer::timeout, this, qOverload<>(&RoundDriver::advance));
    m_tick.start();
}

void RoundDriver::setMayTrain(bool mayTrain)
{
    m_mayTrain = mayTrain;
    if (mayTrain) {
        m_context.trainer.resume();
    } else {
        m_context.trainer.pause();
    }
    advance();
}

void RoundDriver::advance()
{
    for (const ledger::Run& run : runs()) {
        std::error_code ignored;
        const bool isFinished = run.phase == ledger::RunPhase::Finished;
        if (isFinished && !find(run.id)
            && !std::filesystem::exists(RunFiles::at(m_context.home, run.id).folder, ignored)) {
            // It ended before this node was there.
            continue;
        }
        Work* work = workFor(run);
        if (work == nullptr) {
            continue;
        }
        if (!isFinished) {
            advance(*work, run);
        } else if (ensureBase(*work)) {
            ensureParams(*work, run);
        }
    }
}

std::vector<ledger::Run> RoundDriver::runs() const
{
    auto found = m_context.ledger.runs();
    if (!found) {
        qCWarning(lcTraining).noquote()
            << "cannot read the runs:" << QString::fromStdString(found.error().message);
        return {};
    }
    return std::move(*found);
}

RoundDriver::Work* RoundDriver::find(const ledger::RunId& id)
{
    const auto found = m_works.find(id);
    return found == m_works.end() ? nullptr : found->second.get();
}

RoundDriver::Work* RoundDriver::workFor(const ledger::Run& run)
{
    if (Work* known = find(run.id)) {
        return known;
    }
    if (m_works.contains(run.id)) {
        return nullptr;
    }
    auto bundle = RunBundle::decode(m_context.ledger.manifest(run.id));
    auto manifest = bundle
        ? training::RunManifest::decode(bundle->manifest)
        : base::Result<training::RunManifest>{ tl::unexpected{ bundle.error() } };
    if (!manifest) {
        // Remembered as hopeless, so that it is not decoded again on every tick.
        m_works[run.id] = nullptr;
        qCWarning(lcTraining).noquote()
            << "run" << hex(run.id.view()).left(8) << "has a manifest this program cannot use:"
            << QString::fromStdString(manifest.error().message);
        return nullptr;
    }
    auto work = std::make_unique<Work>();
    work->id = run.id;
    work->files = RunFiles::at(m_context.home, run.id);
    work->base = BaseFiles::at(m_context.home, manifest->tokenizerHash, manifest->probeHash);
    work->manifest = std::move(*manifest);
    work->baseMagnet = bundle->baseMagnet;
    auto stored = base::makeFolder(work->files.folder);
    if (stored) {
        stored = base::writeFileAtomically(work->files.manifest(), bundle->manifest);
    }
    if (!stored) {
        Q_EMIT trouble(QString::fromStdString(stored.error().message));
        return nullptr;
    }
    return (m_works[run.id] = std::move(work)).get();
}

void RoundDriver::advance(Work& work, const ledger::Run& run)
{
    if (!ensureBase(work) || run.phase != ledger::RunPhase::Open) {
        return;
    }
    if (work.aggregation == Step::Running && run.round == work.round + 1) {
        // The others were quicker; what this node is about to know need not be downloaded.
        return;
    }
    if (!work.roundStarted || work.round != run.round || work.beacon != run.beacon) {
        startRound(work, run);
    }
    if (!ensureParams(work, run)) {
        return;
    }
    if (work.manifest.privacy) {
        maybeTrainPrivate(work, run);
    } else {
        maybeTrain(work, run);
    }
    maybeSubmit(work, run);
    maybeAggregate(work, run);
}

void RoundDriver::startRound(Work& work, const ledger::Run& run)
{
    work.roundStarted = true;
    work.round = run.round;
    work.beacon = run.beacon;
    work.training = Step::Idle;
    work.lastSubmit.invalidate();
    work.fetching.clear();
    work.gathering.invalidate();
    work.missing.clear();
    work.aggregation = Step::Idle;
    work.aggregationKey.clear();
    work.closure.reset();
    work.failures = 0;
    work.exchange.reset();
    work.privateTraining.reset();
    work.permit.reset();
    work.refusal.clear();
    work.cohort = work.manifest.privacy ? cohortOf(run) : std::vector<base::PublicKey>{};
    work.clipMicro = work.manifest.privacy ? clipOf(run, *work.manifest.privacy) : 0;
    for (auto& [closure, done] : std::exchange(work.waiting, {})) {
        done(false);
    }
    // An update that was finished before the program ended is offered again, never trained twice.
    const auto facts = base::readFile(work.files.ownUpdateFacts(work.round), kMaxFactsBytes);
    if (!facts) {
        return;
    }
    const QJsonObject stored
        = QJsonDocument::fromJson(QByteArray{ reinterpret_cast<const char*>(facts->data()),
                                      static_cast<qsizetype>(facts->size()) })
              .object();
    const auto commitment = base::fixedFromHex<base::Hash256>(
        stored.value(QLatin1String{ "commitment" }).toString().toStdString());
    if (commitment && stored.value(QLatin1String{ "beacon" }).toString() == hex(work.beacon.view())
        && hasHash(work.files.ownUpdate(work.round), *commitment)) {
        work.training = Step::Done;
        work.commitment = *commitment;
        work.updateBytes = stored.value(QLatin1String{ "bytes" }).toInteger();
        work.updateTokens = stored.value(QLatin1String{ "tokens" }).toInteger();
    }
}

bool RoundDriver::ensureBase(Work& work)
{
    if (work.baseFiles == Step::Done) {
        return true;
    }
    if (hasHash(work.base.tokenizer(), work.manifest.tokenizerHash)
        && hasHash(work.base.probe(), work.manifest.probeHash)) {
        work.baseFiles = Step::Done;
        return true;
    }
    if (work.baseFiles == Step::Idle && !coolingDown(work)) {
        auto shard = m_context.swarm.fetch(work.baseMagnet, m_context.home.models());
        if (!shard) {
            failed(work, "cannot fetch the run's vocabulary", shard.error());
            return false;
        }
        repair(work.base.tokenizer(), *shard);
        work.baseShard = shard->value();
        work.baseFiles = Step::Running;
    }
    return false;
}

bool RoundDriver::ensureParams(Work& work, const ledger::Run& run)
{
    if (work.paramsRound == run.round) {
        return true;
    }
    if (work.params == Step::Running || coolingDown(work)) {
        return false;
    }
    if (hasHash(work.files.parameters(run.round), run.params)) {
        work.paramsRound = run.round;
        work.params = Step::Done;
        removeOld(work);
        return true;
    }
    const std::filesystem::path candidate
        = run.round == 0 ? std::filesystem::path{} : work.files.candidate(run.round - 1);
    if (run.round > 0 && hasHash(candidate, run.params)) {
        std::error_code code;
        std::filesystem::rename(candidate, work.files.parameters(run.round), code);
        if (code) {
            failed(work, "cannot keep the new parameters", { Errc::Io, code.message() });
            return false;
        }
        return ensureParams(work, run);
    }
    if (run.params == run.terms.initialParams) {
        initParams(work, run);
        return false;
    }
    // A void round leaves the parameters as they were.
    for (std::uint64_t earlier = run.round; earlier-- > 0 && earlier + kKeptRounds >= run.round;) {
        if (hasHash(work.files.parameters(earlier), run.params)) {
            std::error_code code;
            std::filesystem::copy_file(work.files.parameters(earlier),
                work.files.parameters(run.round), std::filesystem::copy_options::overwrite_existing,
                code);
            return !code && ensureParams(work, run);
        }
    }
    auto shard = m_context.swarm.fetch(base::toHex(run.checkpoint), work.files.folder);
    if (!shard) {
        failed(work, "cannot fetch the run's checkpoint", shard.error());
        return false;
    }
    repair(work.files.parameters(run.round), *shard);
    work.paramsShard = shard->value();
    work.params = Step::Running;
    return false;
}

void RoundDriver::repair(const std::filesystem::path& file, const swarm::ShardId& shard)
{
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) {
        return;
    }
    qCWarning(lcTraining).noquote()
        << pathText(file) << "is damaged; what is missing comes from the peers";
    // It was whole once, so its torrent is taken for complete until its pieces are hashed again.
    if (auto checking = m_context.swarm.verify(shard); !checking) {
        qCInfo(lcTraining).noquote()
            << pathText(file)
            << "cannot be checked yet:" << QString::fromStdString(checking.error().message);
    }
}

void RoundDriver::initParams(Work& work, const ledger::Run& run)
{
    work.params = Step::Running;
    const QJsonObject job{ { QStringLiteral("job"), QStringLiteral("init") },
        { QStringLiteral("manifest"), pathText(work.files.manifest()) },
        { QStringLiteral("output"), pathText(work.files.parameters(run.round)) } };
    m_context.verifier.submit(job, {}, [this, id = work.id](base::Result<QJsonObject> result) {
        Work* found = find(id);
        if (found == nullptr) {
            return;
        }
        found->params = Step::Idle;
        if (!result) {
            failed(*found, "cannot make the first parameters", result.error());
            return;
        }
        advance();
    });
}

base::Result<base::Bytes> RoundDriver::updateBody(const base::Hash256& commitment) const
{
    for (const auto& [id, work] : m_works) {
        if (!work || work->commitment != commitment) {
            continue;
        }
        const auto run = m_context.ledger.run(id);
        // Shown before everybody has committed, it could be copied.
        if (run && run->round == work->round && !isCommitted(*run)) {
            return base::fail(Errc::Denied, "the round's commitments are not complete yet");
        }
        return base::readFile(work->files.ownUpdate(work->round), kMaxUpdateBytes);
    }
    return base::readFile(updatePath(m_context.home, commitment), kMaxUpdateBytes);
}

void RoundDriver::shardComplete(const swarm::ShardComplete& event)
{
    for (const auto& [id, work] : m_works) {
        if (!work) {
            continue;
        }
        if (work->baseFiles == Step::Running && work->baseShard == event.id.value()) {
            work->baseFiles = Step::Idle;
        }
        if (work->params == Step::Running && work->paramsShard == event.id.value()) {
            work->params = Step::Idle;
        }
    }
    advance();
}

void RoundDriver::shardFailed(const swarm::ShardFailed& event)
{
    for (const auto& [id, work] : m_works) {
        if (!work) {
            continue;
        }
        if (work->baseFiles == Step::Running && work->baseShard == event.id.value()) {
            work->baseFiles = Step::Idle;
            failed(*work, "cannot fetch the run's vocabulary", event.error);
        }
        if (work->params == Step::Running && work->paramsShard == event.id.value()) {
            work->params = Step::Idle;
            failed(*work, "cannot fetch the run's checkpoint", event.error);
        }
    }
}

base::Result<QJsonObject> RoundDriver::modelSource(const ledger::RunId& run) const
{
    const auto found = m_works.find(run);
    if (found == m_works.end() || !found->second || !found->second->paramsRound) {
        return base::fail(Errc::Unavailable, "this node does not hold the run's model yet");
    }
    const Work& work = *found->second;
    return QJsonObject{ { QStringLiteral("manifest"), pathText(work.files.manifest()) },
        { QStringLiteral("params"), pathText(work.files.parameters(*work.paramsRound)) },
        { QStringLiteral("tokenizer"), pathText(work.base.tokenizer()) } };
}

RoundDriver::Snapshot RoundDriver::snapshot() const
{
    Snapshot out;
    for (const ledger::Run& run : runs()) {
        const auto found = m_works.find(run.id);
        if (found == m_works.end() || !found->second) {
            continue;
        }
        const Work& work = *found->second;
        out.run = run.id;
        out.round = run.round;
        out.hasParams = work.paramsRound == run.round;
        out.params = run.params;
        out.phase = run.phase == ledger::RunPhase::Waiting ? "waiting for members"
            : run.phase == ledger::RunPhase::Finished      ? "finished"
            : !out.hasParams                               ? "fetching the model"
            : !work.refusal.empty()                        ? work.refusal
            : work.training == Step::Running               ? "training"
            : isCommitted(run)                             ? "checking the round"
                                                           : "waiting for the others";
    }
    return out;
}

void RoundDriver::failed(Work& work, const std::string& what, const base::Error& error)
{
    ++work.failures;
    work.lastFailure.start();
    const QString sentence = QString::fromStdString(what + ": " + error.message);
    qCWarning(lcTraining).noquote() << sentence;
    Q_EMIT trouble(sentence);
}

bool RoundDriver::coolingDown(const Work& work) const
{
    return work.failures > 0 && work.lastFailure.isValid()
        && since(work.lastFailure) < kRetryAfter * std::min(work.failures, 20);
}

void RoundDriver::removeOld(Work& work)
{
    if (work.round <= kKeptRounds) {
        return;
    }
    const std::uint64_t old = work.round - kKeptRounds - 1;
    for (const swarm::ShardStatus& shard : m_context.swarm.shards()) {
        if (shard.path == work.files.parameters(old)) {
            // Whether it is gone already does not matter: the file goes below in any case.
            static_cast<void>(m_context.swarm.remove(shard.info.id, swarm::FilesOnDisk::Delete));
        }
    }
    std::error_code ignored;
    for (const auto& path :
        { work.files.parameters(old), work.files.candidate(old), work.files.ownUpdate(old),
            work.files.ownUpdateFacts(old), work.files.trainerStateAfter(old) }) {
        std::filesystem::remove(path, ignored);
    }
}

} // namespace loam::node
