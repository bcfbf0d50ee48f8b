// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/transaction.h"

#include "crypto/hash.h"
#include "ledger/plain_text.h"

#include <algorithm>
#include <array>

namespace loam::ledger {

using base::Amount;
using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::string_view kEnvelopeType = "tx";
    constexpr std::array<std::string_view, std::variant_size_v<TransactionBody>> kKindNames{
        "transfer", "bond", "unbond", "register_node", "open_run", "join_run", "leave_run",
        "submit_update", "close_round", "report_evidence"
    };

    Result<> require(bool condition, const char* what)
    {
        if (!condition) {
            return fail(Errc::Invalid, what);
        }
        return {};
    }

    Result<Amount> readAmount(codec::Reader& in)
    {
        TRY_ASSIGN(const std::int64_t micro, in.signedInt());
        return Amount::fromMicro(micro);
    }

    Result<std::chrono::milliseconds> readDuration(codec::Reader& in)
    {
        TRY_ASSIGN(const std::uint64_t value, in.unsignedInt());
        TRY(require(value <= kMaxMilliseconds, "a duration is out of range"));
        return std::chrono::milliseconds{ static_cast<std::int64_t>(value) };
    }

    Result<std::uint32_t> readCount(codec::Reader& in)
    {
        TRY_ASSIGN(const std::uint64_t value, in.unsignedInt());
        TRY(require(value <= UINT32_MAX, "a count is out of range"));
        return static_cast<std::uint32_t>(value);
    }

    Result<std::string> readText(
        codec::Reader& in, std::size_t minimum, std::size_t maximum, const char* what)
    {
        TRY_ASSIGN(const std::string_view text, in.text());
        TRY(require(isPlainText(text, minimum, maximum), what));
        return std::string{ text };
    }

    Result<base::Bytes> readBytes(codec::Reader& in, std::size_t maximum, const char* what)
    {
        TRY_ASSIGN(const base::ByteView bytes, in.bytes());
        TRY(require(bytes.size() <= maximum, what));
        return base::toBytes(bytes);
    }

    void write(codec::Writer& out, const Transfer& body)
    {
        out.array(3).bytes(body.to.view()).signedInt(body.amount.micro()).text(body.memo);
    }
    void write(codec::Writer& out, const Bond& body)
    {
        out.array(1).signedInt(body.amount.micro());
    }
    void write(codec::Writer& out, const Unbond& body)
    {
        out.array(1).signedInt(body.amount.micro());
    }
    void write(codec::Writer& out, const RegisterNode& body)
    {
        out.array(2).text(body.name).unsignedInt(body.nonce);
    }
    void write(codec::Writer& out, const OpenRun& body)
    {
        const RunTerms& terms = body.terms;
        out.array(3).text(body.name).bytes(body.manifest);
        out.array(8).signedInt(terms.emissionPerRound.micro()).unsignedInt(terms.quorum);
        out.unsignedInt(terms.startMembers);
        out.unsignedInt(static_cast<std::uint64_t>(terms.window.count()));
        out.unsignedInt(static_cast<std::uint64_t>(terms.grace.count()));
        out.unsignedInt(terms.roundsTotal).unsignedInt(terms.maxMembers);
        out.bytes(terms.initialParams.view());
    }
    void write(codec::Writer& out, const JoinRun& body)
    {
        out.array(1).bytes(body.run.view());
    }
    void write(codec::Writer& out, const LeaveRun& body)
    {
        out.array(1).bytes(body.run.view());
    }
    void write(codec::Writer& out, const SubmitUpdate& body)
    {
        out.array(5).bytes(body.run.view()).unsignedInt(body.round);
        out.bytes(body.commitment.view()).unsignedInt(body.bytes).unsignedInt(body.tokens);
    }
    void write(codec::Writer& out, const CloseRound& body)
    {
        out.array(9).bytes(body.run.view()).unsignedInt(body.round);
        out.unsignedInt(static_cast<std::uint64_t>(body.result)).text(body.rule);
        out.array(body.contributions.size());
        for (const Contribution& contribution : body.contributions) {
            out.array(6).bytes(contribution.node.view()).bytes(contribution.commitment.view());
            out.unsignedInt(static_cast<std::uint64_t>(contribution.verdict));
            out.text(contribution.reason).signedInt(contribution.weightMillionths);
            out.signedInt(contribution.normMillionths);
        }
        out.bytes(body.paramsHash.view()).signedInt(body.lossBefore).signedInt(body.lossAfter);
        out.bytes(body.checkpoint);
    }
    void write(codec::Writer& out, const ReportEvidence& body)
    {
        out.array(1).bytes(body.evidence.encode());
    }

    Result<Transfer> readTransfer(codec::Reader& in)
    {
        Transfer out;
        TRY(in.array(3));
        TRY_ASSIGN(out.to, in.fixed<base::PublicKey>());
        TRY_ASSIGN(out.amount, readAmount(in));
        TRY_ASSIGN(out.memo, readText(in, 0, kMaxMemoBytes, "the memo is longer than 140 bytes"));
        return out;
    }

