// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/safetensors.h"

#include <QTest>

#include <algorithm>
#include <cstring>

using namespace loam;
using ml::Safetensors;

namespace {

/// Apostrophes stand for quotation marks: moc of Qt 6.4 loses its way in raw strings.
std::string withQuotes(std::string_view text)
{
    std::string out{ text };
    std::ranges::replace(out, '\'', '"');
    return out;
}

base::Bytes fileOf(std::string_view header, std::size_t dataBytes, std::uint64_t length)
{
    const std::string quoted = withQuotes(header);
    base::Bytes out(8);
    for (std::size_t i = 0; i < 8; ++i) {
        out[i] = static_cast<std::byte>(length >> (8 * i));
    }
    const auto text = base::asBytes(quoted);
    out.insert(out.end(), text.begin(), text.end());
    out.insert(out.end(), dataBytes, std::byte{ 1 });
    return out;
}

base::Bytes fileOf(std::string_view header, std::size_t dataBytes)
{
    return fileOf(header, dataBytes, header.size());
}

} // namespace

class TestSafetensors : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void writesAndReads()
    {
        const std::vector<float> a{ 1.0F, -2.0F, 3.5F, 0.0F, 1e-40F, 6.0F };
        const std::vector<float> b{ 7.0F };
        const std::vector<std::size_t> shapeA{ 2, 3 };
        const std::vector<std::size_t> shapeB;
        const std::vector<ml::SafetensorsTensor> tensors{ { "a\"\\\n", shapeA, a },
            { "b", shapeB, b } };
        const base::Bytes file = ml::writeSafetensors(tensors);
        QCOMPARE(file, ml::writeSafetensors(tensors));
        QCOMPARE(ml::safetensorsHeader(tensors).size() % 64, std::size_t{ 0 });
        const Safetensors read = Safetensors::parse(file).value();
        QCOMPARE(read.entries().size(), std::size_t{ 2 });
        const auto* entry = read.find("a\"\\\n");
        QVERIFY(entry != nullptr);
        QCOMPARE(entry->shape, shapeA);
        const auto bytes = read.bytes(*entry);
        QCOMPARE(bytes.size(), a.size() * 4);
        QVERIFY(std::memcmp(bytes.data(), a.data(), bytes.size()) == 0);
        QCOMPARE(read.metadata().size(), std::size_t{ 1 });
        QCOMPARE(read.metadata()[0].second, std::string{ "pt" });
        QVERIFY(read.find("c") == nullptr);
    }

    void readsWhatOthersWrite()
    {
        // Another order, white space, escapes, other types, an empty tensor.
        const auto read = Safetensors::parse(
            fileOf("{ 'y' : {'shape':[2] , 'data_offsets':[4,8], 'dtype':'F16'}, "
                   "'\\u00e4\\ud83d\\ude00':{'dtype':'U8','shape':[2,2],'data_offsets':[0,4]}, "
                   "'e':{'dtype':'I64','shape':[0,5],'data_offsets':[8,8]}, "
                   "'__metadata__':{'k':'v','k2':''}}   ",
                8));
        QVERIFY2(read.has_value(), read ? "" : read.error().message.c_str());
        QVERIFY(read->find("\u00e4\U0001F600") != nullptr);
        QCOMPARE(read->bytes(*read->find("y")).size(), std::size_t{ 4 });
    }

    void refuses_data()
    {
        QTest::addColumn<QByteArray>("header");
        QTest::addColumn<int>("data");
        const auto row = [](const char* name, const char* header, int data) {
            QTest::newRow(name) << QByteArray{ header } << data;
        };
        row("empty header", "", 0);
        row("not an object", "[]", 0);
        row("leading space", " {}", 0);
        row("cut", "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]", 4);
        row("trailing text", "{} {}", 0);
        row("missing data", "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}", 4);
        row("surplus data", "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}", 8);
        row("shape and range differ", "{'a':{'dtype':'F32','shape':[3],'data_offsets':[0,4]}}", 4);
        row("overlap",
            "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'b':{'dtype':'F32','shape':[1],'"
            "data_offsets':[4,8]}}",
            8);
        row("gap",
            "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'b':{'dtype':'F32','shape':[1],'"
            "data_offsets':[8,12]}}",
            12);
        row("same place twice",
            "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'b':{'dtype':'F32','shape':[1],'"
            "data_offsets':[0,4]}}",
            4);
        row("backward range", "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,0]}}", 4);
        row("same name twice",
            "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'a':{'dtype':'F32','shape':[1],'"
            "data_offsets':[4,8]}}",
            8);
        row("product overflows",
            "{'a':{'dtype':'F32','shape':[4611686018427387904,4],'data_offsets':[0,0]}}", 0);
        row("absurd offsets",
            "{'a':{'dtype':'U8','shape':[18446744073709551615],'data_offsets':[0,"
            "18446744073709551615]}}",
            4);
        row("number above 64 bits",
            "{'a':{'dtype':'U8','shape':[18446744073709551616],'data_offsets':[0,0]}}", 0);
        row("negative", "{'a':{'dtype':'U8','shape':[-1],'data_offsets':[0,0]}}", 0);
        row("fraction", "{'a':{'dtype':'U8','shape':[1.0],'data_offsets':[0,1]}}", 1);
        row("leading zero", "{'a':{'dtype':'U8','shape':[01],'data_offsets':[0,1]}}", 1);
        row("unknown type", "{'a':{'dtype':'F99','shape':[1],'data_offsets':[0,4]}}", 4);
        row("too many dimensions",
            "{'a':{'dtype':'U8','shape':[1,1,1,1,1,1,1,1,1],'data_offsets':[0,1]}}", 1);
        row("three offsets", "{'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1,1]}}", 1);
        row("lacks a field", "{'a':{'dtype':'U8','shape':[1]}}", 1);
        row("field twice", "{'a':{'dtype':'U8','dtype':'U8','shape':[1],'data_offsets':[0,1]}}", 1);
        row("unknown field", "{'a':{'x':1,'dtype':'U8','shape':[1],'data_offsets':[0,1]}}", 1);
        row("metadata not text", "{'__metadata__':{'a':1}}", 0);
        row("metadata twice", "{'__metadata__':{},'__metadata__':{}}", 0);
        row("half a surrogate pair", "{'\\ud83d':{'dtype':'U8','shape':[1],'data_offsets':[0,1]}}",
            1);
        row("control character", "{'a\x01':{'dtype':'U8','shape':[1],'data_offsets':[0,1]}}", 1);
    }
    void refuses()
    {
        QFETCH(QByteArray, header);
        QFETCH(int, data);
        const auto result
            = Safetensors::parse(fileOf(header.toStdString(), static_cast<std::size_t>(data)));
        QVERIFY(!result.has_value());
        QCOMPARE(result.error().code, base::Errc::Corrupt);
    }

    void refusesLyingLengths()
    {
        for (const std::uint64_t length :
            { std::uint64_t{ 3 }, std::uint64_t{ 1 } << 40U, ~std::uint64_t{ 0 } }) {
            QVERIFY(!Safetensors::parse(fileOf("{}", 0, length)).has_value());
        }
        QVERIFY(!Safetensors::parse({}).has_value());
        QVERIFY(!Safetensors::parse(base::Bytes(7)).has_value());
    }

    void nestingAndCountsAreBounded()
    {
        QVERIFY(!Safetensors::parse(fileOf(std::string(1'000'000, '{'), 0)).has_value());
        QVERIFY(
            !Safetensors::parse(fileOf("{\"a\":" + std::string(1'000'000, '['), 0)).has_value());
        std::string many = "{";
        for (std::size_t i = 0; i <= Safetensors::kMaxTensors; ++i) {
            many += (i == 0 ? "\"" : ",\"") + std::to_string(i)
                + "':{'dtype':'U8','shape':[0],'data_offsets':[0,0]}";
        }
        QVERIFY(!Safetensors::parse(fileOf(many + "}", 0)).has_value());
    }

    void everyCutAndFlippedByteIsSafe()
    {
        const std::vector<float> values(6, 1.0F);
        const std::vector<std::size_t> shape{ 2, 3 };
        const std::vector<ml::SafetensorsTensor> tensors{ { "a", shape, values } };
        const base::Bytes file = ml::writeSafetensors(tensors);
        for (std::size_t length = 0; length < file.size(); ++length) {
            QVERIFY(!Safetensors::parse(base::ByteView{ file }.first(length)).has_value());
        }
        for (std::size_t i = 0; i < file.size(); ++i) {
            for (const unsigned flip : { 0x01U, 0x80U }) {
                base::Bytes damaged = file;
                damaged[i] ^= static_cast<std::byte>(flip);
                const auto read = Safetensors::parse(damaged);
                if (read) {
                    for (const auto& entry : read->entries()) {
                        QVERIFY(read->bytes(entry).size() <= file.size());
                    }
                }
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestSafetensors)
#include "tst_safetensors.moc"
