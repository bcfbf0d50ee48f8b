// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QString>

#include <cstdint>

namespace loam::test {

/// Writes a Llama model of a few million random weights and a vocabulary learnt from a handful of
/// sentences as a GGUF file; what it writes makes no sense, but it is a model like any other.
void writeTinyModel(const QString& path, std::uint32_t dim = 256, std::uint32_t layers = 6);

/// About `bytes` of prose of a language that does not exist: no two lines alike, many words, and
/// rules that a small model learns quickly.
QByteArray tinyText(unsigned seed, qsizetype bytes);

} // namespace loam::test
