// SPDX-License-Identifier: GPL-3.0-or-later
#include "byte_pairs.h"

#include <QRegularExpression>
#include <QTest>

using namespace loam;
using ml::PieceKind;
using ml::TextCodec;
using ml::Token;
using ml::Vocabulary;
using Special = ml::TextCodec::Special;
using test::paired;
using test::Strings;

namespace {

std::string byteName(std::size_t byte)
{
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    return std::string{ "<0x" } + kDigits[byte / 16] + kDigits[byte % 16] + ">";
}

/// unk, bos, eos, the bytes, then what a test needs.
Vocabulary scored(const std::vector<std::pair<std::string, float>>& pieces)
{
    Vocabulary out;
    out.pieces = { { "<unk>", 0, PieceKind::Unknown }, { "<s>", 0, PieceKind::Control },
        { "</s>", 0, PieceKind::Control } };
    for (std::size_t byte = 0; byte < 256; ++byte) {
        out.pieces.push_back({ byteName(byte), 0, PieceKind::Byte });
    }
    for (const auto& [text, score] : pieces) {
        out.pieces.push_back({ text, score, PieceKind::Normal });
    }
    out.unknown = 0;
    out.bos = 1;
    out.eos = 2;
    out.addBos = true;
    return out;
}

std::unique_ptr<TextCodec> codec(Vocabulary vocabulary)
{
    return TextCodec::create(std::move(vocabulary)).value();
}

Strings pieces(const TextCodec& codec, std::string_view text, Special special = Special::Plain)
{
    Strings out;
    for (const Token token : codec.encode(text, special)) {
        out.push_back(codec.vocabulary().pieces[static_cast<std::size_t>(token)].text);
    }
    return out;
}

Strings words(std::string_view splitter, std::string_view text)
{
    Strings out;
    for (const std::string_view word : ml::WordSplitter::create(splitter).value().split(text)) {
        out.emplace_back(word);
    }
    return out;
}

/// The same by the regular expressions, one after another.
Strings wordsByPatterns(std::string_view splitter, std::string_view text)
{
    QStringList parts{ QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())) };
    for (const std::string_view pattern : ml::WordSplitter::create(splitter).value().patterns()) {
        const QRegularExpression expression{ QString::fromUtf8(pattern.data(),
                                                 static_cast<qsizetype>(pattern.size())),
            QRegularExpression::UseUnicodePropertiesOption };
        QStringList cut;
        for (const QString& part : parts) {
            qsizetype end = 0;
            for (auto matches = expression.globalMatch(part); matches.hasNext();) {
                const QRegularExpressionMatch match = matches.next();
                cut << part.mid(end, match.capturedStart() - end) << match.captured();
                end = match.capturedEnd();
            }
            cut << part.mid(end);
        }
        cut.removeAll(QString{});
        parts = cut;
    }
    Strings out;
    for (const QString& part : parts) {
        out.push_back(part.toStdString());
    }
    return out;
}

const std::string kMark = "\xE2\x96\x81";

} // namespace

