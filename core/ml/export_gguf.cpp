// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/gguf_writer.h"
#include "ml/model_export.h"
#include "ml/tensor_shelf.h"
#include "ml/weight_convert.h"

#include <fmt/format.h>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    /// What general.file_type calls a file of mostly this type.
    std::uint32_t fileType(WeightType type)
    {
        switch (type) {
        case WeightType::F32:
            return 0;
        case WeightType::F16:
            return 1;
        case WeightType::BF16:
            return 32;
        case WeightType::Q4_0:
            return 2;
        case WeightType::Q4_1:
            return 3;
        case WeightType::Q5_0:
            return 8;
        case WeightType::Q5_1:
            return 9;
        case WeightType::Q8_0:
            return 7;
        case WeightType::Q2_K:
            return 10;
        case WeightType::Q3_K:
            return 11;
        case WeightType::Q4_K:
            return 14;
        case WeightType::Q5_K:
            return 16;
        case WeightType::Q6_K:
            return 18;
        }
        return 0;
    }

    std::int32_t kindNumber(PieceKind kind)
    {
        switch (kind) {
        case PieceKind::Normal:
            return 1;
        case PieceKind::Unknown:
            return 2;
        case PieceKind::Control:
            return 3;
        case PieceKind::UserDefined:
            return 4;
        case PieceKind::Unused:
            return 5;
        case PieceKind::Byte:
            return 6;
        }
        return 1;
    }

    void putShape(GgufWriter& out, const ModelShape& shape)
    {
        const std::string_view name = architectureName(shape.architecture);
        const auto key = [name](std::string_view rest) { return fmt::format("{}.{}", name, rest); };
        out.number(key("vocab_size"), shape.vocab);
        out.number(key("context_length"), shape.context);
        out.number(key("embedding_length"), shape.dim);
        out.number(key("block_count"), shape.layers);
        out.number(key("feed_forward_length"), shape.ffn);
        out.number(key("attention.head_count"), shape.heads);
        out.number(key("attention.head_count_kv"), shape.kvHeads);
        out.number(key("attention.key_length"), shape.headDim);
        out.number(key("attention.value_length"), shape.headDim);
        out.real(key("attention.layer_norm_rms_epsilon"), shape.normEps);
        out.number(key("rope.dimension_count"), shape.headDim);
        out.real(key("rope.freq_base"), shape.ropeTheta);
        if (shape.ropeScale != 1.0F) {
            out.text(key("rope.scaling.type"), "linear");
            out.real(key("rope.scaling.factor"), shape.ropeScale);
        }
        if (shape.window > 0) {
            out.number(key("attention.sliding_window"), shape.window);
            out.number(key("attention.sliding_window_pattern"), shape.windowPattern);
            out.real(key("rope.freq_base_swa"), shape.localRopeTheta);
        }
    }

    void putVocabulary(GgufWriter& out, const Vocabulary& vocabulary)
    {
        const bool isBpe = vocabulary.algorithm == Vocabulary::Algorithm::Bpe;
        std::vector<std::string> texts;
        std::vector<float> scores;
        std::vector<std::int32_t> kinds;
        for (const Vocabulary::Piece& piece : vocabulary.pieces) {
            texts.push_back(piece.text);
            scores.push_back(piece.score);
            kinds.push_back(kindNumber(piece.kind));
        }
        out.text("tokenizer.ggml.model", isBpe ? "gpt2" : "llama");
        out.text("tokenizer.ggml.pre", vocabulary.splitter);
        out.texts("tokenizer.ggml.tokens", texts);
        out.integers("tokenizer.ggml.token_type", kinds);
        if (isBpe) {
            out.texts("tokenizer.ggml.merges", vocabulary.merges);
        } else {
            out.reals("tokenizer.ggml.scores", scores);
            out.flag("tokenizer.ggml.add_space_prefix", vocabulary.addSpacePrefix);
        }
        const auto token = [&out](std::string_view role, Token value) {
            if (value >= 0) {
                out.number(fmt::format("tokenizer.ggml.{}_token_id", role),
                    static_cast<std::uint32_t>(value));
            }
        };
        token("bos", vocabulary.bos);
        token("eos", vocabulary.eos);
        token("eot", vocabulary.eot);
        token("unknown", vocabulary.unknown);
        token("padding", vocabulary.padding);
        out.flag("tokenizer.ggml.add_bos_token", vocabulary.addBos);
        out.flag("tokenizer.ggml.add_eos_token", vocabulary.addEos);
        if (!vocabulary.chatTemplate.empty()) {
            out.text("tokenizer.chat_template", vocabulary.chatTemplate);
        }
    }

    /// Adds the tensors of a model; the model outlives the writing.
    class TensorPutter
    {
    public:
        TensorPutter(GgufWriter& out, WeightType type)
            : m_out{ out }
            , m_type{ type }
        {
        }

        void matrix(const std::string& name, const WeightSource& source, const RowOrder& order = {})
        {
            put(name, source, fitting(m_type, source), order);
        }

        /// The embedding and the head.
        void vocabularyMatrix(const std::string& name, const WeightSource& source)
        {
            const bool isSmall = blockFormat(m_type).columns > 1;
            put(name, source, fitting(isSmall ? WeightType::Q8_0 : m_type, source), {});
        }

        void vector(const std::string& name, std::span<const float> values)
        {
            if (values.empty()) {
                return;
            }
            const std::array<std::uint64_t, 1> shape{ values.size() };
            m_out.tensor(name, shape, WeightType::F32,
                [copy = std::vector(values.begin(), values.end())](
                    OutputFile& file) { return file.write(std::as_bytes(std::span{ copy })); });
        }

    private:
        static WeightType fitting(WeightType type, const WeightSource& source)
        {
            return source.columns % blockFormat(type).columns == 0 ? type : WeightType::F16;
        }

        void put(const std::string& name, const WeightSource& source, WeightType type,
            const RowOrder& order)
        {
            const std::array<std::uint64_t, 2> shape{ source.columns, source.rows };
            m_out.tensor(name, shape, type, [source, type, order](OutputFile& file) {
                return writeConverted(file, source, type, order);
            });
        }

        GgufWriter& m_out;
        WeightType m_type;
    };

    void putTensors(GgufWriter& out, const ModelFile& model, WeightType type)
    {
        const ModelShape& shape = model.description().shape;
        const ModelTensors& tensors = model.tensors();
        const TensorNames names = ggufNames();
        const bool isLlama = shape.architecture == Architecture::Llama;
        const RowOrder order{ shape.headDim, shape.ropeStyle,
            isLlama ? RopeStyle::Pairs : shape.ropeStyle };
        TensorPutter put{ out, type };
        put.vocabularyMatrix(std::string{ names.embedding }, tensors.embedding);
        if (!tensors.tied) {
            put.vocabularyMatrix(std::string{ names.head }, tensors.head);
        }
        put.vector(std::string{ names.outputNorm }, tensors.outputNorm);
        put.vector("rope_freqs.weight", shape.ropeFactors);
        for (std::size_t i = 0; i < tensors.layers.size(); ++i) {
            const LayerTensors& layer = tensors.layers[i];
            const TensorNames::Layer& in = names.layer;
            const auto name = [&](std::string_view rest) {
                return fmt::format("{}{}.{}", names.layerPrefix, i, rest);
            };
            put.vector(name(in.attentionNorm), layer.attentionNorm);
            put.matrix(name(in.q), layer.q, order);
            put.matrix(name(in.k), layer.k, order);
            put.matrix(name(in.v), layer.v);
            put.vector(name(in.qBias), reordered(layer.qBias, order));
            put.vector(name(in.kBias), reordered(layer.kBias, order));
            put.vector(name(in.vBias), layer.vBias);
            put.vector(name(in.qNorm), layer.qNorm);
            put.vector(name(in.kNorm), layer.kNorm);
            put.matrix(name(in.output), layer.output);
            put.vector(name(in.postAttentionNorm), layer.postAttentionNorm);
            put.vector(name(in.ffnNorm), layer.ffnNorm);
            put.matrix(name(in.gate), layer.gate);
            put.matrix(name(in.up), layer.up);
            put.matrix(name(in.down), layer.down);
            put.vector(name(in.postFfnNorm), layer.postFfnNorm);
        }
    }

} // namespace

Result<> exportGguf(
    const ModelFile& model, const std::filesystem::path& path, const ExportOptions& options)
{
    if (options.type == WeightType::Q2_K || options.type == WeightType::Q3_K) {
        return fail(Errc::Invalid,
            fmt::format("{} is only read, never written: choose Q4_K or Q4_0",
                weightTypeName(options.type)));
    }
    const ModelDescription& about = model.description();
    GgufWriter out;
    out.text("general.architecture", architectureName(about.shape.architecture));
    out.text("general.name", options.name.empty() ? about.name : options.name);
    if (!about.licence.empty()) {
        out.text("general.license", about.licence);
    }
    out.number("general.file_type", fileType(options.type));
    out.number("general.quantization_version", 2);
    putShape(out, about.shape);
    putVocabulary(out, model.text().vocabulary());
    putTensors(out, model, options.type);
    if (const auto written = out.write(path); !written) {
        return tl::unexpected{ base::Error{ written.error() }.context(
            fmt::format("cannot export {}", about.name)) };
    }
    return {};
}

} // namespace loam::ml
