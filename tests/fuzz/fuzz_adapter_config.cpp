// SPDX-License-Identifier: GPL-3.0-or-later
// Adapters from strangers: a configuration is refused by name of the field or says nothing that
// Loam cannot compute, and what it says survives writing and reading.
#include "fuzz/fuzz.h"
#include "ml/lora.h"

using namespace loam;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto config = ml::parseAdapterConfig(std::as_bytes(std::span{ data, size }));
    if (!config) {
        ASSERT(config.error().code == base::Errc::Invalid);
        return 0;
    }
    const ml::ModelConfig model;
    if (!config->validate(model)) {
        return 0;
    }
    ASSERT(config->rank >= 1 && config->rank <= model.dim && !config->targets.empty());
    const auto lora = ml::Lora::initialise(model, *config, 1);
    ASSERT(lora.has_value());
    const auto again = ml::parseAdapterConfig(base::asBytes(lora->configJson("base")));
    ASSERT(again.has_value() && *again == *config);
    return 0;
}
