// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/gguf.h"
#include "ml/gguf_writer.h"

#include <QTemporaryDir>
#include <QTest>

#include <array>
#include <fstream>

using namespace loam;
using ml::Gguf;
using ml::GgufType;
using ml::WeightType;

namespace {

/// Writes a file field by field, so that any field can lie.
class Raw
{
public:
    Raw& u32(std::uint32_t value) { return raw(value); }
    Raw& u64(std::uint64_t value) { return raw(value); }
    Raw& text(std::string_view value)
    {
        u64(value.size());
        const base::ByteView bytes = base::asBytes(value);
        m_bytes.insert(m_bytes.end(), bytes.begin(), bytes.end());
        return *this;
    }
    Raw& preamble(std::uint64_t tensors, std::uint64_t keys, std::uint32_t version = 3)
    {
        return u32(0x46554747).u32(version).u64(tensors).u64(keys);
    }
    Raw& tensor(std::string_view name, std::initializer_list<std::uint64_t> shape,
        std::uint32_t type, std::uint64_t offset)
    {
        text(name).u32(static_cast<std::uint32_t>(shape.size()));
        for (const std::uint64_t extent : shape) {
            u64(extent);
        }
        return u32(type).u64(offset);
    }
    Raw& data(std::size_t bytes)
    {
        m_bytes.resize((m_bytes.size() + 31) / 32 * 32 + bytes);
        return *this;
    }
    const base::Bytes& bytes() const { return m_bytes; }

private:
    template <class T> Raw& raw(T value)
    {
        const auto bytes = std::as_bytes(std::span{ &value, 1 });
        m_bytes.insert(m_bytes.end(), bytes.begin(), bytes.end());
        return *this;
    }
    base::Bytes m_bytes;
};

constexpr std::uint32_t kU32 = 4;
constexpr std::uint32_t kF32 = 6;
constexpr std::uint32_t kText = 8;
constexpr std::uint32_t kArray = 9;

/// Nothing, or the message with which a file is refused.
std::string refusal(const Raw& raw)
{
    const auto file = Gguf::parse(raw.bytes(), "m.gguf");
    return file ? std::string{} : file.error().message;
}

std::filesystem::path fileIn(const QTemporaryDir& folder)
{
    return std::filesystem::path{ folder.path().toStdString() } / "m.gguf";
}

base::Bytes contents(const std::filesystem::path& path)
{
    std::ifstream in{ path, std::ios::binary };
    const std::string text{ std::istreambuf_iterator<char>{ in }, {} };
    return base::toBytes(base::asBytes(text));
}

} // namespace

