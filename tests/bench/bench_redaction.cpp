// SPDX-License-Identifier: GPL-3.0-or-later
// Precision and recall of the redaction on a generated corpus: `bench_redaction [SENTENCES]` prints
// the table of docs/redaction.md. The generator knows nothing of the detectors; half of what it
// writes are things that only look private.
#include "consent/redaction.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <vector>

using namespace loam::consent;

namespace {

class Generator
{
public:
    explicit Generator(unsigned seed)
        : m_random{ seed }
    {
    }

    std::size_t below(std::size_t n) { return m_random() % n; }
    template <std::size_t N> std::string pick(const std::array<const char*, N>& from)
    {
        return from.at(below(N));
    }
    std::string digits(std::size_t n)
    {
        std::string out;
        for (std::size_t i = 0; i < n; ++i) {
            out += static_cast<char>('0' + below(10));
        }
        return out;
    }
    std::string from(std::string_view alphabet, std::size_t n)
    {
        std::string out;
        for (std::size_t i = 0; i < n; ++i) {
            out += alphabet[below(alphabet.size())];
        }
        return out;
    }
    std::string name()
    {
        return pick(std::array{ "jane", "max", "mueller", "o.brien", "li", "anna-lena", "k.schmidt",
            "ada", "noor", "pierre" });
    }

    std::string mail()
    {
        const std::string host = pick(std::array{ "example", "posteo", "uni-test", "mail.firma" });
        const std::string end = pick(std::array{ "org", "de", "co.uk", "com", "museum" });
        const std::string separator = below(3) == 0 ? "." + digits(2) : "";
        switch (below(8)) {
        case 0:
            return name() + " [at] " + host + " [dot] " + end;
        case 1:
            return name() + "+tag" + digits(1) + "@" + host + "." + end;
        default:
            return name() + separator + "@" + host + "." + end;
        }
    }
    std::string phone()
    {
        switch (below(7)) {
        case 0:
            return "+49 " + std::to_string(151 + below(28)) + " " + digits(8);
        case 1:
            return "+1 (" + std::to_string(201 + below(700)) + ") " + digits(3) + "-" + digits(4);
        case 2:
            return std::to_string(201 + below(700)) + "-" + digits(3) + "-" + digits(4);
        case 3:
            return "0" + std::to_string(30 + below(900)) + "/" + std::to_string(1 + below(9))
                + digits(6);
        case 4:
            return "0044 20 " + digits(4) + " " + digits(4);
        case 5:
            return "0" + std::to_string(150 + below(29)) + " " + digits(4) + " " + digits(4);
        default:
            return "+33 " + std::to_string(1 + below(9)) + " " + digits(2) + " " + digits(2) + " "
                + digits(2) + " " + digits(2);
        }
    }
    std::string card()
    {
        std::string number = pick(std::array{ "4", "51", "55", "37", "6011", "2221" });
        const std::size_t length = number == "37" ? 15 : 16;
        number += digits(length - number.size() - 1);
        unsigned sum = 0;
        for (std::size_t i = 0; i < number.size(); ++i) {
            const auto value = static_cast<unsigned>(number[number.size() - 1 - i] - '0');
            const unsigned twice = i % 2 == 0 ? value * 2 : value;
            sum += twice > 9 ? twice - 9 : twice;
        }
        number += static_cast<char>('0' + (10 - sum % 10) % 10);
        const std::size_t style = below(3);
        std::string out;
        for (std::size_t i = 0; i < number.size(); ++i) {
            if (i > 0 && i % 4 == 0 && style != 0) {
                out += style == 1 ? ' ' : '-';
            }
            out += number[i];
        }
        return out;
    }
    std::string iban()
    {
        struct Form
        {
            const char* country;
            std::size_t rest;
        };
        const Form form = std::array{
            Form{ "DE", 18 }, Form{ "AT", 16 }, Form{ "NO", 11 }, Form{ "ES", 20 }, Form{ "CH", 17 }
        }.at(below(5));
        const std::string account = digits(form.rest);
        unsigned remainder = 0;
        const auto take = [&remainder](char c) {
            remainder = c >= 'A' ? (remainder * 100 + static_cast<unsigned>(c - 'A') + 10) % 97
                                 : (remainder * 10 + static_cast<unsigned>(c - '0')) % 97;
        };
        for (const char c : account + form.country + "00") {
            take(c);
        }
        const unsigned check = 98 - remainder;
        const std::string plain = form.country + fmt::format("{:02}", check) + account;
        std::string out;
        const bool isGrouped = below(2) == 0;
        for (std::size_t i = 0; i < plain.size(); ++i) {
            out += isGrouped && i > 0 && i % 4 == 0 ? " " : "";
            out += plain[i];
        }
        return out;
    }
    std::string address()
    {
        const auto octet = [this] { return std::to_string(1 + below(254)); };
        if (below(4) == 0) {
            return "2001:db8:" + from("123456789abcdef", 4) + "::" + from("123456789abcdef", 3);
        }
        return std::to_string(128 + below(90)) + "." + octet() + "." + octet() + "." + octet();
    }
    std::string secret()
    {
        constexpr std::string_view kMixed
            = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        switch (below(6)) {
        case 0:
            return "AKIA" + from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16);
        case 1:
            return "ghp_" + from(kMixed, 36);
        case 2:
            return "glpat-" + from(kMixed, 20);
        case 3:
            return "eyJ" + from(kMixed, 17) + "." + from(kMixed, 30) + "." + from(kMixed, 43);
        case 4:
            return from(kMixed, 40);
        default:
            return "sk_live_" + from(kMixed, 24);
        }
    }
    std::string password()
    {
        return pick(std::array{ "rose", "Winter", "dragon", "blue" }) + digits(2 + below(4))
            + pick(std::array{ "!", "", "#", "_x" });
    }

