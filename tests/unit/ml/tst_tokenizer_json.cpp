// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "byte_pairs.h"
#include "ml/hugging_face.h"
#include "ml/tokenizer_json.h"

#include <QTest>

#include <algorithm>

using namespace loam;
using ml::PieceKind;
using ml::TextCodec;
using ml::Token;
using ml::Vocabulary;
using nlohmann::json;
using test::Strings;
using Special = ml::TextCodec::Special;

namespace {

std::unique_ptr<TextCodec> codec(Vocabulary vocabulary)
{
    return TextCodec::create(std::move(vocabulary)).value();
}

std::vector<Token> ids(const TextCodec& codec, std::string_view text)
{
    std::vector<Token> out = codec.encode(text, Special::Plain);
    const std::vector<Token> named = codec.encode(text, Special::Parse);
    out.insert(out.end(), named.begin(), named.end());
    return out;
}

json written(const Vocabulary& vocabulary)
{
    return json::parse(ml::tokenizerJson(vocabulary).value());
}

base::Result<Vocabulary> read(const std::string& text)
{
    return ml::parseTokenizerJson(ml::JsonFields::parse(text, "tokenizer.json").value());
}

std::string refusal(const Vocabulary& vocabulary)
{
    const auto text = ml::tokenizerJson(vocabulary);
    return text ? std::string{} : text.error().message;
}

/// The name of the splitter that reads a file with these pre-tokenizers, or why there is none.
std::string splitterOf(const char* steps)
{
    json file = written(test::paired({}, "gpt-2"));
    file["pre_tokenizer"] = { { "type", "Sequence" }, { "pretokenizers", json::parse(steps) } };
    const auto vocabulary = read(file.dump());
    return vocabulary ? vocabulary->splitter : vocabulary.error().message;
}

} // namespace

