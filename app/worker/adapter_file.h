// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "crypto/secret.h"
#include "ml/lora.h"
#include "worker/request.h"

#include <filesystem>

namespace loam::worker {

/// An adapter at rest: PEFT's two files as one CBOR array, sealed (crypto::sealContents), since
/// its weights remember private text. Never in clear on the disk.
base::Result<> writeAdapter(const std::filesystem::path& path, const crypto::SymmetricKey& key,
    const ml::Lora& adapter, std::string_view baseName);
base::Result<ml::Lora> readAdapter(const std::filesystem::path& path,
    const crypto::SymmetricKey& key, const ml::ModelConfig& model);

/// What writeAdapter seals. Corrupt when it is not of that form.
base::Bytes packAdapter(const ml::Lora& adapter, std::string_view baseName);
base::Result<ml::Lora> unpackAdapter(base::ByteView packed, const ml::ModelConfig& model);

/// A key that the node hands over as hexadecimal text.
base::Result<crypto::SymmetricKey> keyOf(const Request& request, const char* field);

} // namespace loam::worker
