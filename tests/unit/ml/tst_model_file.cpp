// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "byte_pairs.h"
#include "ml/gguf_writer.h"
#include "ml/hugging_face.h"
#include "ml/model_export.h"
#include "ml/model_file.h"
#include "ml/model_parts.h"
#include "ml/parameters.h"
#include "ml/rope_scaling.h"
#include "ml/safetensors.h"
#include "ml/sentencepiece_model.h"
#include "ml/tokenizer.h"
#include "ml/tokenizer_json.h"

#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <filesystem>

using namespace loam;
using ml::ModelFile;
using ml::WeightType;
namespace fs = std::filesystem;

namespace {

std::vector<float> valuesOf(const ml::WeightSource& source)
{
    std::vector<float> out(source.rows * source.columns);
    ml::dequantise(source.type, out, source.bytes.data());
    return out;
}

std::vector<float> valuesOf(const ml::Parameters& parameters, std::string_view name)
{
    const auto values = parameters.values(*parameters.table().find(name));
    return { values.begin(), values.end() };
}

/// A qwen2 or gemma3 file of ones, small but whole; `skip` is left out.
void writeOnes(const fs::path& path, ml::Architecture architecture, std::string_view skip = {})
{
    const bool isGemma = architecture == ml::Architecture::Gemma3;
    const std::string name{ ml::architectureName(architecture) };
    ml::GgufWriter out;
    out.text("general.architecture", name);
    out.number(name + ".context_length", 64);
    out.number(name + ".embedding_length", 32);
    out.number(name + ".block_count", 1);
    out.number(name + ".feed_forward_length", 64);
    out.number(name + ".attention.head_count", 2);
    out.number(name + ".attention.head_count_kv", 1);
    if (isGemma) {
        out.number(name + ".attention.key_length", 8);
        out.number(name + ".attention.value_length", 8);
        out.number(name + ".attention.sliding_window", 16);
    }
    const std::vector<std::string> texts{ "a", "b", "c" };
    out.text("tokenizer.ggml.model", "llama");
    out.texts("tokenizer.ggml.tokens", texts);
    out.number("tokenizer.ggml.unknown_token_id", 0);
    const std::uint64_t head = isGemma ? 8 : 16;
    const auto put = [&](const std::string& tensor, std::vector<std::uint64_t> shape) {
        if (tensor == skip) {
            return;
        }
        std::size_t count = 1;
        for (const std::uint64_t extent : shape) {
            count *= extent;
        }
        out.tensor(tensor, shape, WeightType::F32, [count](ml::OutputFile& file) {
            const std::vector<float> ones(count, 1.0F);
            return file.write(std::as_bytes(std::span{ ones }));
        });
    };
    put("token_embd.weight", { 32, 3 });
    put("output_norm.weight", { 32 });
    put("blk.0.attn_norm.weight", { 32 });
    put("blk.0.ffn_norm.weight", { 32 });
    put("blk.0.attn_q.weight", { 32, 2 * head });
    put("blk.0.attn_k.weight", { 32, head });
    put("blk.0.attn_v.weight", { 32, head });
    put("blk.0.attn_output.weight", { 2 * head, 32 });
    put("blk.0.ffn_gate.weight", { 32, 64 });
    put("blk.0.ffn_up.weight", { 32, 64 });
    put("blk.0.ffn_down.weight", { 64, 32 });
    if (isGemma) {
        put("blk.0.attn_q_norm.weight", { 8 });
        put("blk.0.attn_k_norm.weight", { 8 });
        put("blk.0.post_attention_norm.weight", { 32 });
        put("blk.0.post_ffw_norm.weight", { 32 });
    } else {
        put("blk.0.attn_q.bias", { 2 * head });
        put("blk.0.attn_k.bias", { head });
        put("blk.0.attn_v.bias", { head });
    }
    QVERIFY(out.write(path).has_value());
}

std::string refusal(const fs::path& path)
{
    const auto opened = ModelFile::open(path);
    return opened ? std::string{} : opened.error().message;
}

} // namespace

