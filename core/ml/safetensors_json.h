// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/safetensors.h"

namespace loam::ml {

/// What the JSON header of a safetensors file says, before its ranges are checked.
struct SafetensorsHeader
{
    std::vector<SafetensorsEntry> entries;
    std::vector<std::pair<std::string, std::string>> metadata;
};

/// Parses just the grammar of the header, without recursion: an object of tensors, each with
/// dtype, shape and data_offsets once, beside at most one __metadata__ of strings. Corrupt
/// otherwise.
base::Result<SafetensorsHeader> parseSafetensorsHeader(std::string_view json);

} // namespace loam::ml
