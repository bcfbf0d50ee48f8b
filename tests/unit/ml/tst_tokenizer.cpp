// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "ml/text_segments.h"
#include "ml/tokenizer.h"

#include <QTest>

using namespace loam;
using ml::Tokenizer;

namespace {

std::string sampleText()
{
    const auto bytes = base::readFile(LOAM_SAMPLE_TEXT, 1U << 20U);
    return bytes ? std::string{ base::asText(*bytes) } : std::string{};
}

base::Result<base::Bytes> trainOn(std::string_view text, std::uint32_t vocab)
{
    return Tokenizer::train({ &text, 1 }, { vocab, std::size_t{ 1 } << 20U });
}

} // namespace

class TestTokenizer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_text = sampleText();
        QVERIFY(m_text.size() > 10'000);
        m_model = trainOn(m_text, 1024).value();
        m_tokenizer = Tokenizer::load(m_model).value();
    }

    void learningIsDeterministic() { QCOMPARE(trainOn(m_text, 1024).value(), m_model); }

    void vocabularyHasTheWantedSize()
    {
        QCOMPARE(m_tokenizer->vocab(), 1024U);
        QCOMPARE(m_tokenizer->bos(), 1);
        QCOMPARE(m_tokenizer->eos(), 2);
    }

    void compressesText()
    {
        const auto tokens = m_tokenizer->encode(m_text).value();
        QVERIFY(tokens.size() * 5 < m_text.size() * 2);
        QCOMPARE(m_tokenizer->decode(tokens).value(), m_text);
    }

    void anyTextComesBack_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("empty") << QByteArray{};
        QTest::newRow("spaces") << QByteArray{ "  leading,  double,\ttab, trailing  " };
        QTest::newRow("lines") << QByteArray{ "\n\na\r\nb\n" };
        QTest::newRow("foreign script") << QByteArray{ "\u00e4\u6f22\u5b57 \U0001F600" };
        QTest::newRow("space mark") << QByteArray{ "a\u2581b \u2581" };
        QTest::newRow("NUL") << QByteArray{ "a\0b", 3 };
        QTest::newRow("broken UTF-8") << QByteArray{ "\xff\xc3(\xe2\x96 \xf5\xed\xa0\x80 ok" };
        QTest::newRow("looks like a token") << QByteArray{ "<s> </s> <unk> <0x41>" };
        QByteArray all;
        for (int i = 0; i < 256; ++i) {
            all.append(static_cast<char>(i));
        }
        QTest::newRow("every byte") << all;
    }
    void anyTextComesBack()
    {
        QFETCH(QByteArray, text);
        const auto tokens = m_tokenizer->encode(text.toStdString()).value();
        for (const ml::Token token : tokens) {
            QVERIFY(token > m_tokenizer->eos() && token < 1024);
        }
        QCOMPARE(QByteArray::fromStdString(m_tokenizer->decode(tokens).value()), text);
    }

    void smallCorpusGivesSmallerVocabulary()
    {
        std::string text;
        while (text.size() < 2000) {
            text += "the cat sat on the mat. ";
        }
        const auto model = trainOn(text, 4096);
        QVERIFY(model.has_value());
        const auto tokenizer = Tokenizer::load(*model).value();
        QVERIFY(tokenizer->vocab() < 1024);
        QCOMPARE(tokenizer->decode(tokenizer->encode("the dog").value()).value(),
            std::string{ "the dog" });
    }

    void manyCharactersLeaveRoomForPieces()
    {
        std::string text;
        for (unsigned i = 0; i < 4000; ++i) {
            const unsigned code = 0x4e00 + i * 7919 % 6000;
            text += static_cast<char>(0xE0U | code >> 12U);
            text += static_cast<char>(0x80U | (code >> 6U & 0x3FU));
            text += static_cast<char>(0x80U | (code & 0x3FU));
        }
        const auto model = trainOn(text, 1024);
        QVERIFY2(model.has_value(), model ? "" : model.error().message.c_str());
        const auto tokenizer = Tokenizer::load(*model).value();
        QVERIFY(tokenizer->vocab() <= 1024);
        QCOMPARE(tokenizer->decode(tokenizer->encode(text).value()).value(), text);
    }

    void hardlyAnyTextIsRefusedWithARemedy()
    {
        for (const std::string& text : { std::string{}, std::string{ "short" },
                 std::string(5000, '\0'), std::string(5000, '\xff') }) {
            const auto model = trainOn(text, 1024);
            QVERIFY(!model.has_value());
            QCOMPARE(model.error().code, base::Errc::Invalid);
            QVERIFY(model.error().message.find("add text") != std::string::npos);
        }
        QVERIFY(!trainOn(m_text, 100).has_value());
        QVERIFY(!trainOn(m_text, 1'000'000).has_value());
    }

    void textBeyondTheLimitIsNotLookedAt()
    {
        const std::string_view first = m_text;
        const std::string second(m_text.size(), 'z');
        const std::array<std::string_view, 2> texts{ first, second };
        // Half of each text: the end of the first does not matter.
        std::string changed = m_text;
        changed.replace(changed.size() - 50, 50, std::string(50, 'q'));
        const std::array<std::string_view, 2> others{ changed, second };
        const ml::TokenizerTraining options{ 512, m_text.size() };
        QCOMPARE(
            Tokenizer::train(texts, options).value(), Tokenizer::train(others, options).value());
    }

    void foreignBytesAreRefused()
    {
        QCOMPARE(Tokenizer::load({}).error().code, base::Errc::Corrupt);
        QCOMPARE(Tokenizer::load(base::Bytes(1000, std::byte{ 0x55 })).error().code,
            base::Errc::Corrupt);
        for (const std::size_t length : { 1U, 100U, 5000U }) {
            QVERIFY(!Tokenizer::load(base::ByteView{ m_model }.first(length)).has_value());
        }
    }

    void foreignTokensAreRefused()
    {
        for (const ml::Token token : { -1, 1024, 1'000'000 }) {
            QVERIFY(!m_tokenizer->decode({ &token, 1 }).has_value());
        }
    }

    void missingFileIsReported()
    {
        const std::filesystem::path path{ "/nonexistent/corpus.txt" };
        QVERIFY(!Tokenizer::trainFromFiles({ &path, 1 }, {}).has_value());
        const std::filesystem::path sample{ LOAM_SAMPLE_TEXT };
        QCOMPARE(
            Tokenizer::trainFromFiles({ &sample, 1 }, { 1024, std::size_t{ 1 } << 20U }).value(),
            m_model);
    }

private:
    std::string m_text;
    base::Bytes m_model;
    std::unique_ptr<Tokenizer> m_tokenizer;
};

QTEST_GUILESS_MAIN(TestTokenizer)
#include "tst_tokenizer.moc"
