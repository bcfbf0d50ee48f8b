// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace loam::test {

/// Writes a Llama model of a few million random weights and a vocabulary learnt from a handful of
/// sentences as a GGUF file; what it writes makes no sense, but it is a model like any other.
void writeTinyModel(const QString& path);

} // namespace loam::test
