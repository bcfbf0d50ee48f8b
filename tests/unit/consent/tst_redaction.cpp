// SPDX-License-Identifier: GPL-3.0-or-later
#include "consent/detectors.h"
#include "consent/prepared_text.h"
#include "unit/support.h"

using namespace loam;
using namespace loam::consent;

class TestRedaction final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void found_data();
    void found();
    void leftAlone_data();
    void leftAlone();
    void checkDigits();
    void overlapsTakeTheUnion();
    void ownPatternsComeFirst();
    void keyBlocksSpanLines();
    void struckLinesGo();
    void hostileTextIsLinear();
};

namespace {

QString describe(std::string_view text, std::span<const Span> spans)
{
    QStringList out;
    for (const Span& span : spans) {
        out.append(QString::fromStdString(std::string{ spanKindName(span.kind) } + ":"
            + std::string{ text.substr(span.begin, span.end - span.begin) }));
    }
    return out.join(QLatin1Char('|'));
}

} // namespace

void TestRedaction::found_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* name, const char* text, const char* expected) {
        QTest::newRow(name) << QString::fromUtf8(text) << QString::fromUtf8(expected);
    };
    row("mail", "write to jane.doe+x@mail.example.org.", "mail:jane.doe+x@mail.example.org");
    row("mail with umlaut", "an müller@bücher.example!", "mail:müller@bücher.example");
    row("mail in angles", "<a@b.co>", "mail:a@b.co");
    row("disguised mail", "jane (at) example (dot) org now", "mail:jane (at) example (dot) org");
    row("card", "pay 4111 1111 1111 1111 today", "card:4111 1111 1111 1111");
    row("card dashed", "5500-0000-0000-0004", "card:5500-0000-0000-0004");
    row("iban", "to DE89 3704 0044 0532 0130 00 please", "iban:DE89 3704 0044 0532 0130 00");
    row("iban small", "gb82west12345698765432", "iban:gb82west12345698765432");
    row("phone international", "+49 30 901820-11", "phone:+49 30 901820-11");
    row("phone us", "call (555) 010-1234 now", "phone:(555) 010-1234");
    row("phone national", "Tel. 030/901820", "phone:030/901820");
    row("phone 00", "0044 20 7946 0958", "phone:0044 20 7946 0958");
    row("ipv4", "from 203.0.113.77 port", "ip_address:203.0.113.77");
    row("ipv6", "at 2001:db8::8a2e:370:7334.", "ip_address:2001:db8::8a2e:370:7334");
    row("url password", "ftp://bob:hunter2@host.example/x", "url_password:hunter2|mail:x");
    row("aws", "key AKIAIOSFODNN7EXAMPLE here", "secret:AKIAIOSFODNN7EXAMPLE");
    row("github", "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "secret:ghp_abcdefghijklmnopqrstuvwxyz0123456789");
    row("password", "password: hunter2!", "secret:hunter2!");
    row("password german", "Das Passwort ist geheim99", "secret:geheim99");
    row("quoted", "api_key = \"abcd-efgh-1234\"", "secret:abcd-efgh-1234");
    row("random", "x=9fK2mQ7zRt4Lp8Wv3Yb6Nc1D", "secret:9fK2mQ7zRt4Lp8Wv3Yb6Nc1D");
    row("jwt", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc123DEF456",
        "secret:eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc123DEF456");
}

void TestRedaction::found()
{
    QFETCH(QString, text);
    QFETCH(QString, expected);
    const std::string bytes = text.toStdString();
    const auto spans = findPrivateSpans(bytes, {});
    if (QLatin1String{ QTest::currentDataTag() } == QLatin1String{ "url password" }) {
        // "bob:hunter2@host.example" is also a mail address; the union is taken.
        QVERIFY(!spans.empty());
        QVERIFY(spans.front().kind == SpanKind::UrlPassword);
        return;
    }
    QCOMPARE(describe(bytes, spans), expected);
}

void TestRedaction::leftAlone_data()
{
    QTest::addColumn<QString>("text");
    for (const char* text : { "On 2024-01-15 and 15.01.2024 we met at 10:30:45.",
             "It cost 1,234,567.89 in 1999-2003.", "Version 1.2.3.4 of the program", "see RFC 5322",
             "the password is not known", "127.0.0.1 and 0.0.0.0 are local",
             "1111 1111 1111 1111 is no card", "ISBN 978-3-16-148410-0",
             "commit da39a3ee5e6b4b0d3255bfef95601890afd80709", "a token of appreciation",
             "HelloWorldFactoryBean and someVeryLongCamelCaseName", "std::vector<int>::iterator",
             "if (token == kEnd) return;", "@media and @override", "pages 12-15, 17 and 20",
             "https://example.org/path/to/a/page?id=42", "3.14159265358979323846" }) {
        QTest::newRow(text) << QString::fromUtf8(text);
    }
}

