// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/private_round.h"

#include "crypto/random.h"
#include "node/log.h"
#include "node/round_support.h"

#include <QCoreApplication>
#include <QPointer>

#include <algorithm>

namespace loam::node {

using base::Errc;
using namespace std::chrono_literals;
using training::SumOrganiser;

namespace {

    constexpr auto kAskDeadline = 8s;
    constexpr std::size_t kMostMessage = std::size_t{ 8 } << 20U;
    constexpr std::string_view kPut = "private.put";
    constexpr std::string_view kGet = "private.get";

    /// Stage that the organiser has reached, as members count them.
    std::uint32_t stageNumber(SumOrganiser::Stage stage)
    {
        switch (stage) {
        case SumOrganiser::Stage::Advertise:
            return 0;
        case SumOrganiser::Stage::Share:
            return 1;
        case SumOrganiser::Stage::Mask:
            return 2;
        case SumOrganiser::Stage::Confirm:
            return 3;
        case SumOrganiser::Stage::Unmask:
            return 4;
        case SumOrganiser::Stage::Done:
        case SumOrganiser::Stage::Failed:
            return 5;
        }
        return 5;
    }

} // namespace

base::Bytes PrivateRound::Request::encode() const
{
    codec::Writer out;
    out.array(6).bytes(address.run.view()).unsignedInt(address.round);
    out.unsignedInt(address.group).unsignedInt(address.attempt);
    out.unsignedInt(stage).bytes(message);
    return out.take();
}

base::Result<PrivateRound::Request> PrivateRound::Request::decode(base::ByteView bytes)
{
    codec::Reader in{ bytes, { .bytes = kMostMessage, .items = 8, .depth = 2 } };
    Request out;
    TRY(in.array(6));
    TRY_ASSIGN(out.address.run, in.fixed<base::Hash256>());
    TRY_ASSIGN(out.address.round, in.unsignedInt());
    TRY_ASSIGN(const std::uint64_t group, in.unsignedInt());
    TRY_ASSIGN(const std::uint64_t attempt, in.unsignedInt());
    TRY_ASSIGN(const std::uint64_t stage, in.unsignedInt());
    if (group > UINT32_MAX || attempt >= training::kMostGroupMembers || stage > 5) {
        return base::fail(Errc::Invalid, "a private round's request is out of bounds");
    }
    out.address.group = static_cast<std::uint32_t>(group);
    out.address.attempt = static_cast<std::uint32_t>(attempt);
    out.stage = static_cast<std::uint32_t>(stage);
    TRY_ASSIGN(const base::ByteView message, in.bytes());
    out.message = base::toBytes(message);
    TRY(in.finish());
    return out;
}

PrivateRound::PrivateRound(Config config)
    : m_config{ std::move(config) }
    , m_organisers{ training::organisers(
          m_config.round.beacon, m_config.round.round, m_config.group) }
{
    m_contact.start();
}

void PrivateRound::setVector(std::vector<std::uint32_t> vector)
{
    m_vector = std::move(vector);
    m_hasVector = true;
    m_contact.start();
    advance();
}

void PrivateRound::withdraw(const base::Error& why)
{
    if (isOver() || m_hasSent) {
        return;
    }
    m_outbox.clear();
    ++m_question;
    finish(tl::unexpected{ why });
}

base::Result<training::SumTerms> PrivateRound::termsOf(std::uint32_t attempt) const
{
    training::GroupRound round = m_config.round;
    round.attempt = attempt;
    return training::sumTerms(m_config.terms, m_config.size, round);
}

// The organiser's part

base::Result<PrivateRound::Organising*> PrivateRound::organising(std::uint32_t attempt)
{
    if (attempt >= m_organisers.size() || m_organisers[attempt] != m_config.key.publicKey()) {
        return base::fail(Errc::Denied, "this node does not organise that attempt");
    }
    const auto known = m_organising.find(attempt);
    if (known != m_organising.end()) {
        return &known->second;
    }
    TRY_ASSIGN(training::SumTerms terms, termsOf(attempt));
    TRY_ASSIGN(SumOrganiser sum, SumOrganiser::create(std::move(terms)));
    Organising& made
        = m_organising.emplace(attempt, Organising{ std::move(sum), {}, {} }).first->second;
    made.stage.start();
    return &made;
}

std::chrono::milliseconds PrivateRound::patience(std::uint32_t attempt, const Organising& one) const
{
    // Members train before they show their keys, at speeds of their own; in a later attempt all
    // have done so.
    const bool isFirst = one.sum.stage() == SumOrganiser::Stage::Advertise;
    return isFirst && attempt == 0 ? m_config.window / 2 : m_config.window / 12;
}

void PrivateRound::closeStages(std::uint32_t attempt, Organising& one)
{
    while (one.sum.stage() != SumOrganiser::Stage::Done
        && one.sum.stage() != SumOrganiser::Stage::Failed) {
        if (!one.sum.isComplete() && since(one.stage) < patience(attempt, one)) {
            return;
        }
        const std::size_t count = one.sum.answered();
        const std::uint32_t stage = stageNumber(one.sum.stage());
        if (auto closed = one.sum.close(); !closed) {
            qCInfo(lcTraining).noquote()
                << "private round" << m_config.round.round << "group" << m_config.round.group
                << "ends:" << QString::fromStdString(closed.error().message);
            return;
        }
        qCDebug(lcTraining) << "private round" << m_config.round.round << "stage" << stage
                            << "closed with" << count << "members";
        one.stage.start();
    }
    if (one.sum.stage() == SumOrganiser::Stage::Done && one.record.empty()) {
        const auto transcript = one.sum.transcript();
        if (!transcript) {
            qCWarning(lcTraining).noquote() << "private round's sum does not open:"
                                            << QString::fromStdString(transcript.error().message);
            return;
        }
        const training::GroupRecord record{ m_config.round.cohort, m_config.round.group, attempt,
            transcript->encode() };
        one.record = record.encode();
    }
}

base::Result<base::Bytes> PrivateRound::answer(
    const base::PublicKey& from, std::string_view method, const Request& request)
{
    const Address& address = request.address;
    if (address.run != m_config.round.run || address.round != m_config.round.round
        || address.group != m_config.round.group) {
        return base::fail(Errc::NotFound, "this node is not in that private round");
    }
    if (std::find(m_config.group.begin(), m_config.group.end(), from) == m_config.group.end()) {
        return base::fail(Errc::Denied, "only members of a group take part in its round");
    }
    TRY_ASSIGN(Organising* const one, organising(address.attempt));
    if (method == kPut) {
        TRY(one->sum.take(request.message));
        closeStages(address.attempt, *one);
        return base::Bytes{};
    }
    closeStages(address.attempt, *one);
    const std::uint32_t reached = stageNumber(one->sum.stage());
    if (one->sum.stage() == SumOrganiser::Stage::Failed) {
        return base::fail(Errc::Denied, "too few members of the group answered");
    }
    if (reached < request.stage) {
        return base::fail(Errc::NotFound, "not yet");
    }
    if (request.stage == stageNumber(SumOrganiser::Stage::Done)) {
        if (one->record.empty()) {
            return base::fail(Errc::Denied, "the sum of the group does not open");
        }
        return one->record;
    }
    const auto told = one->sum.messageFor(from);
    if (reached > request.stage || !told) {
        return base::fail(Errc::Denied, "the group went on without this member");
    }
    return *told;
}

// The member's part

void PrivateRound::begin()
{
    auto terms = termsOf(m_attempt);
    auto member = terms
        ? training::SumMember::create(std::move(*terms), m_config.key, crypto::randomKey())
        : base::Result<training::SumMember>{ tl::unexpected{ terms.error() } };
    auto first = member ? member->advertise()
                        : base::Result<base::Bytes>{ tl::unexpected{ member.error() } };
    if (!first) {
        finish(tl::unexpected{ first.error() });
        return;
    }
    m_member = std::make_unique<training::SumMember>(std::move(*member));
    m_step = Step::Share;
    m_outbox = std::move(*first);
    m_isPutUncertain = false;
    m_contact.start();
}

void PrivateRound::advance()
{
    for (auto& [attempt, one] : m_organising) {
        closeStages(attempt, one);
    }
    if (isOver() || !m_hasVector) {
        return;
    }
    if (m_member == nullptr) {
        begin();
    }
    if (isOver() || m_isWaiting) {
        return;
    }
    if (since(m_contact) > std::max<std::chrono::milliseconds>(m_config.window / 12, 5s)) {
        giveUp({ Errc::Unavailable, "the organiser of the group does not answer" });
        return;
    }
    Request request;
    request.address = { m_config.round.run, m_config.round.round, m_config.round.group, m_attempt };
    if (!m_outbox.empty()) {
        request.message = m_outbox;
        ask(kPut, std::move(request));
    } else {
        request.stage = static_cast<std::uint32_t>(m_step);
        ask(kGet, std::move(request));
    }
}

void PrivateRound::ask(std::string_view method, Request request)
{
    m_isWaiting = true;
    const std::uint64_t question = ++m_question;
    const auto deliver
        = [self = QPointer{ this }, question, method](base::Result<base::Bytes> answer) {
              QMetaObject::invokeMethod(
                  qApp,
                  [self, question, method, answer = std::move(answer)]() mutable {
                      if (self && self->m_question == question) {
                          self->answered(method, std::move(answer));
                      }
                  },
                  Qt::QueuedConnection);
          };
    if (organiser() == m_config.key.publicKey()) {
        deliver(answer(m_config.key.publicKey(), method, request));
        return;
    }
    m_config.swarm.request(
        organiser(), std::string{ method }, request.encode(), kAskDeadline, deliver);
}

void PrivateRound::answered(std::string_view method, base::Result<base::Bytes> answer)
{
    m_isWaiting = false;
    if (isOver()) {
        return;
    }
    const bool isPut = method == kPut;
    if (!answer) {
        const Errc code = answer.error().code;
        if (code == Errc::NotFound && !isPut) {
            m_contact.start(); // "not yet" is an answer
            return;
        }
        if (code == Errc::Timeout || code == Errc::Unavailable || code == Errc::NotFound) {
            m_isPutUncertain = m_isPutUncertain || (isPut && code == Errc::Timeout);
            return; // asked again until patience ends
        }
        if (isPut && m_isPutUncertain) {
            // The first copy arrived and the group went on: what it says next tells.
            m_outbox.clear();
            m_isPutUncertain = false;
            return;
        }
        giveUp(answer.error());
        return;
    }
    m_contact.start();
    if (isPut) {
        m_outbox.clear();
        m_isPutUncertain = false;
    } else if (auto done = react(*answer); !done) {
        giveUp(done.error());
        return;
    }
    advance();
}

base::Result<> PrivateRound::react(const base::Bytes& told)
{
    switch (m_step) {
    case Step::Share: {
        TRY_ASSIGN(m_outbox, m_member->shareKeys(told));
        m_step = Step::Mask;
        return {};
    }
    case Step::Mask: {
        if (const auto allowed = m_config.maySend(); !allowed) {
            withdraw(allowed.error());
            return {};
        }
        // From here on there is no second attempt in this round.
        m_hasSent = true;
        TRY_ASSIGN(m_outbox, m_member->mask(told, std::move(m_vector)));
        m_step = Step::Confirm;
        return {};
    }
    case Step::Confirm: {
        TRY_ASSIGN(m_outbox, m_member->confirm(told));
        m_step = Step::Unmask;
        return {};
    }
    case Step::Unmask: {
        TRY_ASSIGN(m_outbox, m_member->unmask(told));
        m_step = Step::Record;
        return {};
    }
    case Step::Record:
        TRY(checkRecord(told));
        finish(told);
        return {};
    case Step::Advertise:
    case Step::Over:
        break;
    }
    return {};
}

base::Result<> PrivateRound::checkRecord(const base::Bytes& record)
{
    TRY_ASSIGN(const auto decoded, training::GroupRecord::decode(record));
    if (decoded.cohort != m_config.round.cohort || decoded.group != m_config.round.group
        || decoded.attempt != m_attempt) {
        return base::fail(Errc::Denied, "the organiser shows the record of another group");
    }
    TRY_ASSIGN(const auto opened,
        training::openRecord(m_config.terms, m_config.size, m_config.round, decoded));
    const auto& survivors = opened.survivors;
    if (std::find(survivors.begin(), survivors.end(), m_config.key.publicKey())
        == survivors.end()) {
        return base::fail(Errc::Denied, "this node's vector is not in the group's sum");
    }
    return {};
}

void PrivateRound::giveUp(const base::Error& why)
{
    m_member.reset();
    m_outbox.clear();
    ++m_question; // answers on their way are for a part that is over
    m_isWaiting = false;
    if (m_hasSent || m_attempt + 1 >= m_organisers.size()) {
        finish(tl::unexpected{ why });
        return;
    }
    qCInfo(lcTraining).noquote() << "private round" << m_config.round.round << "attempt"
                                 << m_attempt << "failed:" << QString::fromStdString(why.message);
    ++m_attempt;
    m_contact.start();
}

void PrivateRound::finish(base::Result<base::Bytes> result)
{
    m_step = Step::Over;
    m_member.reset();
    crypto::wipe(std::as_writable_bytes(std::span{ m_vector }));
    m_vector.clear();
    if (auto done = std::exchange(m_config.done, {})) {
        done(std::move(result));
    }
}

} // namespace loam::node