class TestTextCodec : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void scoresDecideTheMerges()
    {
        const auto text = codec(scored({ { "a", 0 }, { "b", 0 }, { "c", 0 }, { kMark, 0 },
            { "ab", -2 }, { "bc", -1 }, { "abc", -3 }, { kMark + "a", -4 }, { "aa", -5 } }));
        QCOMPARE(pieces(*text, "abc"), (Strings{ kMark, "abc" }));
        // Of equals the leftmost.
        QCOMPARE(pieces(*text, "b aaa"), (Strings{ kMark, "b", kMark + "a", "aa" }));
        QCOMPARE(pieces(*text, "x"), (Strings{ kMark, "<0x78>" }));
        QCOMPARE(pieces(*text, "\xC3\xA4"), (Strings{ kMark, "<0xC3>", "<0xA4>" }));
        QCOMPARE(pieces(*text, ""), Strings{});
        Vocabulary bare = text->vocabulary();
        bare.addSpacePrefix = false;
        QCOMPARE(pieces(*codec(bare), "abcab"), (Strings{ "abc", "ab" }));
        QCOMPARE(
            text->decode(text->encode("x a bc\n", Special::Plain)), std::string{ " x a bc\n" });
        QCOMPARE(text->piece(1), std::string{});
        QCOMPARE(text->piece(-1), std::string{});
        QCOMPARE(text->piece(1'000'000), std::string{});
    }

    void controlTokensAreReadOnlyWhenAsked()
    {
        Vocabulary vocabulary = scored({ { "s", 0 }, { "<", 0 }, { ">", 0 }, { kMark, 0 } });
        vocabulary.pieces.push_back({ "<<", 0, PieceKind::UserDefined });
        const auto text = codec(vocabulary);
        QCOMPARE(pieces(*text, "<s>"), (Strings{ kMark, "<", "s", ">" }));
        QCOMPARE(pieces(*text, "<s>", Special::Parse), Strings{ "<s>" });
        // After a token the next text begins like a new one.
        QCOMPARE(
            pieces(*text, "s<s>s", Special::Parse), (Strings{ kMark, "s", "<s>", kMark, "s" }));
        QCOMPARE(pieces(*text, "<<s"), (Strings{ "<<", kMark, "s" }));
        // Longer names first, whatever their place.
        QCOMPARE(pieces(*text, "<<s>", Special::Parse), (Strings{ kMark, "<", "<s>" }));
        QVERIFY(text->endsAnswer(2));
        QVERIFY(!text->endsAnswer(1));
        QVERIFY(!text->endsAnswer(-5));
    }

    void mergesGoByRank()
    {
        const auto text = codec(paired({ "l o", "o w", "lo w", "\u0120 low" }, "gpt-2"));
        QCOMPARE(pieces(*text, "low low"), (Strings{ "low", "\u0120low" }));
        QCOMPARE(pieces(*text, "owl"), (Strings{ "ow", "l" }));
        const std::string all = "low \xC3\xA4\n\tx\xFF\xFE low";
        QCOMPARE(text->decode(text->encode(all, Special::Plain)), all);
        // Llama 3 takes whole words before merges.
        Vocabulary whole = paired({ "l o" }, "llama-bpe");
        whole.pieces.push_back({ "low", 0, {} });
        QCOMPARE(pieces(*codec(whole), "low"), Strings{ "low" });
        whole.splitter = "qwen2";
        QCOMPARE(pieces(*codec(whole), "low"), (Strings{ "lo", "w" }));
    }

    void wordsAreCutAsFamiliesDo()
    {
        QCOMPARE(words("gpt-2", "I'm you'LL  go\t12a!?\n\n b  "),
            (Strings{ "I", "'m", " you", "'", "LL", " ", " go", "\t", "12", "a", "!?", "\n\n", " b",
                "  " }));
        QCOMPARE(words("llama-bpe", "I'LL pay 12345$ \n\n  x_y\r\n"),
            (Strings{
                "I", "'LL", " pay", " ", "123", "45", "$", " \n\n", " ", " x", "_y", "\r\n" }));
        QCOMPARE(words("qwen2", "a12 b"), (Strings{ "a", "1", "2", " b" }));
        QCOMPARE(words("smollm", "a12 b"), (Strings{ "a", "1", "2", " b" }));
        QCOMPARE(words("default", "a,b 1234"), (Strings{ "a", ",", "b", " ", "123", "4" }));
        QCOMPARE(words("qwen2", "\u00E9t\u00E9\u3000\u6F22\u0663"),
            (Strings{ "\u00E9t\u00E9", "\u3000\u6F22", "\u0663" }));
        QCOMPARE(words("gpt-2", "\xFF\xC3"), Strings{ "\xFF\xC3" });
        QCOMPARE(words("gpt-2", ""), Strings{});
        QVERIFY(!ml::WordSplitter::create("no such").has_value());
    }

    void patternsSayTheSame()
    {
        const Strings alphabet{ "a", "Z", " ", "9", "'s", "'Ll", "'", "\n", "\r", "\t", ".", "$",
            "_", "\u00E9", "\u6F22", "\u0661", "\u00B2", "\u0301", "\u3000", "\u2014",
            "\U0001F642" };
        std::uint32_t state = 1;
        Strings texts = test::tellingTexts();
        for (int round = 0; round < 300; ++round) {
            texts.emplace_back();
            for (int i = 0; i < 30; ++i) {
                state = state * 1664525U + 1013904223U;
                texts.back() += alphabet[(state >> 16U) % alphabet.size()];
            }
        }
        for (const char* name : { "gpt-2", "llama-bpe", "qwen2", "smollm", "default" }) {
            for (const std::string& text : texts) {
                QCOMPARE(words(name, text), wordsByPatterns(name, text));
            }
        }
    }

    void splittingLosesNothing()
    {
        const std::string alphabet = "aZ 9'\n\t.,!\xC3\xA9\xE6\xBC\xA2\xFF_$";
        std::uint32_t state = 1;
        for (int round = 0; round < 300; ++round) {
            std::string text;
            for (int i = 0; i < 50; ++i) {
                state = state * 1664525U + 1013904223U;
                text += alphabet[(state >> 16U) % alphabet.size()];
            }
            for (const char* name : { "gpt-2", "llama-bpe", "qwen2", "smollm", "default" }) {
                std::string joined;
                for (const std::string& word : words(name, text)) {
                    QVERIFY(!word.empty());
                    joined += word;
                }
                QCOMPARE(joined, text);
            }
        }
    }

    void conversationsFollowTheirFamily()
    {
        const std::vector<ml::ChatMessage> messages{ { "system", "be kind" }, { "user", "hi" },
            { "assistant", "yes" }, { "user", "<end>" } };
        const auto written = [&](const char* chat, const Strings& control) {
            Vocabulary vocabulary = paired({}, "gpt-2");
            for (const std::string& text : control) {
                vocabulary.pieces.push_back({ text, 0, PieceKind::Control });
            }
            vocabulary.chatTemplate = chat;
            const auto text = codec(vocabulary);
            std::string out;
            for (const Token token : text->encodeChat(messages)) {
                const auto& piece = text->vocabulary().pieces[static_cast<std::size_t>(token)];
                out += piece.kind == PieceKind::Control ? "{" + piece.text + "}"
                                                        : text->piece(token);
            }
            return out;
        };
        QCOMPARE(written("..<|im_start|>..", { "<|im_start|>", "<|im_end|>", "<end>" }),
            std::string{ "{<|im_start|>}system\nbe kind{<|im_end|>}\n{<|im_start|>}user\nhi"
                         "{<|im_end|>}\n{<|im_start|>}assistant\nyes{<|im_end|>}\n{<|im_start|>}"
                         "user\n<end>{<|im_end|>}\n{<|im_start|>}assistant\n" });
        QCOMPARE(written("<start_of_turn>", { "<start_of_turn>", "<end_of_turn>" }),
            std::string{ "{<start_of_turn>}user\nbe kind\n\nhi{<end_of_turn>}\n{<start_of_turn>}"
                         "model\nyes{<end_of_turn>}\n{<start_of_turn>}user\n<end>{<end_of_turn>}\n"
                         "{<start_of_turn>}model\n" });
        QVERIFY(written(
            "<|start_header_id|>", { "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>" })
                    .starts_with("{<|start_header_id|>}system{<|end_header_id|>}\n\nbe "
                                 "kind{<|eot_id|>}{<|start_header_id|>}user{<|end_header_id|>}"));
        QCOMPARE(written("[INST]", {}),
            std::string{ "[INST] <<SYS>>\nbe kind\n<</SYS>>\n\nhi [/INST] yes [INST] <end> "
                         "[/INST]" });
        QCOMPARE(written("<|user|>", { "<|user|>" }),
            std::string{ "<|system|>\nbe kind\n{<|user|>}\nhi\n<|assistant|>\nyes\n{<|user|>}\n"
                         "<end>\n<|assistant|>\n" });
        QCOMPARE(written("", {}),
            std::string{ "be kind\n\nUser: hi\nAssistant: yes\nUser: <end>\nAssistant:" });
        // Without instructions the plain form says what it is, and ends where the user speaks.
        const auto plain = codec(paired({}, "gpt-2"));
        const std::vector<ml::ChatMessage> question{ { "user", "hi" } };
        const std::string asked = plain->decode(plain->encodeChat(question));
        QVERIFY(asked.starts_with("The following is a conversation"));
        QVERIFY(asked.ends_with("\n\nUser: hi\nAssistant:"));
        QCOMPARE(plain->chatStops(), Strings{ "\nUser:" });
        Vocabulary taught = paired({}, "gpt-2");
        taught.chatTemplate = "..<|im_start|>..";
        QVERIFY(codec(taught)->chatStops().empty());
    }

    void refusesInconsistentVocabularies()
    {
        QVERIFY(!TextCodec::create({}).has_value());
        Vocabulary vocabulary = scored({});
        vocabulary.eos = 100'000;
        QVERIFY(!TextCodec::create(vocabulary).has_value());
        vocabulary = paired({}, "gpt-2");
        vocabulary.merges = { "nospace" };
        QVERIFY(!TextCodec::create(vocabulary).has_value());
        vocabulary.merges = { "a " };
        QVERIFY(!TextCodec::create(vocabulary).has_value());
        Vocabulary empty;
        empty.pieces = { { "a", 0, {} } };
        QVERIFY(!TextCodec::create(empty).has_value());
    }
};

QTEST_GUILESS_MAIN(TestTextCodec)
#include "tst_text_codec.moc"
