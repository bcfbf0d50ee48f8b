// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/run_files.h"

#include "codec/cbor.h"
#include "crypto/hash.h"

namespace loam::node {

base::Bytes RunBundle::encode() const
{
    codec::Writer writer;
    writer.array(2).bytes(manifest).text(baseMagnet);
    return writer.take();
}

base::Result<RunBundle> RunBundle::decode(base::ByteView bytes)
{
    codec::Reader reader{ bytes };
    RunBundle bundle;
    TRY(reader.array(std::size_t{ 2 }));
    TRY_ASSIGN(const base::ByteView manifest, reader.bytes());
    bundle.manifest = base::toBytes(manifest);
    TRY_ASSIGN(bundle.baseMagnet, reader.text());
    TRY(reader.finish());
    return bundle;
}

BaseFiles BaseFiles::at(
    const Home& home, const base::Hash256& tokenizerHash, const base::Hash256& probeHash)
{
    const base::Hash256 both
        = crypto::Sha256{}.update(tokenizerHash.view()).update(probeHash.view()).finish();
    return { home.models() / ("loam-base-" + base::toHex(both.view()).substr(0, 16)) };
}

RunFiles RunFiles::at(const Home& home, const ledger::RunId& run)
{
    const std::string prefix = base::toHex(run.view()).substr(0, 16);
    return { home.models() / ("run-" + prefix), prefix };
}

std::filesystem::path RunFiles::parameters(std::uint64_t round) const
{
    return folder / ("loam-" + prefix + "-round-" + std::to_string(round) + ".safetensors");
}

std::filesystem::path RunFiles::candidate(std::uint64_t round) const
{
    return folder / ("candidate-" + std::to_string(round) + ".safetensors");
}

std::filesystem::path RunFiles::trainerStateAfter(std::uint64_t round) const
{
    return folder / ("trainer-" + std::to_string(round) + ".state");
}

std::filesystem::path RunFiles::ownUpdate(std::uint64_t round) const
{
    return folder / ("own-" + std::to_string(round) + ".update");
}

std::filesystem::path RunFiles::ownUpdateFacts(std::uint64_t round) const
{
    return folder / ("own-" + std::to_string(round) + ".json");
}

std::filesystem::path updatePath(const Home& home, const base::Hash256& commitment)
{
    return home.updates() / (base::toHex(commitment.view()) + ".update");
}

} // namespace loam::node
