// SPDX-License-Identifier: GPL-3.0-or-later
// The node's training runs: opening, joining and leaving them.
#include "base/file.h"
#include "node/corpora.h"
#include "node/node.h"

#include <chrono>

namespace loam::node {

using base::Errc;
using namespace std::chrono_literals;

namespace {

    constexpr auto kRunPatience = 60s;
    constexpr std::int64_t kDefaultEmission = 100 * base::Amount::kMicroPerLoam;
    constexpr std::uint32_t kGraceSeconds = 30;
    constexpr std::size_t kMaxProbeBytes = 96 * 1024;

    /// The model a run trains unless it asks for another: about a million parameters.
    ml::ModelConfig smallModel()
    {
        ml::ModelConfig model;
        model.dim = 128;
        model.layers = 4;
        model.heads = 4;
        model.kvHeads = 4;
        model.ffn = 352;
        model.vocab = 2048;
        model.context = 128;
        model.tied = true;
        return model;
    }

} // namespace

void Node::openRun(const RunRequest& request, RunOpened done)
{
    if (!m_session) {
        done(base::fail(Errc::Unavailable,
            "this node is in no network; create one with `loamctl net create` or join one"));
        return;
    }
    RoundDriver::OpenRequest opening;
    opening.manifest.name = request.name;
    opening.manifest.dataset = "public text of the members";
    opening.manifest.licence = "as the members' texts";
    opening.manifest.model = smallModel();
    opening.manifest.keepPerChunk
        = request.keepPerChunk == 4096 ? std::uint16_t{ 0 } : request.keepPerChunk;
    opening.manifest.innerSteps = request.innerSteps;
    opening.manifest.windowSeconds = request.windowSeconds;
    if (request.privacy) {
        opening.manifest.lane = training::Lane::Private;
        opening.manifest.privacy = request.privacy;
        opening.manifest.dataset = "the members' own text, never shown";
    }
    opening.corpora = request.corpora;
    opening.probe = request.probe;
    if (opening.probe.empty()) {
        std::string heldOut;
        for (const std::string& folder : request.corpora) {
            const auto corpus = readCorpusFolder(folder);
            if (!corpus) {
                done(tl::unexpected{ corpus.error() });
                return;
            }
            heldOut += splitHeldOut(corpus->text)
                           .heldOut.substr(0, kMaxProbeBytes / request.corpora.size());
        }
        opening.probe = (m_options.home.models() / "probe.txt").string();
        if (auto written = base::writeFileAtomically(opening.probe, base::asBytes(heldOut));
            !written) {
            done(tl::unexpected{ written.error() });
            return;
        }
    }
    m_session->rounds().prepareOpening(
        std::move(opening), [this, request, done](base::Result<RoundDriver::Opening> prepared) {
            if (!prepared) {
                done(tl::unexpected{ prepared.error() });
                return;
            }
            ledger::RunTerms terms;
            terms.emissionPerRound = request.emission.micro() > 0
                ? request.emission
                : base::Amount::fromMicro(kDefaultEmission);
            terms.quorum = request.quorum;
            terms.startMembers = request.startMembers;
            terms.window = std::chrono::seconds{ request.windowSeconds };
            terms.grace = std::chrono::seconds{ kGraceSeconds };
            terms.roundsTotal = request.rounds;
            terms.initialParams = prepared->initialParams;
            if (!m_session) {
                done(base::fail(Errc::Cancelled, "the network was left meanwhile"));
                return;
            }
            const auto sent = m_session->submit(
                ledger::OpenRun{ request.name, prepared->bundle.encode(), terms });
            if (!sent) {
                done(tl::unexpected{ sent.error() });
                return;
            }
            awaitRun(*sent, prepared->parameters, done);
        });
}

void Node::awaitRun(const ledger::RunId& run, std::int64_t parameters, RunOpened done)
{
    // Alone in its network, a node agrees with itself before submit() returns.
    if (m_session->ledger().run(run)) {
        done(std::pair{ run, parameters });
        return;
    }
    auto* waiting = new QObject{ this };
    const auto finish = [waiting, done](auto result) {
        waiting->deleteLater();
        waiting->disconnect();
        done(std::move(result));
    };
    connect(this, &Node::blockFinalized, waiting, [this, run, parameters, finish] {
        if (m_session && m_session->ledger().run(run)) {
            finish(base::Result<std::pair<ledger::RunId, std::int64_t>>{
                std::pair{ run, parameters } });
        }
    });
    QTimer::singleShot(kRunPatience, waiting, [finish] {
        finish(base::Result<std::pair<ledger::RunId, std::int64_t>>{ base::fail(Errc::Timeout,
            "the network has not agreed on the run within a minute; are enough validators on?") });
    });
}

base::Result<> Node::joinRun(const ledger::RunId& run, std::vector<std::string> corpora)
{
    if (!m_session || !m_session->ledger().run(run)) {
        return base::fail(Errc::NotFound,
            "this network has no run " + base::toHex(run.view()) + "; see `loamctl run list`");
    }
    const auto found = m_session->ledger().run(run);
    if (m_session->rounds().isPrivate(*found)) {
        if (!corpora.empty()) {
            return base::fail(Errc::Invalid,
                "a private run takes no folders: add your text with `loamctl data add`, look at "
                "it, "
                "and grant it with `loamctl data grant --purpose private`");
        }
        TRY(m_session->rounds().mayJoin(*found));
        TRY(m_store->setJoined({ run, {} }));
        m_session->setMembership(m_settings.contribution.on);
        evaluatePolicy();
        return {};
    }
    if (corpora.empty()) {
        for (const auto& folder : m_settings.corpora) {
            corpora.push_back(folder.string());
        }
    }
    if (corpora.empty()) {
        return base::fail(
            Errc::Invalid, "name the folder of public text to train on, with --corpus FOLDER");
    }
    for (const std::string& folder : corpora) {
        TRY(readCorpusFolder(folder));
    }
    TRY(m_store->setJoined({ run, std::move(corpora) }));
    m_session->setMembership(m_settings.contribution.on);
    evaluatePolicy();
    return {};
}

base::Result<> Node::leaveRun(const ledger::RunId& run)
{
    if (!m_session) {
        return base::fail(Errc::Unavailable, "this node is in no network");
    }
    const auto member = m_session->ledger().member(run, m_identity.publicKey());
    if (member && member->status == ledger::Membership::Active) {
        TRY(m_session->submit(ledger::LeaveRun{ run }));
    }
    TRY(m_store->removeJoined(run));
    evaluatePolicy();
    return {};
}

} // namespace loam::node