    /// Looks like something private and is not.
    std::string innocent()
    {
        switch (below(14)) {
        case 0:
            return fmt::format("{}.{:02}.{}", 1 + below(28), 1 + below(12), 1950 + below(80));
        case 1:
            return fmt::format("{}-{:02}-{:02}", 1950 + below(80), 1 + below(12), 1 + below(28));
        case 2:
            return fmt::format("{:02}:{:02}:{:02}", below(24), below(60), below(60));
        case 3:
            return "version " + std::to_string(1 + below(9)) + "." + digits(1) + "." + digits(1)
                + "." + digits(2);
        case 4:
            return std::to_string(1 + below(999)) + "," + digits(3) + "." + digits(2);
        case 5:
            return "ISBN 978-" + digits(1) + "-" + digits(2) + "-" + digits(6) + "-" + digits(1);
        case 6:
            return "commit " + from("0123456789abcdef", 40);
        case 7:
            return "pages " + std::to_string(1 + below(90)) + "-" + std::to_string(100 + below(90));
        case 8:
            return "@" + name() + " wrote";
        case 9:
            return "std::vector<int>::" + pick(std::array{ "iterator", "size_type", "begin" });
        case 10:
            return "RFC " + digits(4) + " section " + digits(1) + "." + digits(1);
        case 11:
            return "the password is not stored here";
        case 12:
            return "https://example.org/" + name() + "/page?id=" + digits(5);
        default:
            return "room " + digits(3) + ", order " + digits(8);
        }
    }

private:
    std::mt19937 m_random;
};

struct Score
{
    std::size_t entities{ 0 };
    std::size_t covered{ 0 };
    std::size_t found{ 0 };
    std::size_t right{ 0 };
};

struct Truth
{
    std::size_t begin;
    std::size_t end;
    SpanKind kind;
};

constexpr std::array kFillers{ "Please note that ", "As we said on Monday, ", "Bitte an ",
    "For the record: ", "Ich habe ", "You will find it under ", "It was about ", "Siehe " };
constexpr std::array kEnds{ " and let me know.", ".", ", wie besprochen.", "; thank you!",
    " as before.", " (see above).", "" };

} // namespace

