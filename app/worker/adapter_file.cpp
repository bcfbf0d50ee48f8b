// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/adapter_file.h"

#include "base/file.h"
#include "codec/cbor.h"
#include "crypto/sealed.h"

#include <algorithm>

namespace loam::worker {
namespace {

    using base::Errc;
    using base::fail;
    using base::Result;

    constexpr std::string_view kPurpose = "loam/adapter/v1";
    constexpr std::size_t kMostBytes = std::size_t{ 4 } << 30U;

} // namespace

base::Bytes packAdapter(const ml::Lora& adapter, std::string_view baseName)
{
    codec::Writer out;
    out.array(3).text(kPurpose).text(adapter.configJson(baseName)).bytes(adapter.toSafetensors());
    return out.take();
}

Result<ml::Lora> unpackAdapter(base::ByteView packed, const ml::ModelConfig& model)
{
    codec::Reader reader{ packed, { .bytes = kMostBytes } };
    TRY(reader.array(3));
    TRY_ASSIGN(const std::string_view kind, reader.text());
    if (kind != kPurpose) {
        return fail(Errc::Corrupt, "this is no adapter");
    }
    TRY_ASSIGN(const std::string_view config, reader.text());
    TRY_ASSIGN(const base::ByteView weights, reader.bytes());
    TRY(reader.finish());
    return ml::Lora::parse(model, base::asBytes(config), weights);
}

Result<> writeAdapter(const std::filesystem::path& path, const crypto::SymmetricKey& key,
    const ml::Lora& adapter, std::string_view baseName)
{
    base::Bytes packed = packAdapter(adapter, baseName);
    const base::Bytes sealed = crypto::sealContents(key, kPurpose, packed);
    crypto::wipe(packed);
    return base::writeFileAtomically(path, sealed, base::FileAccess::OwnerOnly);
}

Result<ml::Lora> readAdapter(const std::filesystem::path& path, const crypto::SymmetricKey& key,
    const ml::ModelConfig& model)
{
    TRY_ASSIGN(const base::Bytes sealed, base::readFile(path, kMostBytes));
    auto packed = crypto::openContents(key, kPurpose, sealed);
    if (!packed) {
        return tl::unexpected{ std::move(packed).error().context("the adapter") };
    }
    auto adapter = unpackAdapter(*packed, model);
    crypto::wipe(*packed);
    return adapter;
}

Result<crypto::SymmetricKey> keyOf(const Request& request, const char* field)
{
    TRY_ASSIGN(const std::string hex, request.text(field));
    auto bytes = base::fromHex(hex);
    if (!bytes || bytes->size() != crypto::SymmetricKey::kSize) {
        return fail(Errc::Invalid, std::string{ field } + ": expected a key");
    }
    crypto::SymmetricKey key;
    std::ranges::copy(*bytes, key.mutableView().begin());
    crypto::wipe(*bytes);
    return key;
}

} // namespace loam::worker
