// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Precompiled for every module without Qt: what most of their files include anyway. A file names
// what it uses all the same, so that it compiles without this.
#include "base/result.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <compare>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>