class TestGguf : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void writesAndReads()
    {
        const QTemporaryDir folder;
        const std::filesystem::path path = fileIn(folder);
        const std::vector<float> values{ 1.0F, -2.0F, 0.5F, 4.0F, 5.0F, 6.0F };
        const std::vector<std::string> texts{ "a", "", "\xC3\xA4" };
        const std::vector<std::int32_t> numbers{ -1, 7 };
        ml::GgufWriter out;
        out.text("name", "Loam");
        out.number("count", 4'000'000'000);
        out.real("real", 0.25F);
        out.flag("yes", true);
        out.texts("texts", texts);
        out.reals("reals", values);
        out.integers("integers", numbers);
        for (const char* name : { "one", "two" }) {
            out.tensor(name, std::array<std::uint64_t, 2>{ 3, 2 }, WeightType::F32,
                [&](ml::OutputFile& file) {
                    return file.write(std::as_bytes(std::span{ values }));
                });
        }
        QVERIFY(out.write(path).has_value());
        const Gguf file = Gguf::open(path).value();
        QCOMPARE(*file.text("name").value(), std::string_view{ "Loam" });
        QCOMPARE(*file.integer("count").value(), std::uint64_t{ 4'000'000'000 });
        QCOMPARE(*file.number("real").value(), 0.25);
        QCOMPARE(*file.flag("yes").value(), true);
        QCOMPARE(file.texts("texts").value()->at(2), std::string_view{ "\xC3\xA4" });
        QCOMPARE(*file.numbers("reals").value(), values);
        QCOMPARE(file.numbers("integers").value()->at(0), -1.0F);
        QVERIFY(!file.text("absent").value().has_value());
        QVERIFY(!file.text("count").has_value());
        QVERIFY(!file.integer("name").has_value());
        QVERIFY(!file.numbers("texts").has_value());
        QCOMPARE(file.tensors().size(), std::size_t{ 2 });
        const ml::GgufTensor* two = file.tensor("two");
        QVERIFY(two != nullptr && two->count() == 6);
        QVERIFY(std::memcmp(two->bytes.data(), values.data(), two->bytes.size()) == 0);
        QVERIFY(file.tensor("three") == nullptr);
    }

    void aFailedWriteLeavesNothing()
    {
        const QTemporaryDir folder;
        const std::filesystem::path path = fileIn(folder);
        ml::GgufWriter out;
        out.tensor("t", std::array<std::uint64_t, 1>{ 8 }, WeightType::F32, [](ml::OutputFile&) {
            return base::Result<>{ base::fail(base::Errc::Io, "the disk is gone") };
        });
        QVERIFY(!out.write(path).has_value());
        QVERIFY(std::filesystem::is_empty(folder.path().toStdString()));
        QVERIFY(!Gguf::open(path).has_value());
    }

    void refuses()
    {
        const auto says = [](const Raw& raw, std::string_view what) {
            const std::string message = refusal(raw);
            const bool right
                = message.starts_with("m.gguf: ") && message.find(what) != std::string::npos;
            if (!right) {
                qWarning("expected %s, got %s", std::string{ what }.c_str(), message.c_str());
            }
            return right;
        };
        QVERIFY(refusal(Raw{}.preamble(0, 0)).empty());
        QVERIFY(refusal(Raw{}.preamble(0, 0, 2)).empty());
        QVERIFY(says(Raw{}, "middle of its header"));
        QVERIFY(says(Raw{}.u32(1).u32(3).u64(0).u64(0), "not a GGUF"));
        QVERIFY(says(Raw{}.preamble(0, 0, 1), "version 1"));
        QVERIFY(says(Raw{}.preamble(0, 0, 0x03000000), "big-endian"));
        QVERIFY(says(Raw{}.preamble(1U << 30U, 0), "too many"));
        QVERIFY(says(Raw{}.preamble(0, ~std::uint64_t{ 0 }), "too many"));
        QVERIFY(says(Raw{}.preamble(0, 1).u64(1U << 20U), "a text of"));
        QVERIFY(says(Raw{}.preamble(0, 1).text("k").u32(13), "unknown type 13"));
        QVERIFY(says(Raw{}.preamble(0, 1).text("k").u32(kU32), "middle of its header"));
        QVERIFY(says(Raw{}.preamble(0, 1).text("k").u32(kText).u64(~std::uint64_t{ 0 }), "a text"));
        QVERIFY(says(Raw{}.preamble(0, 1).text("k").u32(kArray).u32(kF32).u64(1ULL << 62U),
            "elements of k"));
        QVERIFY(says(Raw{}.preamble(0, 1).text("k").u32(kArray).u32(kText).u64(1ULL << 62U),
            "middle of its header"));
        QVERIFY(says(Raw{}.preamble(0, 1).text("k").u32(kArray).u32(kArray).u64(1),
            "arrays inside an array"));
        QVERIFY(says(Raw{}.preamble(0, 2).text("k").u32(kU32).u32(1).text("k").u32(kU32).u32(1),
            "occurs twice"));
        for (const std::uint32_t bad : { 0U, 4U, 33U, 1U << 20U }) {
            QVERIFY(says(Raw{}.preamble(0, 1).text("general.alignment").u32(kU32).u32(bad),
                "an alignment of"));
        }
    }

    void refusesTensors()
    {
        const auto says = [](const Raw& raw, std::string_view what) {
            const std::string message = refusal(raw);
            const bool right = message.find(what) != std::string::npos;
            if (!right) {
                qWarning("expected %s, got %s", std::string{ what }.c_str(), message.c_str());
            }
            return right;
        };
        const auto one = [] { return Raw{}.preamble(1, 0); };
        const auto two = [] { return Raw{}.preamble(2, 0); };
        QVERIFY(refusal(one().tensor("t", { 8, 2 }, 0, 0).data(64)).empty());
        QVERIFY(refusal(one().tensor("t", { 256 }, 12, 0).data(144)).empty());
        QVERIFY(says(one().tensor("t", {}, 0, 0), "0 dimensions"));
        QVERIFY(says(one().tensor("t", { 1, 1, 1, 1, 1 }, 0, 0), "5 dimensions"));
        QVERIFY(says(one().tensor("t", { 0 }, 0, 0), "impossible shape"));
        QVERIFY(says(one().tensor("t", { 1ULL << 40U, 1ULL << 40U }, 0, 0), "impossible shape"));
        QVERIFY(says(one().tensor("t", { 1ULL << 62U }, 0, 0), "impossible shape"));
        QVERIFY(says(one().tensor("t", { 8 }, 77, 0), "type 77"));
        QVERIFY(says(one().tensor("t", { 33 }, 2, 0), "whole blocks"));
        QVERIFY(says(one().tensor("t", { 8 }, 0, 4).data(64), "not aligned"));
        QVERIFY(says(one().tensor("t", { 8 }, 0, 64).data(32), "beyond the end"));
        QVERIFY(says(one().tensor("t", { 9 }, 0, 0).data(32), "beyond the end"));
        QVERIFY(says(one().tensor("t", { 8 }, 0, ~std::uint64_t{ 31 }).data(32), "beyond the end"));
        QVERIFY(says(one().tensor("t", { 8 }, 0, 0), "beyond the end"));
        QVERIFY(says(
            two().tensor("t", { 8 }, 0, 0).tensor("t", { 8 }, 0, 32).data(64), "occurs twice"));
        QVERIFY(
            says(two().tensor("t", { 16 }, 0, 0).tensor("u", { 8 }, 0, 32).data(64), "overlaps"));
        QVERIFY(refusal(two().tensor("t", { 8 }, 0, 64).tensor("u", { 8 }, 0, 0).data(96)).empty());
    }

    void everyCutAndFlippedByteIsSafe()
    {
        const QTemporaryDir folder;
        const std::filesystem::path path = fileIn(folder);
        const std::vector<std::string> texts{ "one", "two" };
        const base::Bytes data(32);
        ml::GgufWriter out;
        out.text("general.name", "x");
        out.texts("t", texts);
        out.tensor("w", std::array<std::uint64_t, 2>{ 4, 2 }, WeightType::F32,
            [&](ml::OutputFile& file) { return file.write(data); });
        QVERIFY(out.write(path).has_value());
        const base::Bytes whole = contents(path);
        for (std::size_t length = 0; length < whole.size(); ++length) {
            QVERIFY(!Gguf::parse(base::ByteView{ whole }.first(length), "m").has_value());
        }
        for (std::size_t i = 0; i < whole.size(); ++i) {
            for (const unsigned flip : { 0x01U, 0x20U, 0x80U }) {
                base::Bytes damaged = whole;
                damaged[i] ^= static_cast<std::byte>(flip);
                const auto read = Gguf::parse(damaged, "m");
                for (std::size_t t = 0; read && t < read->tensors().size(); ++t) {
                    QVERIFY(read->tensors()[t].bytes.size() <= whole.size());
                }
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestGguf)
#include "tst_gguf.moc"
