// SPDX-License-Identifier: GPL-3.0-or-later
// loam-extractor: reads documents for loamd, one child a document, without any rights.
#include "worker/extract/server.h"

#include <cstdio>
#include <cstdlib>
#include <string_view>

int main(int argc, char** argv)
{
    using loam::worker::Surroundings;
    Surroundings surroundings = Surroundings::Open;
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument{ argv[i] };
        if (argument == "--version") {
            std::puts("loam-extractor " LOAM_VERSION);
            return EXIT_SUCCESS;
        }
        if (argument != "--confined") {
            std::fputs("usage: loam-extractor [--confined]\nStarted by loamd; reads documents that "
                       "it is handed over a socket.\n",
                stderr);
            return 2;
        }
        surroundings = Surroundings::Confined;
    }
    return loam::worker::serveExtraction(surroundings);
}
