// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/bench_job.h"

#include "crypto/aead.h"
#include "crypto/ed25519.h"
#include "crypto/hash.h"
#include "ml/bench_inference.h"
#include "worker/compute_device.h"

#include <algorithm>
#include <cstdlib>
#include <thread>

namespace loam::worker {
namespace {

    using base::Errc;
    using base::fail;
    using base::Result;

    constexpr std::uint64_t kMostRepetitions = 100;
    constexpr std::uint64_t kMostThreads = 256;

    /// What every message between nodes costs: signatures, hashes, sealing. One thread.
    ml::Measurements benchMessages(const ml::BenchOptions& options)
    {
        constexpr std::size_t kSmall = 256;
        constexpr std::size_t kLarge = std::size_t{ 1 } << 20U;
        const crypto::KeyPair key = crypto::KeyPair::generate();
        const base::Bytes small(kSmall, std::byte{ 7 });
        const base::Bytes large(kLarge, std::byte{ 9 });
        const base::Signature signature = key.sign(small);
        const crypto::SymmetricKey secret;
        const auto seal = [&](const base::Bytes& text) {
            return crypto::seal(
                crypto::Aead::ChaCha20Poly1305, secret, crypto::counterNonce(1), {}, text);
        };
        const base::Bytes sealed = seal(large);
        std::vector<ml::Measurement> out;
        bool isRight = true;
        const auto measure = [&](const char* name, const char* unit, double perCall, int calls,
                                 auto task) -> Result<> {
            std::vector<double> values;
            for (unsigned i = 0; i < options.repetitions; ++i) {
                if (options.shouldStop()) {
                    return fail(Errc::Cancelled, "the benchmark was cancelled");
                }
                const double seconds = ml::secondsOf([&] {
                    for (int call = 0; call < calls; ++call) {
                        isRight = task() && isRight;
                    }
                });
                values.push_back(perCall * calls / seconds);
            }
            ml::Measurement measured = ml::summary(name, unit, std::move(values));
            measured.device = "cpu";
            out.push_back(std::move(measured));
            return {};
        };
        constexpr double kMegabytes = static_cast<double>(kLarge) / 1e6;
        TRY(measure("messages.ed25519_sign", "1/s", 1.0, 100,
            [&] { return key.sign(small) == signature; }));
        TRY(measure("messages.ed25519_verify", "1/s", 1.0, 100,
            [&] { return crypto::verify(key.publicKey(), small, signature); }));
        const base::Hash256 digest = crypto::sha256(large);
        TRY(measure("messages.sha256", "MB/s", kMegabytes, 8,
            [&] { return crypto::sha256(large) == digest; }));
        TRY(measure("messages.seal_256_bytes", "1/s", 1.0, 1000,
            [&] { return seal(small).size() == kSmall + crypto::kTagSize; }));
        TRY(measure("messages.seal", "MB/s", kMegabytes, 8,
            [&] { return seal(large).size() == kLarge + crypto::kTagSize; }));
        TRY(measure("messages.open", "MB/s", kMegabytes, 8, [&] {
            return crypto::open(
                crypto::Aead::ChaCha20Poly1305, secret, crypto::counterNonce(1), {}, sealed)
                .has_value();
        }));
        if (!isRight) {
            return fail(Errc::Corrupt, "a signature or a seal was wrong in the benchmark");
        }
        return out;
    }

    Result<ml::InferenceSubject> subjectOf(const Request& request)
    {
        ml::InferenceSubject subject;
        TRY_ASSIGN(subject.model, request.textOr("model", ""));
        TRY_ASSIGN(const std::string type,
            request.textOr("type", std::string{ ml::weightTypeName(subject.type) }));
        const auto known = ml::weightTypeFromName(type);
        if (!known) {
            return fail(Errc::Invalid,
                "type: expected one such as F16, Q8_0, Q4_0 or Q4_K, not \"" + type + "\"");
        }
        subject.type = *known;
        return subject;
    }

    /// The card that the request names, opened as training does; none for the processor.
    Result<std::optional<ml::VulkanOptions>> cardOf(const Request& request)
    {
        TRY_ASSIGN(const std::string device, request.textOr("device", kProcessor));
        std::optional<ml::VulkanOptions> card;
        if (device != kProcessor) {
            card = vulkanOptions(device);
            card->mayRound = true;
        }
        return card;
    }

    Json jsonOf(const ml::Measurement& measured)
    {
        return { { "name", measured.name }, { "value", measured.value }, { "unit", measured.unit },
            { "device", measured.device }, { "threads", measured.threads },
            { "repetitions", measured.repetitions }, { "minimum", measured.minimum },
            { "maximum", measured.maximum } };
    }

} // namespace

Result<Json> bench(const Request& request, training::WorkControl& control)
{
    TRY_ASSIGN(const std::string what, request.text("what"));
    TRY_ASSIGN(const std::uint64_t threads,
        request.numberOr("threads", std::max(1U, std::thread::hardware_concurrency())));
    TRY_ASSIGN(const std::uint64_t repetitions, request.numberOr("repetitions", 5));
    if (threads == 0 || threads > kMostThreads || repetitions == 0
        || repetitions > kMostRepetitions) {
        return fail(Errc::Invalid, "bench: 1 to 256 threads and 1 to 100 repetitions, please");
    }
    double load = 0.0;
    if (::getloadavg(&load, 1) != 1) {
        load = -1.0;
    }
    ml::BenchOptions options;
    options.threads = static_cast<unsigned>(threads);
    options.repetitions = static_cast<unsigned>(repetitions);
    TRY_ASSIGN(options.card, cardOf(request));
    options.shouldStop = [&control] { return control.shouldStop(); };
    const ml::BenchMachine machine = ml::benchMachine();
    ml::Measurements measured
        = fail(Errc::Invalid, "bench: expected gemm, train, infer, ops or messages");
    if (what == "gemm") {
        measured = ml::benchGemm(options);
    } else if (what == "train") {
        measured = ml::benchTraining(options, machine);
    } else if (what == "infer") {
        TRY_ASSIGN(const ml::InferenceSubject subject, subjectOf(request));
        measured = ml::benchInference(options, machine, subject);
    } else if (what == "ops") {
        measured = ml::benchOps(options);
    } else if (what == "messages") {
        measured = benchMessages(options);
    }
    TRY(measured);
    Json list = Json::array();
    for (const ml::Measurement& one : *measured) {
        list.push_back(jsonOf(one));
    }
    return Json{ { "measurements", std::move(list) }, { "core", machine.core },
        { "peak_gflops", machine.peak / 1e9 }, { "load", load } };
}

} // namespace loam::worker
