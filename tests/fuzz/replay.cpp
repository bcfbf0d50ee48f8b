// SPDX-License-Identifier: GPL-3.0-or-later
// Runs every file of a corpus through a fuzzer's entry point, without clang.
#include "base/file.h"
#include "fuzz/fuzz.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <vector>

int main(int argc, char** argv)
{
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    std::error_code code;
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator{ argv[1], code }) {
        files.push_back(entry.path());
    }
    if (files.empty()) {
        std::fprintf(stderr, "the corpus %s is empty\n", argv[1]);
        return 1;
    }
    std::ranges::sort(files);
    for (const std::filesystem::path& file : files) {
        std::printf("%s\n", file.filename().c_str());
        std::fflush(stdout);
        const auto contents = loam::base::readFile(file, 1U << 24);
        if (!contents) {
            std::fprintf(stderr, "%s\n", contents.error().message.c_str());
            return 1;
        }
        const auto* const data = reinterpret_cast<const std::uint8_t*>(contents->data());
        LLVMFuzzerTestOneInput(data, contents->size());
    }
    return 0;
}
