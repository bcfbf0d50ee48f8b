// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/keystore.h"
#include "fuzz/fuzz.h"

#include <cstdio>
#include <filesystem>
#include <unistd.h>

using namespace loam;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    // The file's parser behind its public face; no fsync, so a plain write is fast enough.
    static const std::filesystem::path kPath = std::filesystem::temp_directory_path()
        / ("loam-fuzz-keystore-" + std::to_string(::getpid()) + ".json");
    std::FILE* const file = std::fopen(kPath.c_str(), "wb");
    ASSERT(file != nullptr);
    ASSERT(std::fwrite(data, 1, size, file) == size);
    std::fclose(file);
    // peek() reads and checks all that unlock() does before it spends time on scrypt.
    const auto key = crypto::Keystore::peek(kPath);
    ASSERT(key || key.error().code != base::Errc::Io);
    std::filesystem::remove(kPath);
    return 0;
}