    Result<RegisterNode> readRegister(codec::Reader& in)
    {
        RegisterNode out;
        TRY(in.array(2));
        TRY_ASSIGN(out.name, readText(in, 1, kMaxNameBytes, "a name has 1 to 64 bytes"));
        TRY_ASSIGN(out.nonce, in.unsignedInt());
        return out;
    }

    Result<OpenRun> readOpenRun(codec::Reader& in)
    {
        OpenRun out;
        TRY(in.array(3));
        TRY_ASSIGN(out.name, readText(in, 1, kMaxNameBytes, "a name has 1 to 64 bytes"));
        TRY_ASSIGN(
            out.manifest, readBytes(in, kMaxManifestBytes, "the manifest is larger than 64 KiB"));
        TRY(in.array(8));
        TRY_ASSIGN(out.terms.emissionPerRound, readAmount(in));
        TRY_ASSIGN(out.terms.quorum, readCount(in));
        TRY_ASSIGN(out.terms.startMembers, readCount(in));
        TRY_ASSIGN(out.terms.window, readDuration(in));
        TRY_ASSIGN(out.terms.grace, readDuration(in));
        TRY_ASSIGN(out.terms.roundsTotal, in.unsignedInt());
        TRY_ASSIGN(out.terms.maxMembers, readCount(in));
        TRY_ASSIGN(out.terms.initialParams, in.fixed<base::Hash256>());
        return out;
    }

    Result<SubmitUpdate> readSubmit(codec::Reader& in)
    {
        SubmitUpdate out;
        TRY(in.array(5));
        TRY_ASSIGN(out.run, in.fixed<base::Hash256>());
        TRY_ASSIGN(out.round, in.unsignedInt());
        TRY_ASSIGN(out.commitment, in.fixed<base::Hash256>());
        TRY_ASSIGN(out.bytes, in.unsignedInt());
        TRY_ASSIGN(out.tokens, in.unsignedInt());
        return out;
    }

    Result<Contribution> readContribution(codec::Reader& in)
    {
        Contribution out;
        TRY(in.array(6));
        TRY_ASSIGN(out.node, in.fixed<base::PublicKey>());
        TRY_ASSIGN(out.commitment, in.fixed<base::Hash256>());
        TRY_ASSIGN(const std::uint64_t verdict, in.unsignedInt());
        TRY(require(verdict <= 1, "a verdict is 0 or 1"));
        out.verdict = static_cast<Verdict>(verdict);
        TRY_ASSIGN(out.reason, readText(in, 1, kMaxReasonBytes, "a reason has 1 to 64 bytes"));
        TRY_ASSIGN(out.weightMillionths, in.signedInt());
        TRY_ASSIGN(out.normMillionths, in.signedInt());
        return out;
    }

    Result<CloseRound> readClose(codec::Reader& in)
    {
        CloseRound out;
        TRY(in.array(9));
        TRY_ASSIGN(out.run, in.fixed<base::Hash256>());
        TRY_ASSIGN(out.round, in.unsignedInt());
        TRY_ASSIGN(const std::uint64_t result, in.unsignedInt());
        TRY(require(result <= 1, "a round's result is 0 or 1"));
        out.result = static_cast<RoundResult>(result);
        TRY_ASSIGN(out.rule, readText(in, 0, kMaxReasonBytes, "a rule has at most 64 bytes"));
        TRY_ASSIGN(const std::size_t count, in.array());
        TRY(require(count <= kMaxRunMembers, "more than 1,000 contributions"));
        for (std::size_t i = 0; i < count; ++i) {
            TRY_ASSIGN(Contribution contribution, readContribution(in));
            out.contributions.push_back(std::move(contribution));
        }
        TRY_ASSIGN(out.paramsHash, in.fixed<base::Hash256>());
        TRY_ASSIGN(out.lossBefore, in.signedInt());
        TRY_ASSIGN(out.lossAfter, in.signedInt());
        TRY_ASSIGN(out.checkpoint,
            readBytes(in, kMaxCheckpointBytes, "a checkpoint reference has at most 256 bytes"));
        return out;
    }

