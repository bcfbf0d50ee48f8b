// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/gguf.h"
#include "ml/output_file.h"

#include <functional>

namespace loam::ml {

/// Write side of GGUF version 3: keys and tensors in the order in which they are added.
class GgufWriter
{
public:
    /// Writes a tensor's bytes, exactly as many as its shape and type say.
    using Body = std::function<base::Result<>(OutputFile&)>;

    void text(std::string_view key, std::string_view value);
    void number(std::string_view key, std::uint32_t value);
    void real(std::string_view key, float value);
    void flag(std::string_view key, bool value);
    void texts(std::string_view key, std::span<const std::string> values);
    void reals(std::string_view key, std::span<const float> values);
    void integers(std::string_view key, std::span<const std::int32_t> values);

    /// `shape` as in the file: the columns first.
    void tensor(
        std::string_view name, std::span<const std::uint64_t> shape, WeightType type, Body body);

    /// The file appears whole or not at all.
    base::Result<> write(const std::filesystem::path& path) const;

private:
    struct Tensor
    {
        std::uint64_t bytes;
        Body body;
    };

    void key(std::string_view key, GgufType type);
    void list(std::string_view key, GgufType type, std::uint64_t count);

    base::Bytes m_keys;
    std::uint64_t m_keyCount{ 0 };
    base::Bytes m_infos;
    std::uint64_t m_offset{ 0 };
    std::vector<Tensor> m_tensors;
};

} // namespace loam::ml