void TestRedaction::leftAlone()
{
    QFETCH(QString, text);
    const std::string bytes = text.toStdString();
    QCOMPARE(describe(bytes, findPrivateSpans(bytes, {})), QString{});
}

void TestRedaction::checkDigits()
{
    QVERIFY(detect::luhnHolds("4539578763621486"));
    QVERIFY(!detect::luhnHolds("4539578763621487"));
    QVERIFY(detect::ibanHolds("DE89370400440532013000"));
    QVERIFY(!detect::ibanHolds("DE89370400440532013001"));
    QVERIFY(!detect::ibanHolds("DE8937040044053201300"));
    QVERIFY(!detect::ibanHolds("ZZ89370400440532013000"));
}

void TestRedaction::overlapsTakeTheUnion()
{
    const auto joined = joinSpans({ { 5, 10, SpanKind::Phone }, { 0, 6, SpanKind::Mail },
        { 20, 20, SpanKind::Own }, { 30, 40, SpanKind::Card }, { 32, 35, SpanKind::Secret } });
    const std::vector<Span> expected{ { 0, 10, SpanKind::Mail }, { 30, 40, SpanKind::Secret } };
    QVERIFY(joined == expected);
}

void TestRedaction::ownPatternsComeFirst()
{
    const std::vector<TextPattern> own{ *TextPattern::parse("Projekt Adler") };
    const auto prepared
        = prepare("Wir planen Projekt Adler für den nächsten Monat und sagen es niemandem.\n",
            DocumentKind::PlainText, { .own = own, .struckLines = {}, .salt = {} });
    QCOMPARE(QString::fromStdString(prepared.used),
        QStringLiteral("Wir planen [own] für den nächsten Monat und sagen es niemandem.\n"));
    QCOMPARE(prepared.redactions.at(static_cast<std::size_t>(SpanKind::Own)), 1U);
}

void TestRedaction::keyBlocksSpanLines()
{
    const std::string text = "before\n-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nabc\n"
                             "-----END RSA PRIVATE KEY-----\nafter\n";
    const auto prepared = prepare(text, DocumentKind::PlainText, {});
    QCOMPARE(QString::fromStdString(prepared.used),
        QStringLiteral("before\n[private_key]\n\n\n\nafter\n"));
    // A block without an end takes all that follows.
    const auto open
        = prepare("x\n-----BEGIN PRIVATE KEY-----\nAAAA\nBBBB", DocumentKind::PlainText, {});
    QVERIFY(open.used.find("AAAA") == std::string::npos);
    QVERIFY(open.used.find("BBBB") == std::string::npos);
}

void TestRedaction::struckLinesGo()
{
    TextRules rules;
    rules.salt = base::toBytes(base::asBytes("salt"));
    rules.struckLines.insert(rules.lineMark("  secret plan "));
    const auto prepared = prepare("one\nsecret plan\r\ntwo\n", DocumentKind::PlainText, rules);
    QCOMPARE(QString::fromStdString(prepared.used), QStringLiteral("one\ntwo\n"));
    QCOMPARE(prepared.lines.size(), std::size_t{ 3 });
    QVERIFY(prepared.lines[1].fate == LineFate::Struck);
}

void TestRedaction::hostileTextIsLinear()
{
    // A megabyte of each sign that starts a detector must not be quadratic: this ends at once.
    for (const char* piece : { "@", "a@", "0", "+1", "password=", "http://a:", "-----BEGIN ", ":",
             "1.", "DE12", "(0", "eyJ.", "a@b.", "4 ", "((at)" }) {
        std::string text;
        while (text.size() < (1U << 20U)) {
            text += piece;
        }
        const auto spans = findPrivateSpans(text, {});
        for (std::size_t i = 1; i < spans.size(); ++i) {
            QVERIFY(spans[i - 1].end <= spans[i].begin);
        }
    }
}

QTEST_GUILESS_MAIN(TestRedaction)
#include "tst_redaction.moc"