    Result<TransactionBody> readBody(codec::Reader& in, std::uint64_t kind)
    {
        switch (kind) {
        case 1:
            return readTransfer(in);
        case 2: {
            TRY(in.array(1));
            TRY_ASSIGN(const Amount amount, readAmount(in));
            return Bond{ amount };
        }
        case 3: {
            TRY(in.array(1));
            TRY_ASSIGN(const Amount amount, readAmount(in));
            return Unbond{ amount };
        }
        case 4:
            return readRegister(in);
        case 5:
            return readOpenRun(in);
        case 6: {
            TRY(in.array(1));
            TRY_ASSIGN(const auto run, in.fixed<base::Hash256>());
            return JoinRun{ run };
        }
        case 7: {
            TRY(in.array(1));
            TRY_ASSIGN(const auto run, in.fixed<base::Hash256>());
            return LeaveRun{ run };
        }
        case 8:
            return readSubmit(in);
        case 9:
            return readClose(in);
        case 10: {
            TRY(in.array(1));
            TRY_ASSIGN(const base::ByteView bytes, in.bytes());
            TRY_ASSIGN(consensus::Evidence evidence, consensus::Evidence::decode(bytes));
            return ReportEvidence{ std::move(evidence) };
        }
        }
        return fail(Errc::Invalid, "unknown kind of transaction " + std::to_string(kind));
    }

    struct Payload
    {
        std::uint64_t sequence{ 0 };
        Amount fee;
        TransactionBody body;
    };

    Result<Payload> readPayload(base::ByteView bytes)
    {
        codec::Reader in{ bytes };
        Payload out;
        TRY(in.array(4));
        TRY_ASSIGN(const std::uint64_t kind, in.unsignedInt());
        TRY_ASSIGN(out.sequence, in.unsignedInt());
        TRY(require(out.sequence < INT64_MAX, "the sequence number is out of range"));
        TRY_ASSIGN(out.fee, readAmount(in));
        TRY(require(out.fee >= Amount{}, "the fee is negative"));
        TRY_ASSIGN(out.body, readBody(in, kind));
        TRY(in.finish());
        return out;
    }

    /// The codec writes nothing but UTF-8, so foreign text is looked at before it gets there.
    bool hasPlainText(const TransactionBody& body)
    {
        if (const auto* transfer = std::get_if<Transfer>(&body)) {
            return isPlainText(transfer->memo, 0, kMaxMemoBytes);
        }
        if (const auto* node = std::get_if<RegisterNode>(&body)) {
            return isPlainText(node->name, 1, kMaxNameBytes);
        }
        if (const auto* run = std::get_if<OpenRun>(&body)) {
            return isPlainText(run->name, 1, kMaxNameBytes);
        }
        if (const auto* close = std::get_if<CloseRound>(&body)) {
            const auto isPlain = [](const Contribution& contribution) {
                return isPlainText(contribution.reason, 1, kMaxReasonBytes);
            };
            return isPlainText(close->rule, 0, kMaxReasonBytes)
                && std::all_of(close->contributions.begin(), close->contributions.end(), isPlain);
        }
        return true;
    }

} // namespace

std::string_view kindName(const TransactionBody& body)
{
    return kKindNames.at(body.index());
}

base::Bytes encodeBody(const TransactionBody& body)
{
    codec::Writer out;
    std::visit([&out](const auto& alternative) { write(out, alternative); }, body);
    return out.take();
}

Outcome<SignedTx> SignedTx::decode(base::ByteView bytes)
{
    if (bytes.size() > kMaxTransactionBytes) {
        return refuse(Reason::Malformed, "the transaction is larger than 256 KiB");
    }
    auto envelope = codec::Envelope::decode(bytes);
    if (!envelope) {
        return refuse(Reason::Malformed, envelope.error().message);
    }
    if (envelope->type != kEnvelopeType) {
        return refuse(Reason::Malformed, "the envelope does not hold a transaction");
    }
    auto payload = readPayload(envelope->payload);
    if (!payload) {
        return refuse(Reason::Malformed, payload.error().message);
    }
    SignedTx out;
    out.m_bytes = base::toBytes(bytes);
    out.m_id = crypto::sha256(bytes);
    out.m_sender = envelope->signer;
    out.m_envelope = std::move(*envelope);
    out.m_sequence = payload->sequence;
    out.m_fee = payload->fee;
    out.m_body = std::move(payload->body);
    return out;
}

Outcome<SignedTx> SignedTx::sign(const crypto::KeyPair& key, const base::NetworkId& network,
    std::uint64_t sequence, base::Amount fee, const TransactionBody& body)
{
    if (!hasPlainText(body)) {
        return refuse(Reason::Malformed,
            "a text is too long, missing, or not plain UTF-8: names have 1 to 64 bytes, a memo at "
            "most 140");
    }
    codec::Writer payload;
    payload.array(4).unsignedInt(body.index() + 1).unsignedInt(sequence).signedInt(fee.micro());
    payload.raw(encodeBody(body));
    codec::Envelope envelope{ .type = std::string{ kEnvelopeType },
        .payload = payload.take(),
        .signer = key.publicKey(),
        .signature = {} };
    envelope.signature = key.sign(envelope.signedBytes(network));
    // Reading it back applies the bounds that every receiver will apply.
    return decode(envelope.encode());
}

bool SignedTx::hasValidSignature(const base::NetworkId& network) const
{
    return crypto::verify(m_sender, m_envelope.signedBytes(network), m_envelope.signature);
}

} // namespace loam::ledger