int main(int argc, char** argv)
{
    const std::size_t sentences = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 40'000;
    Generator make{ 20'260'314 };
    std::string text;
    std::vector<Truth> truths;
    const auto put = [&](const std::string& before, const std::string& what, SpanKind kind) {
        text += before;
        truths.push_back({ text.size(), text.size() + what.size(), kind });
        text += what;
    };
    for (std::size_t i = 0; i < sentences; ++i) {
        text += make.pick(kFillers);
        switch (make.below(16)) {
        case 0:
        case 1:
            put("", make.mail(), SpanKind::Mail);
            break;
        case 2:
        case 3:
            put(make.below(2) == 0 ? "Tel. " : "", make.phone(), SpanKind::Phone);
            break;
        case 4:
            put("card ", make.card(), SpanKind::Card);
            break;
        case 5:
            put("IBAN ", make.iban(), SpanKind::Iban);
            break;
        case 6:
            put("host ", make.address(), SpanKind::IpAddress);
            break;
        case 7:
            put(make.below(2) == 0 ? "key " : "api_key = ", make.secret(), SpanKind::Secret);
            break;
        case 8:
            put(make.pick(std::array{ "password: ", "PASSWORD=", "Passwort ist ", "pwd = " }),
                make.password(), SpanKind::Secret);
            break;
        case 9:
            put("https://" + make.name() + ":", make.password(), SpanKind::UrlPassword);
            text += "@host.example/x";
            break;
        default:
            text += make.innocent();
        }
        text += make.pick(kEnds) + (make.below(3) == 0 ? "\n" : " ");
    }
    for (int i = 0; i < 50; ++i) {
        put("\n",
            "-----BEGIN RSA PRIVATE KEY-----\n" + make.from("ABCDEFabcdef0123456789+/", 64) + "\n"
                + "-----END RSA PRIVATE KEY-----",
            SpanKind::PrivateKey);
    }
    const auto start = std::chrono::steady_clock::now();
    const std::vector<Span> spans = findPrivateSpans(text, {});
    const double seconds
        = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

    std::array<Score, kSpanKinds> scores{};
    std::size_t at = 0;
    for (const Truth& truth : truths) {
        Score& score = scores.at(static_cast<std::size_t>(truth.kind));
        ++score.entities;
        while (at < spans.size() && spans[at].end <= truth.begin) {
            ++at;
        }
        const bool isCovered = at < spans.size() && spans[at].begin <= truth.begin
            && spans[at].end >= truth.end;
        score.covered += isCovered ? 1U : 0U;
        if (!isCovered && std::getenv("SHOW_MISSED") != nullptr) {
            fmt::print(stderr, "{}: {}\n", spanKindName(truth.kind),
                text.substr(truth.begin - 12, truth.end - truth.begin + 16));
        }
    }
    std::size_t next = 0;
    for (const Span& span : spans) {
        Score& score = scores.at(static_cast<std::size_t>(span.kind));
        ++score.found;
        while (next < truths.size() && truths[next].end <= span.begin) {
            ++next;
        }
        const bool isRight = next < truths.size() && truths[next].begin < span.end;
        score.right += isRight ? 1U : 0U;
        if (!isRight && std::getenv("SHOW_FALSE") != nullptr) {
            fmt::print(stderr, "{}: {}\n", spanKindName(span.kind),
                text.substr(span.begin, span.end - span.begin));
        }
    }
    fmt::print("| kind | entities | recall | found | precision |\n|---|---|---|---|---|\n");
    for (std::size_t i = 0; i < kSpanKinds; ++i) {
        const Score& score = scores.at(i);
        if (score.entities == 0 && score.found == 0) {
            continue;
        }
        const auto share = [](std::size_t part, std::size_t whole) {
            return whole == 0 ? std::string{ "-" }
                              : fmt::format("{:.1f} %",
                                  100.0 * static_cast<double>(part) / static_cast<double>(whole));
        };
        fmt::print("| {} | {} | {} | {} | {} |\n", spanKindName(static_cast<SpanKind>(i)),
            score.entities, share(score.covered, score.entities), score.found,
            share(score.right, score.found));
    }
    fmt::print("\n{:.1f} MB of text, {:.1f} MB/s\n", static_cast<double>(text.size()) / 1e6,
        static_cast<double>(text.size()) / 1e6 / seconds);
    return 0;
}
