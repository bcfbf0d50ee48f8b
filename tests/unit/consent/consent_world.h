// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "consent/batch_gate.h"
#include "crypto/hash.h"

#include <QTemporaryDir>

#include <array>
#include <filesystem>

/// An owner with one source, one file he saw and one grant, for the tests of consent.
namespace loam::consent::test {

using namespace std::chrono_literals;

class FakeClock final : public base::Clock
{
public:
    base::UnixTime now() const override { return time; }
    base::MonotonicTime monotonic() const override { return {}; }
    base::UnixTime time{ std::chrono::milliseconds{ 1'700'000'000'000 } };
};

inline OfferedFile offered(SourceId source, const std::string& path, const std::string& text)
{
    return { .source = source,
        .path = path,
        .contents = crypto::sha256(base::asBytes("file of " + text)),
        .quality = {},
        .used = text,
        .usedHash = crypto::sha256(base::asBytes(text)) };
}

inline FileSeen seenOf(const OfferedFile& file)
{
    return {
        .source = file.source, .path = file.path, .contents = file.contents, .used = file.usedHash
    };
}

inline RunId run(int number)
{
    RunId out;
    out.data.fill(static_cast<std::byte>(number));
    return out;
}

/// A source, one file the owner saw, and a grant for the private lane.
struct World
{
    QTemporaryDir folder;
    FakeClock clock;
    crypto::KeyPair key{ crypto::KeyPair::generate() };
    std::unique_ptr<Records> records;
    SourceId source{ 0 };
    OfferedFile file;
    Grant grant;

    World()
    {
        std::filesystem::create_directories(data());
        open();
        source = *records->addSource(data(), {}, {});
        OwnerTerms terms;
        terms.privateLane = true;
        static_cast<void>(records->setTerms(terms));
        file = offered(source, "a.txt", "some words of mine");
        const std::array seen{ seenOf(file) };
        static_cast<void>(records->markSeen(seen));
        grant = *records->grant(wanted(), key);
    }
    std::filesystem::path data() const { return folder.path().toStdString() + "/data"; }
    void open()
    {
        records.reset();
        records = std::move(
            *Records::open(folder.path().toStdString() + "/consent.db", key.publicKey(), clock));
    }
    Grant wanted() const
    {
        Grant out;
        out.run = run(1);
        out.purpose = Purpose::PrivateLane;
        out.sources = { source };
        out.until = clock.time + 24h;
        out.epsilonMilli = 2000;
        out.deltaPerBillion = 1000;
        return out;
    }
    RunTerms manifest() const
    {
        return { .run = run(1),
            .purpose = Purpose::PrivateLane,
            .epsilonMilli = 2000,
            .deltaPerBillion = 1000,
            .group = 16,
            .cohort = 64,
            .tokensPerRound = 1000 };
    }
};

inline constexpr MicroRho kRound = MicroRho::fromMicro(5000);

} // namespace loam::consent::test
