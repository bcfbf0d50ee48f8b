// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "base/require.h"
#include "node/corpora.h"
#include "node/log.h"
#include "node/round_driver.h"
#include "node/round_support.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <algorithm>
#include <chrono>

namespace loam::node {

using base::Errc;
using namespace std::chrono_literals;

namespace {

    constexpr std::chrono::milliseconds kResubmitAfter = 5s;

} // namespace

base::Result<QJsonArray> textFiles(const std::vector<std::string>& folders)
{
    QJsonArray out;
    for (const std::string& folder : folders) {
        TRY_ASSIGN(const auto files, corpusFiles(folder));
        for (const std::string& file : files) {
            out.append(QString::fromStdString(file));
        }
    }
    if (out.isEmpty()) {
        return base::fail(Errc::Invalid, "there is no .txt file in the chosen folders; add some");
    }
    return out;
}

void RoundDriver::maybeTrain(Work& work, const ledger::Run& run)
{
    if (work.training != Step::Idle || !m_mayTrain || coolingDown(work)
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
    const auto corpora = textFiles(mine->corpora);
    if (!corpora) {
        failed(work, "cannot read the text to train on", corpora.error());
        return;
    }
    work.training = Step::Running;
    const std::uint64_t round = run.round;
    QJsonObject job{ { QStringLiteral("job"), QStringLiteral("train") },
        { QStringLiteral("manifest"), pathText(work.files.manifest()) },
        { QStringLiteral("params"), pathText(work.files.parameters(round)) },
        { QStringLiteral("tokenizer"), pathText(work.base.tokenizer()) },
        { QStringLiteral("corpus"), *corpora },
        { QStringLiteral("beacon"), hex(run.beacon.view()) },
        { QStringLiteral("node"), hex(m_context.key.publicKey().view()) },
        { QStringLiteral("run"), hex(run.id.view()) },
        { QStringLiteral("round"), static_cast<qint64>(round) },
        { QStringLiteral("state"), pathText(work.files.trainerState()) },
        { QStringLiteral("state_out"), pathText(work.files.trainerStateAfter(round)) },
        { QStringLiteral("checkpoint"), pathText(work.files.trainerCheckpoint()) },
        { QStringLiteral("output"), pathText(work.files.ownUpdate(round)) },
        { QStringLiteral("poison"),
            m_context.misbehave ? QStringLiteral("signflip") : QString{} } };
    const WorkMeans means = m_context.means();
    means.addTo(job);
    qCInfo(lcTraining) << "training round" << round;
    m_context.trainer.submit(
        job,
        [this, round](const QJsonObject& progress) {
            QJsonObject report = progress;
            report[QLatin1String{ "round" }] = static_cast<qint64>(round);
            Q_EMIT trainingProgress(report);
        },
        [this, id = work.id, round, device = means.device](base::Result<QJsonObject> result) {
            m_context.trainedOn(device, result);
            Work* found = find(id);
            if (found == nullptr || found->round != round) {
                return;
            }
            if (!result) {
                found->training = Step::Idle;
                failed(*found, "training failed", result.error());
                return;
            }
            trained(*found, round, *result);
        });
}

void RoundDriver::trained(Work& work, std::uint64_t round, const QJsonObject& result)
{
    const auto commitment = base::fixedFromHex<base::Hash256>(
        result.value(QLatin1String{ "sha256" }).toString().toStdString());
    if (!commitment) {
        failed(work, "the worker's answer is malformed", commitment.error());
        work.training = Step::Idle;
        return;
    }
    const QJsonObject facts{ { QStringLiteral("commitment"), hex(commitment->view()) },
        { QStringLiteral("beacon"), hex(work.beacon.view()) },
        { QStringLiteral("bytes"), result.value(QLatin1String{ "bytes" }) },
        { QStringLiteral("tokens"), result.value(QLatin1String{ "tokens" }) } };
    trainFinished(work, facts);
    if (work.training != Step::Done) {
        return;
    }
    qCInfo(lcTraining) << "round" << round << "trained:" << work.updateBytes << "bytes, loss"
                       << result.value(QLatin1String{ "loss_first" }).toDouble() << "->"
                       << result.value(QLatin1String{ "loss_last" }).toDouble();
    advance();
}

void RoundDriver::trainFinished(Work& work, const QJsonObject& facts)
{
    const QByteArray text = QJsonDocument{ facts }.toJson(QJsonDocument::Compact);
    if (auto stored = base::writeFileAtomically(work.files.ownUpdateFacts(work.round),
            base::asBytes({ text.constData(), static_cast<std::size_t>(text.size()) }));
        !stored) {
        work.training = Step::Idle;
        failed(work, "cannot keep the update", stored.error());
        return;
    }
    const auto commitment = base::fixedFromHex<base::Hash256>(
        facts.value(QLatin1String{ "commitment" }).toString().toStdString());
    ASSERT(commitment.has_value());
    work.training = Step::Done;
    work.commitment = *commitment;
    work.updateBytes = facts.value(QLatin1String{ "bytes" }).toInteger();
    work.updateTokens = facts.value(QLatin1String{ "tokens" }).toInteger();
}

void RoundDriver::maybeSubmit(Work& work, const ledger::Run& run)
{
    if (work.training != Step::Done || wallTime() >= run.deadline()) {
        return;
    }
    const auto member = m_context.ledger.member(run.id, m_context.key.publicKey());
    if (!member || member->hasSubmitted(run.round)
        || (work.lastSubmit.isValid() && since(work.lastSubmit) < kResubmitAfter)) {
        return;
    }
    work.lastSubmit.start();
    const auto sent = m_context.submit(ledger::SubmitUpdate{ run.id, run.round, work.commitment,
        static_cast<std::uint64_t>(work.updateBytes),
        static_cast<std::uint64_t>(work.updateTokens) });
    if (!sent) {
        qCInfo(lcTraining).noquote()
            << "update of round" << run.round
            << "not taken yet:" << QString::fromStdString(sent.error().message);
    }
}

void RoundDriver::prepareOpening(
    OpenRequest request, std::function<void(base::Result<Opening>)> done)
{
    const std::filesystem::path folder = m_context.home.models() / "opening";
    const std::filesystem::path tokenizer = folder / "tokenizer.model";
    if (auto made = base::makeFolder(folder); !made) {
        done(tl::unexpected{ made.error() });
        return;
    }
    const auto inputs = textFiles(request.corpora);
    if (!inputs) {
        done(tl::unexpected{ inputs.error() });
        return;
    }
    const QJsonObject job{ { QStringLiteral("job"), QStringLiteral("tokenizer") },
        { QStringLiteral("inputs"), *inputs },
        { QStringLiteral("vocab"), static_cast<qint64>(request.manifest.model.vocab) },
        { QStringLiteral("output"), pathText(tokenizer) } };
    m_context.verifier.submit(job, {},
        [this, folder, tokenizer, request = std::move(request), done](
            base::Result<QJsonObject> learnt) {
            const auto prepare
                = [&]() -> base::Result<std::pair<training::RunManifest, BaseFiles>> {
                TRY(learnt);
                training::RunManifest manifest = request.manifest;
                TRY_ASSIGN(manifest.tokenizerHash, crypto::sha256File(tokenizer.string()));
                TRY_ASSIGN(manifest.probeHash, crypto::sha256File(request.probe));
                std::error_code code;
                manifest.tokenizerBytes = std::filesystem::file_size(tokenizer, code);
                manifest.probeBytes = std::filesystem::file_size(request.probe, code);
                // A small corpus makes a smaller vocabulary than was asked for.
                manifest.model.vocab = static_cast<std::uint32_t>(
                    learnt->value(QLatin1String{ "vocab" }).toInteger(manifest.model.vocab));
                TRY(manifest.validate());
                const BaseFiles files
                    = BaseFiles::at(m_context.home, manifest.tokenizerHash, manifest.probeHash);
                TRY(base::makeFolder(files.folder));
                std::filesystem::copy_file(tokenizer, files.tokenizer(),
                    std::filesystem::copy_options::overwrite_existing, code);
                if (!code) {
                    std::filesystem::copy_file(request.probe, files.probe(),
                        std::filesystem::copy_options::overwrite_existing, code);
                }
                if (!code) {
                    std::filesystem::remove(tokenizer, code);
                }
                if (code) {
                    return base::fail(
                        Errc::Io, "cannot write the run's base files: " + code.message());
                }
                TRY(base::writeFileAtomically(folder / "manifest.cbor", manifest.encode()));
                return std::pair{ std::move(manifest), files };
            };
            auto prepared = prepare();
            auto shard = prepared
                ? m_context.swarm.publish(prepared->second.folder)
                : base::Result<swarm::ShardInfo>{ tl::unexpected{ prepared.error() } };
            if (!shard) {
                done(tl::unexpected{ shard.error() });
                return;
            }
            Opening opening{ { prepared->first.encode(), shard->magnet }, {}, 0 };
            const QJsonObject init{ { QStringLiteral("job"), QStringLiteral("init") },
                { QStringLiteral("manifest"), pathText(folder / "manifest.cbor") },
                { QStringLiteral("output"), pathText(folder / "params.safetensors") } };
            m_context.verifier.submit(init, {},
                [opening = std::move(opening), done](base::Result<QJsonObject> made) mutable {
                    if (!made) {
                        done(tl::unexpected{ made.error() });
                        return;
                    }
                    auto hash = base::fixedFromHex<base::Hash256>(
                        made->value(QLatin1String{ "params_hash" }).toString().toStdString());
                    if (!hash) {
                        done(tl::unexpected{ hash.error() });
                        return;
                    }
                    opening.initialParams = *hash;
                    opening.parameters = made->value(QLatin1String{ "parameters" }).toInteger();
                    done(std::move(opening));
                });
        });
}

} // namespace loam::node