class TestTokenizerJson : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        const base::Bytes sample = base::readFile(LOAM_SAMPLE_TEXT, 1U << 20U).value();
        m_sample = base::asText(sample).substr(0, 8'000);
        for (const std::string& text : test::tellingTexts()) {
            m_sample += text + text + text;
        }
    }

    void readsBackWhatItWrites_data()
    {
        QTest::addColumn<QString>("name");
        for (const char* name :
            { "default", "gpt-2", "phi-2", "olmo", "mpt", "llama-bpe", "llama3", "llama-v3",
                "falcon3", "qwen2", "deepseek-r1-qwen", "smollm", "starcoder", "refact" }) {
            QTest::newRow(name) << QString::fromLatin1(name);
        }
    }

    void readsBackWhatItWrites()
    {
        QFETCH(QString, name);
        const auto was = codec(bytePairs(name.toStdString()));
        QVERIFY(was->vocabulary().merges.size() == 120);
        const auto again = codec(read(ml::tokenizerJson(was->vocabulary()).value()).value());
        for (const std::string& text : test::tellingTexts()) {
            QCOMPARE(ids(*again, text), ids(*was, text));
            QCOMPARE(again->decode(again->encode(text, Special::Plain)), text);
        }
        QCOMPARE(ids(*again, m_sample), ids(*was, m_sample));
        QCOMPARE(again->vocabulary().unknown, was->vocabulary().unknown);
        QVERIFY(was->encode(m_sample, Special::Plain).size() < m_sample.size() * 3 / 4);
    }

    void saysWhatOthersNeed()
    {
        Vocabulary vocabulary = bytePairs("llama-bpe");
        const json file = written(vocabulary);
        QVERIFY(file["model"]["ignore_merges"] == true);
        QVERIFY(file["model"]["byte_fallback"] == false);
        QVERIFY(file["model"]["merges"][0].is_array());
        QVERIFY(file["decoder"]["type"] == "ByteLevel");
        QVERIFY(file["normalizer"].is_null());
        const json& steps = file["pre_tokenizer"]["pretokenizers"];
        QCOMPARE(steps.size(), std::size_t{ 2 });
        QVERIFY(steps[0]["pattern"]["Regex"].get<std::string>().starts_with("(?i:'s|'t|'re|"));
        QVERIFY(steps[1]["type"] == "ByteLevel" && steps[1]["use_regex"] == false);
        std::map<std::string, bool> special;
        for (const json& token : file["added_tokens"]) {
            special[token["content"].get<std::string>()] = token["special"].get<bool>();
        }
        QCOMPARE(special,
            (std::map<std::string, bool>{ { "<|begin|>", true }, { "<|im_end|>", true },
                { "<|pad|>", true }, { "<|unk|>", true }, { "<tag>", false }, { "  ", false } }));
        // Rows of the embedding without a token are no tokens.
        QVERIFY(!file["model"]["vocab"].contains(ml::fillerText(vocabulary.pieces.size() - 1)));
        QVERIFY(written(bytePairs("qwen2"))["model"]["ignore_merges"] == false);
    }

    void textsBeginAsTheVocabularySays()
    {
        Vocabulary vocabulary = bytePairs("gpt-2");
        QVERIFY(written(vocabulary)["post_processor"].is_null());
        vocabulary.addBos = true;
        const json begins = written(vocabulary)["post_processor"];
        QCOMPARE(begins["single"].size(), std::size_t{ 2 });
        QVERIFY(begins["single"][0]["SpecialToken"]["id"] == "<|begin|>");
        QVERIFY(begins["single"][1]["Sequence"]["id"] == "A");
        QVERIFY(begins["pair"][2]["SpecialToken"]["type_id"] == 1);
        QVERIFY(begins["special_tokens"]["<|begin|>"]["ids"] == json::array({ vocabulary.bos }));
        vocabulary.addEos = true;
        const json both = written(vocabulary)["post_processor"];
        QCOMPARE(both["single"].size(), std::size_t{ 3 });
        QVERIFY(both["single"][2]["SpecialToken"]["id"] == "<|im_end|>");
        vocabulary.algorithm = Vocabulary::Algorithm::SentencePiece;
        QVERIFY(written(vocabulary)["post_processor"] == both);
    }

    void theFirstOfEqualMergesCounts()
    {
        Vocabulary vocabulary = test::paired({ "l o", "o w", "lo w" }, "gpt-2");
        vocabulary.merges.emplace_back("l o");
        QCOMPARE(written(vocabulary)["model"]["merges"].size(), std::size_t{ 3 });
    }

    void refusesWhatTheFormatCannotHold()
    {
        Vocabulary vocabulary = test::paired({ "l o" }, "gpt-2");
        vocabulary.pieces[256].text = "lo2";
        QVERIFY(refusal(vocabulary).starts_with("merge number 0 "));
        QVERIFY(refusal(vocabulary).ends_with(": export to GGUF"));
        vocabulary = test::paired({}, "gpt-2");
        vocabulary.pieces.push_back({ "a", 0, PieceKind::Control });
        QVERIFY(refusal(vocabulary).starts_with("the tokens 97 and 256 have the same text"));
        vocabulary.pieces.back().text = "\xFF";
        QVERIFY(refusal(vocabulary).starts_with("the token 256 is not well-formed UTF-8"));
        vocabulary.splitter = "no such";
        QVERIFY(refusal(vocabulary).find("\"no such\"") != std::string::npos);
    }

    void knowsThePublishedPreTokenizers()
    {
        QCOMPARE(splitterOf(R"([{"type":"ByteLevel","add_prefix_space":false}])"),
            std::string{ "gpt-2" });
        QCOMPARE(splitterOf(R"([{"type":"Digits","individual_digits":true},
                                {"type":"ByteLevel","use_regex":true}])"),
            std::string{ "smollm" });
        QVERIFY(splitterOf(R"([{"type":"Digits","individual_digits":false},{"type":"ByteLevel"}])")
                    .find("the pre-tokenizer Digits is not supported")
            != std::string::npos);
        QVERIFY(splitterOf(R"([{"type":"Split","pattern":{"Regex":"a"}},{"type":"ByteLevel"}])")
                    .find("not known: a, then 's|'t|")
            != std::string::npos);
        QVERIFY(splitterOf(R"([{"type":"ByteLevel","use_regex":false}])").find("how words are cut")
            != std::string::npos);
    }

private:
    /// A vocabulary of the sample with every kind of token.
    Vocabulary bytePairs(const std::string& splitter)
    {
        Strings& merges = m_merges[ml::WordSplitter::create(splitter).value().name()];
        if (merges.empty()) {
            merges = test::learnedMerges(m_sample, splitter, 120);
        }
        Vocabulary out = test::paired(merges, splitter);
        const auto add = [&out](const char* text, PieceKind kind) {
            out.pieces.push_back({ text, 0, kind });
            return static_cast<Token>(out.pieces.size() - 1);
        };
        out.bos = add("<|begin|>", PieceKind::Control);
        out.eos = add("<|im_end|>", PieceKind::Control);
        out.padding = add("<|pad|>", PieceKind::Control);
        out.unknown = add("<|unk|>", PieceKind::Unknown);
        add("<tag>", PieceKind::UserDefined);
        add("  ", PieceKind::UserDefined);
        // A word that no merge makes: only families that look words up whole find it.
        add("License,", PieceKind::Normal);
        add(ml::fillerText(out.pieces.size()).c_str(), PieceKind::Unused);
        return out;
    }

    std::string m_sample;
    std::map<std::string_view, Strings> m_merges; ///< by the splitters' usual names
};

QTEST_GUILESS_MAIN(TestTokenizerJson)
#include "tst_tokenizer_json.moc"