class TestModelFile : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        const std::vector<fs::path> files{ LOAM_SAMPLE_TEXT };
        m_pieces = ml::Tokenizer::trainFromFiles(files, { 512 }).value();
        ml::ModelConfig config;
        config.dim = 64;
        config.layers = 2;
        config.heads = 4;
        config.kvHeads = 2;
        config.ffn = 96;
        config.vocab = 520;
        config.tied = false;
        m_parameters
            = std::make_shared<const ml::Parameters>(ml::Parameters::initialise(config, 5).value());
        m_run = ModelFile::ofParameters(m_parameters, "run", m_pieces).value();
    }

    void runsAreModels()
    {
        QCOMPARE(m_run->description().shape.headDim, 16U);
        QCOMPARE(m_run->description().parameters, m_parameters->table().count());
        QCOMPARE(valuesOf(m_run->tensors().layers[1].down),
            valuesOf(*m_parameters, "model.layers.1.mlp.down_proj.weight"));
        const fs::path file = path("run.safetensors");
        QVERIFY(m_parameters->save(file).has_value());
        const auto opened = ModelFile::openRun(m_parameters->config(), file, m_pieces).value();
        QCOMPARE(opened->description().shape, m_run->description().shape);
        QCOMPARE(valuesOf(opened->tensors().head), valuesOf(*m_parameters, "lm_head.weight"));
        ml::ModelConfig other = m_parameters->config();
        other.layers = 3;
        const auto refused = ModelFile::openRun(other, file, m_pieces);
        QVERIFY(!refused && refused.error().message.find("layers.2") != std::string::npos);
    }

    void textIsThatOfTheVocabulary()
    {
        const auto tokenizer = ml::Tokenizer::load(m_pieces).value();
        for (const char* text : { "Hello  world\n", "  GNU General Public License v3\t42",
                 "\xC3\xA4\xE6\xBC\xA2 \xF0\x9F\x99\x82", "" }) {
            QCOMPARE(m_run->text().encode(text, ml::TextCodec::Special::Plain),
                tokenizer->encode(text).value());
        }
        // Written and read again, by us and by the library.
        const base::Bytes again = ml::writeSentencePieceModel(m_run->text().vocabulary()).value();
        const auto library = ml::Tokenizer::load(again).value();
        QCOMPARE(
            library->encode("Free Software").value(), tokenizer->encode("Free Software").value());
        for (std::size_t length = 0; length < m_pieces.size(); length += 97) {
            (void)ml::parseSentencePieceModel(base::ByteView{ m_pieces }.first(length));
        }
    }

    void ggufTurnsNeighbours()
    {
        const fs::path file = path("f32.gguf");
        QVERIFY(ml::exportGguf(*m_run, file, { WeightType::F32, "Loam" }).has_value());
        const auto opened = ModelFile::open(file).value();
        QCOMPARE(opened->description().name, std::string{ "Loam" });
        QCOMPARE(opened->description().quantisation, std::string{ "F32" });
        ml::ModelShape expected = m_run->description().shape;
        expected.ropeStyle = ml::RopeStyle::Pairs;
        QCOMPARE(opened->description().shape, expected);
        const auto was = valuesOf(*m_parameters, "model.layers.0.self_attn.q_proj.weight");
        const auto is = valuesOf(opened->tensors().layers[0].q);
        for (std::size_t row = 0; row < 64; ++row) {
            const std::size_t from = row / 16 * 16 + row % 2 * 8 + row % 16 / 2;
            for (std::size_t i = 0; i < 64; ++i) {
                QCOMPARE(is[row * 64 + i], was[from * 64 + i]);
            }
        }
        QCOMPARE(valuesOf(opened->tensors().layers[0].v), valuesOf(m_run->tensors().layers[0].v));
        QCOMPARE(opened->text().encode("the work", ml::TextCodec::Special::Plain),
            m_run->text().encode("the work", ml::TextCodec::Special::Plain));
        // And back to halves.
        const fs::path folder = path("back");
        QVERIFY(ml::exportHuggingFace(*opened, folder, { WeightType::F32, "" }).has_value());
        const auto back = ModelFile::open(folder).value();
        QCOMPARE(back->description().shape, m_run->description().shape);
        QCOMPARE(valuesOf(back->tensors().layers[0].q), was);
        QCOMPARE(valuesOf(back->tensors().head), valuesOf(m_run->tensors().head));
        QCOMPARE(back->tensors().outputNorm, m_run->tensors().outputNorm);
        QCOMPARE(back->text().encode("the work", ml::TextCodec::Special::Plain),
            m_run->text().encode("the work", ml::TextCodec::Special::Plain));
        // The same vocabulary from tokenizer.json alone.
        fs::remove(folder / "tokenizer.model");
        const auto json = ModelFile::open(folder / "model.safetensors").value();
        QCOMPARE(json->text().encode("the work,  of  freedom\n", ml::TextCodec::Special::Plain),
            m_run->text().encode("the work,  of  freedom\n", ml::TextCodec::Special::Plain));
    }

    void everyTypeCanBeWritten()
    {
        const auto was = valuesOf(m_run->tensors().layers[0].gate);
        for (const WeightType type : { WeightType::F16, WeightType::BF16, WeightType::Q8_0,
                 WeightType::Q5_1, WeightType::Q5_0, WeightType::Q4_1, WeightType::Q4_0 }) {
            const fs::path file = path("typed.gguf");
            QVERIFY(ml::exportGguf(*m_run, file, { type, "" }).has_value());
            const auto opened = ModelFile::open(file).value();
            QCOMPARE(opened->tensors().layers[0].gate.type, type);
            const auto is = valuesOf(opened->tensors().layers[0].gate);
            for (std::size_t i = 0; i < was.size(); ++i) {
                QVERIFY(std::fabs(was[i] - is[i]) < 0.05F);
            }
        }
        // Rows of 64 are no blocks of 256.
        QVERIFY(ml::exportGguf(*m_run, path("k.gguf"), { WeightType::Q4_K, "" }).has_value());
        const auto opened = ModelFile::open(path("k.gguf")).value();
        QCOMPARE(opened->tensors().layers[0].gate.type, WeightType::F16);
        QCOMPARE(opened->tensors().embedding.type, WeightType::Q8_0);
        QVERIFY(!ml::exportGguf(*m_run, path("no.gguf"), { WeightType::Q2_K, "" }).has_value());
        QVERIFY(!ml::exportHuggingFace(*m_run, path("no"), { WeightType::Q8_0, "" }).has_value());
    }

    void shardsAreOneModel()
    {
        const fs::path folder = path("shards");
        QVERIFY(ml::exportHuggingFace(*m_run, folder, { WeightType::BF16, "" }).has_value());
        const auto whole
            = ml::Parameters::load(m_parameters->config(), folder / "model.safetensors");
        QVERIFY(!whole.has_value()); // bfloat16 is not what training reads
        std::string map;
        std::array<std::vector<ml::SafetensorsTensor>, 2> halves;
        for (const ml::ParameterEntry& entry : m_parameters->table().entries()) {
            const std::size_t half = halves[0].size() > 8 ? 1 : 0;
            halves[half].push_back({ entry.name, entry.shape, m_parameters->values(entry) });
            map += (map.empty() ? "\"" : ",\"") + entry.name + "\":\"part" + std::to_string(half)
                + ".safetensors\"";
        }
        for (std::size_t i = 0; i < 2; ++i) {
            QVERIFY(
                base::writeFileAtomically(folder / ("part" + std::to_string(i) + ".safetensors"),
                    ml::writeSafetensors(halves[i]))
                    .has_value());
        }
        const fs::path index = folder / "model.safetensors.index.json";
        const auto writeIndex = [&](const std::string& inside) {
            const std::string text = "{\"weight_map\":{" + inside + "}}";
            QVERIFY(base::writeFileAtomically(index, base::asBytes(text)).has_value());
        };
        writeIndex(map);
        const auto opened = ModelFile::open(folder).value();
        QCOMPARE(valuesOf(opened->tensors().layers[1].up),
            valuesOf(*m_parameters, "model.layers.1.mlp.up_proj.weight"));
        writeIndex("\"a\":\"../part0.safetensors\"");
        QVERIFY(refusal(folder).find("no file beside it") != std::string::npos);
        writeIndex("\"a\":\"part0.safetensors\"");
        QVERIFY(refusal(folder).find("is missing") != std::string::npos);
    }

    void familiesHaveTheirShapes()
    {
        writeOnes(path("q.gguf"), ml::Architecture::Qwen2);
        const auto qwen = ModelFile::open(path("q.gguf")).value();
        QCOMPARE(qwen->description().shape.ropeStyle, ml::RopeStyle::Halves);
        QCOMPARE(qwen->tensors().layers[0].qBias.size(), std::size_t{ 32 });
        QVERIFY(qwen->tensors().tied);
        writeOnes(path("g.gguf"), ml::Architecture::Gemma3);
        const auto gemma = ModelFile::open(path("g.gguf")).value();
        const ml::ModelShape& shape = gemma->description().shape;
        QCOMPARE(shape.headDim, 8U);
        QCOMPARE(shape.embeddingScale, std::sqrt(32.0F));
        QCOMPARE(shape.attentionScale, 1.0F / std::sqrt(8.0F));
        QCOMPARE(shape.window, 16U);
        QVERIFY(shape.isLocal(0) && shape.isLocal(4) && !shape.isLocal(5) && shape.isLocal(6));
        QCOMPARE(shape.localRopeTheta, 10000.0F);
        QCOMPARE(shape.activation, ml::Activation::GeluTanh);
        // Gains lose one on their way to Hugging Face and get it back.
        QVERIFY(ml::exportHuggingFace(*gemma, path("gemma"), { WeightType::F32, "" }).has_value());
        const auto back = ModelFile::open(path("gemma")).value();
        QCOMPARE(back->description().shape, shape);
        QCOMPARE(back->tensors().layers[0].qNorm, gemma->tensors().layers[0].qNorm);
        QCOMPARE(back->tensors().outputNorm, gemma->tensors().outputNorm);
    }

    void namesWhatIsWrong()
    {
        for (const char* tensor : { "blk.0.attn_k_norm.weight", "blk.0.ffn_up.weight",
                 "output_norm.weight", "token_embd.weight" }) {
            writeOnes(path("bad.gguf"), ml::Architecture::Gemma3, tensor);
            const std::string message = refusal(path("bad.gguf"));
            QVERIFY2(message.starts_with("bad.gguf: ") && message.find(tensor) != std::string::npos,
                message.c_str());
        }
        writeOnes(path("bad.gguf"), ml::Architecture::Qwen2, "blk.0.attn_q.bias");
        QVERIFY(refusal(path("bad.gguf")).find("blk.0.attn_q.bias") != std::string::npos);
        ml::GgufWriter out;
        out.text("general.architecture", "mamba");
        QVERIFY(out.write(path("bad.gguf")).has_value());
        QVERIFY(refusal(path("bad.gguf")).find("mamba") != std::string::npos);
        QVERIFY(!ModelFile::open(path("nothing.gguf")).has_value());
    }

    void everyCutIsSafe()
    {
        writeOnes(path("cut.gguf"), ml::Architecture::Gemma3);
        const base::Bytes whole = base::readFile(path("cut.gguf"), 1U << 20U).value();
        for (std::size_t length = 0; length < whole.size(); length += 211) {
            QVERIFY(
                base::writeFileAtomically(path("part.gguf"), base::ByteView{ whole }.first(length))
                    .has_value());
            QVERIFY(!ModelFile::open(path("part.gguf")).has_value());
        }
    }

    void bytePairsGoThroughAFolder()
    {
        const fs::path folder = path("pairs");
        const auto was = ml::modelFileOf({ m_run->description(), m_run->tensors(),
            ml::TextCodec::create(bytePairs()).value(), m_parameters });
        QVERIFY(ml::exportHuggingFace(*was, folder, { WeightType::F32, "pairs" }).has_value());
        QVERIFY(!fs::exists(folder / "tokenizer.model"));
        const auto again = ModelFile::open(folder).value();
        QCOMPARE(valuesOf(again->tensors().head), valuesOf(m_run->tensors().head));
        const ml::Vocabulary& vocabulary = again->text().vocabulary();
        const ml::Vocabulary& wanted = was->text().vocabulary();
        QCOMPARE(vocabulary.pieces.size(), wanted.pieces.size());
        for (std::size_t i = 0; i < wanted.pieces.size(); ++i) {
            QCOMPARE(vocabulary.pieces[i].text, wanted.pieces[i].text);
            QVERIFY(vocabulary.pieces[i].kind == wanted.pieces[i].kind);
        }
        QCOMPARE((std::array{ vocabulary.bos, vocabulary.eos, vocabulary.padding }),
            (std::array{ wanted.bos, wanted.eos, wanted.padding }));
        QVERIFY(vocabulary.addBos && !vocabulary.addEos);
        QCOMPARE(vocabulary.chatTemplate, wanted.chatTemplate);
        for (const std::string& text : test::tellingTexts()) {
            for (const auto special :
                { ml::TextCodec::Special::Plain, ml::TextCodec::Special::Parse }) {
                QCOMPARE(again->text().encode(text, special), was->text().encode(text, special));
            }
        }
        const std::vector<ml::ChatMessage> messages{ { "user", " It's 2025!" } };
        QCOMPARE(again->text().encodeChat(messages), was->text().encodeChat(messages));
        QVERIFY(ml::exportGguf(*again, path("pairs.gguf"), { WeightType::F32, "" }).has_value());
        const auto gguf = ModelFile::open(path("pairs.gguf")).value();
        QCOMPARE(gguf->text().vocabulary().padding, wanted.padding);
        // Other programs end an answer where Loam does.
        const auto generation
            = ml::JsonFields::read(folder / "generation_config.json", 1U << 20U).value();
        QVERIFY(generation.json()["eos_token_id"] == wanted.eos);
        QVERIFY(generation.json()["pad_token_id"] == wanted.padding);
    }

    void llama3FactorsGoThroughAFolder()
    {
        const auto with = [this](std::vector<float> factors) {
            ml::ModelDescription about = m_run->description();
            about.shape.ropeTheta = 500'000.0F;
            about.shape.ropeFactors = std::move(factors);
            return ml::modelFileOf({ about, m_run->tensors(),
                ml::TextCodec::create(m_run->text().vocabulary()).value(), m_parameters });
        };
        for (const ml::Llama3Scaling& scaling :
            { ml::Llama3Scaling{}, ml::Llama3Scaling{ 32.0F, 1.0F, 4.0F, 4096 } }) {
            const fs::path folder = path(scaling.context == 8192 ? "llama31" : "llama32");
            const auto was = with(ml::ropeFactors(scaling, 500'000.0F, 16));
            QVERIFY(ml::exportHuggingFace(*was, folder, { WeightType::F32, "" }).has_value());
            const auto again = ModelFile::open(folder).value();
            QCOMPARE(again->description().shape.ropeFactors, was->description().shape.ropeFactors);
            QCOMPARE(again->description().shape.ropeTheta, 500'000.0F);
        }
        std::vector<float> others = ml::ropeFactors({}, 500'000.0F, 16);
        for (const float factor : { 1.5F, 0.5F }) {
            others.back() = factor;
            const auto refused
                = ml::exportHuggingFace(*with(others), path("others"), { WeightType::F32, "" });
            QVERIFY(!refused && refused.error().message.ends_with(": export to GGUF"));
            QVERIFY(!fs::exists(path("others")));
        }
    }

    void configurationsAreRead()
    {
        const auto config = [](std::string more) {
            std::string text = "{'architectures':['LlamaForCausalLM'],'hidden_size':64,"
                               "'num_hidden_layers':2,'num_attention_heads':4,"
                               "'intermediate_size':96,'vocab_size':100"
                + more + "}";
            std::ranges::replace(text, '\'', '"');
            return ml::parseHuggingFaceConfig(ml::JsonFields::parse(text, "config.json").value());
        };
        QCOMPARE(config("").value().shape.kvHeads, 4U);
        // Values from the formula of the model card, computed apart.
        const auto llama3 = config(",'rope_theta':500000.0,'rope_scaling':{'rope_type':'llama3',"
                                   "'factor':8.0,'low_freq_factor':1.0,'high_freq_factor':4.0,"
                                   "'original_max_position_embeddings':8192}")
                                .value();
        QCOMPARE(llama3.shape.ropeFactors.size(), std::size_t{ 8 });
        QCOMPARE(llama3.shape.ropeFactors[0], 1.0F);
        QCOMPARE(llama3.shape.ropeFactors[7], 8.0F);
        QCOMPARE(
            config(",'rope_scaling':{'type':'linear','factor':4}").value().shape.ropeScale, 4.0F);
        for (const char* bad : { ",'rope_scaling':{'type':'yarn','factor':4}", ",'mlp_bias':true",
                 ",'hidden_act':'gelu'", ",'num_key_value_heads':3", ",'head_dim':7",
                 ",'rms_norm_eps':'x'", ",'max_position_embeddings':-1" }) {
            const auto refused = config(bad);
            QVERIFY2(!refused.has_value(), bad);
            QVERIFY(refused.error().message.starts_with("config.json"));
        }
        QVERIFY(!ml::JsonFields::parse(std::string(100'000, '['), "x").has_value());
        QVERIFY(!ml::JsonFields::parse("[]", "x").has_value());
        QVERIFY(!ml::JsonFields::parse("{\"a\":", "x").has_value());
    }

private:
    /// As many tokens as the run has rows, the last ones without use.
    static ml::Vocabulary bytePairs()
    {
        const base::Bytes sample = base::readFile(LOAM_SAMPLE_TEXT, 1U << 20U).value();
        ml::Vocabulary out = test::paired(
            test::learnedMerges(base::asText(sample).substr(0, 8'000), "smollm", 100), "smollm");
        out.bos = static_cast<ml::Token>(out.pieces.size());
        out.pieces.push_back({ "<|begin|>", 0, ml::PieceKind::Control });
        out.eos = static_cast<ml::Token>(out.pieces.size());
        out.pieces.push_back({ "<|im_end|>", 0, ml::PieceKind::Control });
        out.padding = static_cast<ml::Token>(out.pieces.size());
        out.pieces.push_back({ "<|pad|>", 0, ml::PieceKind::Control });
        out.pieces.push_back({ "<tag>", 0, ml::PieceKind::UserDefined });
        while (out.pieces.size() < 520) {
            out.pieces.push_back({ ml::fillerText(out.pieces.size()), 0, ml::PieceKind::Unused });
        }
        out.addBos = true;
        out.chatTemplate = "{% for m in messages %}<|im_start|>{{ m.content }}{% endfor %}";
        return out;
    }

    fs::path path(const char* name) const
    {
        return fs::path{ m_folder.path().toStdString() } / name;
    }

    QTemporaryDir m_folder;
    base::Bytes m_pieces;
    std::shared_ptr<const ml::Parameters> m_parameters;
    std::unique_ptr<ModelFile> m_run;
};

QTEST_GUILESS_MAIN(TestModelFile)
#include "tst_model_file.moc"
