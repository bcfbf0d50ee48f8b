// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "consent/beneath.h"
#include "consent/document_kind.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace loam::consent {

/// What one document may cost.
struct ExtractionLimits
{
    std::uint64_t textBytes{ 8U << 20U }; ///< of output; what is beyond is cut off
    std::uint64_t memoryBytes{ 512U << 20U }; ///< address space of the child
    std::chrono::seconds time{ 10 }; ///< of processor, and of the clock
};

struct ExtractedText
{
    std::string text; ///< UTF-8 without control characters but tab and line feed
    bool isCut{ false }; ///< there was more
};

/// What stands between a document and the rest of the computer.
enum class Confinement : std::uint8_t {
    None, ///< not started yet
    SystemCalls, ///< seccomp, no network, limits on time, memory and output
    Namespaces, ///< besides: own user, network, process and mount namespaces (bubblewrap)
};

/// The way to loam-extractor, the process that reads documents. It gets one open file and the
/// writing end of a pipe at a time, forks a child that may do nothing but read the one and write to
/// the other, and says how it went. A document that kills, stalls or floods its child costs one
/// error. Used by one thread at a time; calls block up to the limits.
class Extractor
{
public:
    /// `program` is the path of loam-extractor, started at the first use.
    explicit Extractor(std::filesystem::path program);
    ~Extractor();
    Extractor(const Extractor&) = delete;
    Extractor& operator=(const Extractor&) = delete;

    /// Invalid when the document is damaged or not what its name says; Denied when it is locked by
    /// a password; Timeout and Unavailable when it exceeded its limits; Io when the program cannot
    /// be started.
    base::Result<ExtractedText> extract(
        const Descriptor& file, DocumentKind kind, const ExtractionLimits& limits = {});

    Confinement confinement() const { return m_confinement; }

private:
    base::Result<> start();
    base::Result<> spawn(bool confined);
    void stop();
    base::Result<ExtractedText> converse(
        const Descriptor& file, DocumentKind kind, const ExtractionLimits& limits);

    std::filesystem::path m_program;
    Descriptor m_socket;
    int m_process{ -1 };
    Confinement m_confinement{ Confinement::None };
};

} // namespace loam::consent
