// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "training/sum_messages.h"

#include <map>
#include <optional>
#include <span>

namespace loam::training {

/// Secure aggregation without a trusted server (Bonawitz et al., CCS 2017, the variant against an
/// active organiser): the organiser, himself a member or not, learns the sum of the survivors'
/// vectors and nothing else as long as fewer than a third of the group collude with him.
/// docs/protocol-private.md has every message. Both sides are state machines over values: bytes in,
/// bytes out, no clock, no socket; whoever carries the bytes decides how long to wait.

/// One member's side. The phases are called in order, each once; a failure of one is final: the
/// member takes no further part in the round and its secrets are wiped. Whatever is wrong is the
/// organiser's doing, so errors are Denied (he cheats), Invalid (malformed) or Unavailable (too
/// few).
class SumMember
{
public:
    /// `key` must outlive the object. All secrets are drawn from `randomness`. Invalid for bad
    /// terms or when `key` is no member.
    static base::Result<SumMember> create(
        SumTerms terms, const crypto::KeyPair& key, const crypto::SymmetricKey& randomness);

    /// R0: this round's keys.
    base::Result<base::Bytes> advertise();
    /// R1: given the organiser's list of advertisements, shares of both secrets for all on it.
    base::Result<base::Bytes> shareKeys(base::ByteView list);
    /// R2: given the inbox, the masked vector. `input` (values) is in the ring; it is wiped.
    base::Result<base::Bytes> mask(base::ByteView inbox, std::vector<std::uint32_t> input);
    /// R3: given the organiser's list of survivors, what this member saw, signed.
    base::Result<base::Bytes> confirm(base::ByteView survivors);
    /// R4: given at least `threshold` equal confirmations, one share for each sharer: of the own
    /// mask of a survivor or of the mask key of one who dropped out. Never both of one member.
    base::Result<base::Bytes> unmask(base::ByteView confirmations);

    const SumTerms& terms() const { return m_terms; }
    std::uint32_t place() const { return m_place; }

private:
    enum class Stage { Advertise, Share, Mask, Confirm, Unmask, Done, Failed };
    struct Peer
    {
        Advertisement keys;
        std::optional<SecretShare> maskKeyShare; ///< of the peer's secrets, for the unmasking
        std::optional<SecretShare> seedShare;
    };

    SumMember(SumTerms terms, const crypto::KeyPair& key, const crypto::SymmetricKey& randomness);
    /// Runs a phase; its failure ends the member's part.
    template <class Phase> base::Result<base::Bytes> run(Stage stage, Stage next, Phase phase);
    base::Result<> readKeys(base::ByteView list);
    base::Result<> openShares(const Inbox& inbox);
    base::Result<base::Bytes> reveal();
    void forget();

    SumTerms m_terms;
    const crypto::KeyPair* m_key;
    crypto::KeyStream m_random;
    crypto::AgreementKey m_cipherKey;
    crypto::SymmetricKey m_maskSecret;
    crypto::SymmetricKey m_seed;
    std::uint32_t m_place{ 0 };
    Stage m_stage{ Stage::Advertise };
    base::Bytes m_advertisement;
    base::Hash256 m_list; ///< SHA-256 of the list of keys
    std::map<std::uint32_t, Peer> m_peers; ///< all on the list, this member too
    Places m_sharers;
    Places m_survivors;
};

/// What a finished sum says.
struct OpenedSum
{
    std::vector<std::uint32_t> values; ///< sum of the survivors' vectors in the ring
    std::vector<base::PublicKey> survivors; ///< ascending by place
};

/// Checks a transcript and opens its sum: all signatures, thresholds and equal confirmations, every
/// reconstructed secret against what its owner advertised. The same for everyone who has the bytes.
base::Result<OpenedSum> openSum(const SumTerms& terms, const SumTranscript& transcript);

/// The organiser's side: collects, passes on, and never sees more than masked vectors.
class SumOrganiser
{
public:
    enum class Stage { Advertise, Share, Mask, Confirm, Unmask, Done, Failed };

    static base::Result<SumOrganiser> create(SumTerms terms);

    Stage stage() const { return m_stage; }
    /// Takes a member's message of the present stage. A repeated one is fine, a second different
    /// one Denied; of another stage Unavailable. Errors change nothing.
    base::Result<> take(base::ByteView message);
    /// Members whose message of this stage has come, and those it can come from.
    std::size_t answered() const;
    std::size_t expected() const { return m_expected.size(); }
    bool isComplete() const { return answered() == expected(); }
    /// Ends the stage with who has answered. Unavailable (final) below the threshold.
    base::Result<> close();
    /// What the last closed stage tells a member; nothing when it has dropped out before or no
    /// stage is closed.
    std::optional<base::Bytes> messageFor(const base::PublicKey& member) const;
    /// Behind the last stage: the transcript, checked.
    base::Result<SumTranscript> transcript() const;

private:
    explicit SumOrganiser(SumTerms terms);
    std::map<std::uint32_t, base::Bytes>& current();
    const std::map<std::uint32_t, base::Bytes>& current() const;
    base::Result<std::uint32_t> senderOf(base::ByteView message) const;

    SumTerms m_terms;
    Stage m_stage{ Stage::Advertise };
    Places m_expected;
    std::map<std::uint32_t, base::Bytes> m_advertisements;
    std::map<std::uint32_t, base::Bytes> m_bundles;
    std::map<std::uint32_t, std::vector<base::Bytes>> m_sealed; ///< of each sharer, by the list
    std::map<std::uint32_t, base::Bytes> m_masked;
    std::map<std::uint32_t, base::Bytes> m_confirmations;
    std::map<std::uint32_t, base::Bytes> m_unmaskings;
    base::Hash256 m_list;
    Places m_sharers;
    Places m_survivors;
};

} // namespace loam::training
