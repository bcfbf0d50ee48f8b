// SPDX-License-Identifier: GPL-3.0-or-later
// Documents of every kind through the real loam-extractor, good and hostile.
#include "consent/extractor.h"
#include "unit/support.h"

#include <QElapsedTimer>
#include <QTemporaryDir>

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace loam;
using namespace loam::consent;
using base::Errc;

namespace {

using Entries = std::vector<std::pair<std::string, std::string>>;

void put(std::string& out, std::uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; ++i) {
        out += static_cast<char>(value & 0xffU);
        value >>= 8U;
    }
}

std::uint32_t crc32(std::string_view data)
{
    std::uint32_t crc = 0xffffffffU;
    for (const char c : data) {
        crc ^= static_cast<unsigned char>(c);
        for (int k = 0; k < 8; ++k) {
            crc = (crc & 1U) != 0 ? (crc >> 1U) ^ 0xedb88320U : crc >> 1U;
        }
    }
    return crc ^ 0xffffffffU;
}

/// A ZIP file with stored entries (APPNOTE 4.3), or with ready-made deflate data.
std::string zip(const Entries& entries, const std::string& deflated = {}, std::uint64_t size = 0)
{
    std::string out;
    std::string directory;
    for (const auto& [name, text] : entries) {
        const std::string& data = deflated.empty() ? text : deflated;
        const std::uint64_t unpacked = deflated.empty() ? text.size() : size;
        std::string common;
        put(common, 20, 2);
        put(common, 0, 2);
        put(common, deflated.empty() ? 0 : 8, 2);
        put(common, 0, 4);
        put(common, deflated.empty() ? crc32(text) : 0, 4);
        put(common, data.size(), 4);
        put(common, unpacked, 4);
        put(common, name.size(), 2);
        put(common, 0, 2);
        put(directory, 0x02014b50, 4);
        put(directory, 20, 2);
        directory += common;
        put(directory, 0, 10);
        put(directory, out.size(), 4);
        directory += name;
        put(out, 0x04034b50, 4);
        out += common + name + data;
    }
    const std::size_t at = out.size();
    out += directory;
    put(out, 0x06054b50, 4);
    put(out, 0, 4);
    put(out, entries.size(), 2);
    put(out, entries.size(), 2);
    put(out, directory.size(), 4);
    put(out, at, 4);
    put(out, 0, 2);
    return out;
}

/// Deflate data of `megabytes` MiB of the letter a: fixed Huffman codes, one literal and then
/// matches of 258 at distance 1 (RFC 1951 3.2.6), each 13 bits: about 160 to 1.
std::string bomb(std::size_t megabytes)
{
    std::string out;
    std::uint32_t bits = 0;
    int count = 0;
    const auto bit = [&](unsigned value) {
        bits |= value << count;
        if (++count == 8) {
            out += static_cast<char>(bits);
            bits = 0;
            count = 0;
        }
    };
    bit(1); // final block
    bit(1); // fixed codes: 01, low bit first
    bit(0);
    const auto code = [&bit](unsigned value, int length) {
        for (int i = length - 1; i >= 0; --i) {
            bit((value >> i) & 1U);
        }
    };
    code(0x30 + 'a', 8);
    for (std::size_t i = 0; i < (megabytes << 20U) / 258; ++i) {
        code(0xc0 + (285 - 280), 8); // length 258
        code(0, 5); // distance 1
    }
    code(0, 7); // end of block
    while (count != 0) {
        bit(0);
    }
    return out;
}

std::string pdf(const std::string& content)
{
    std::vector<std::string> objects{ "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F1 5 0 "
        "R>>>>>>",
        "<</Length " + std::to_string(content.size()) + ">>stream\n" + content + "\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>" };
    std::string out = "%PDF-1.4\n";
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < objects.size(); ++i) {
        places.push_back(out.size());
        out += std::to_string(i + 1) + " 0 obj" + objects[i] + "endobj\n";
    }
    const std::size_t table = out.size();
    out += "xref\n0 6\n0000000000 65535 f \n";
    for (const std::size_t place : places) {
        std::string digits = std::to_string(place);
        out += std::string(10 - digits.size(), '0') + digits + " 00000 n \n";
    }
    return out + "trailer<</Size 6/Root 1 0 R>>\nstartxref\n" + std::to_string(table) + "\n%%EOF\n";
}

} // namespace

class TestDocuments final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void kinds_data();
    void kinds();
    void damaged_data();
    void damaged();
    void bombsAreNotUnpacked();
    void aPdfThatRefersToItself();
    void floodsAreCut();
    void tenGigabytesOfOneLine();
    void slowOnesAreEnded();
    void greedyOnesAreEnded();
    void theReaderHasNoRights();
    void aMissingProgramIsNamed();

private:
    base::Result<ExtractedText> extract(
        const std::string& contents, DocumentKind kind, const ExtractionLimits& limits = {});
    Descriptor write(const std::string& contents);

    QTemporaryDir m_folder;
    Extractor m_extractor{ LOAM_EXTRACTOR };
};

void TestDocuments::initTestCase()
{
    const auto text = extract("hello", DocumentKind::PlainText);
    LOAM_OK(text);
    qInfo("confinement: %s",
        m_extractor.confinement() == Confinement::Namespaces ? "namespaces" : "system calls");
}

Descriptor TestDocuments::write(const std::string& contents)
{
    const std::string path = m_folder.filePath(QStringLiteral("document")).toStdString();
    std::ofstream{ path, std::ios::binary } << contents;
    return Descriptor{ ::open(path.c_str(), O_RDONLY | O_CLOEXEC) };
}

base::Result<ExtractedText> TestDocuments::extract(
    const std::string& contents, DocumentKind kind, const ExtractionLimits& limits)
{
    return m_extractor.extract(write(contents), kind, limits);
}

void TestDocuments::kinds_data()
{
    QTest::addColumn<QByteArray>("contents");
    QTest::addColumn<int>("kind");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* name, const std::string& contents, DocumentKind kind,
                         const char* expected) {
        QTest::newRow(name) << QByteArray::fromStdString(contents) << static_cast<int>(kind)
                            << QString::fromUtf8(expected);
    };
    row("text", "Grüße\nzwei\n", DocumentKind::PlainText, "Grüße\nzwei\n");
    row("latin-1",
        "Gr\xfc\xdf"
        "e\n",
        DocumentKind::PlainText, "Grüße\n");
    row("byte order mark",
        "\xef\xbb\xbf"
        "a",
        DocumentKind::PlainText, "a");
    row("utf-16",
        std::string("\xff\xfe"
                    "a\0\xe4\0\x3d\xd8\x00\xde",
            10),
        DocumentKind::PlainText, "aä😀");
    row("invalid",
        "a\xff"
        "b\x01"
        "c\xc3",
        DocumentKind::Code, "aÿbcÃ");
    row("html",
        "<html><head><title>T</title><script>x()</script></head><body><h1>Head</h1><p>One "
        "<b>two</b>&amp;three<br>four</p><style>p{}</style></body>",
        DocumentKind::Html, "Head\nOne two&three\nfour\n");
    row("pdf", pdf("BT /F1 24 Tf 100 700 Td (Hello from a page) Tj ET"), DocumentKind::Pdf,
        "Hello from a page\n");
    row("odt",
        zip({ { "mimetype", "application/vnd.oasis.opendocument.text" },
            { "content.xml",
                "<office:document-content xmlns:office='o' "
                "xmlns:text='t'><office:body><text:h>Titel"
                "</text:h><text:p>Ein<text:s/>Satz</text:p></office:body>"
                "</office:document-content>" } }),
        DocumentKind::OpenDocument, "Titel\nEin Satz\n");
    row("docx",
        zip({ { "word/document.xml",
                  "<w:document xmlns:w='w'><w:body><w:p><w:r><w:t>One</w:t></w:r></w:p><w:p><w:r>"
                  "<w:instrText>FIELD</w:instrText><w:t>Two</w:t></w:r></w:p></w:body>"
                  "</w:document>" },
            { "word/media/image1.png", "binary" } }),
        DocumentKind::WordDocument, "One\nTwo\n");
    row("epub",
        zip({ { "OPS/b.xhtml", "<html><body><p>second</p></body></html>" },
            { "OPS/a.xhtml", "<html><body><p>first</p></body></html>" },
            { "OPS/x.opf",
                "<package><manifest><item id='1' href='b.xhtml'/><item id='0' href='a.xhtml'/>"
                "</manifest><spine><itemref idref='0'/><itemref idref='1'/></spine></package>" } }),
        DocumentKind::Epub, "first\nsecond\n");
    const std::string mail
        = "From: a@example.org\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n"
          "Content-Type: multipart/alternative; boundary=\"x\"\r\n\r\n--x\r\n"
          "Content-Type: text/plain; charset=iso-8859-1\r\n"
          "Content-Transfer-Encoding: quoted-printable\r\n\r\nSch=F6n=\r\ne Tage\r\n"
          "--x\r\nContent-Type: text/html\r\n\r\n<p>nicht dies</p>\r\n--x--\r\n";
    row("mail", mail, DocumentKind::Mail, "Grüße\nSchöne Tage\n");
    row("attachment",
        "Subject: s\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nbody\n--b\n"
        "Content-Type: text/plain\nContent-Disposition: attachment\n\nsecret\n--b--\n",
        DocumentKind::Mail, "s\nbody\n");
    row("base64", "Subject: s\nContent-Transfer-Encoding: base64\n\naGFsbG8=\n", DocumentKind::Mail,
        "s\nhallo\n");
    row("mbox",
        "From x Mon\nSubject: one\n\ntext\n>From here\n\nFrom y Tue\nSubject: two\n\nmore\n",
        DocumentKind::Mailbox, "one\ntext\nFrom here\n\ntwo\nmore\n");
}

void TestDocuments::kinds()
{
    QFETCH(QByteArray, contents);
    QFETCH(int, kind);
    QFETCH(QString, expected);
    const auto text = extract(contents.toStdString(), static_cast<DocumentKind>(kind));
    LOAM_OK(text);
    QCOMPARE(QString::fromStdString(text->text), expected);
    QVERIFY(!text->isCut);
}

void TestDocuments::damaged_data()
{
    QTest::addColumn<QByteArray>("contents");
    QTest::addColumn<int>("kind");
    const auto row = [](const char* name, const std::string& contents, DocumentKind kind) {
        QTest::newRow(name) << QByteArray::fromStdString(contents) << static_cast<int>(kind);
    };
    row("pdf", "%PDF-1.4 nothing", DocumentKind::Pdf);
    row("pdf empty", "", DocumentKind::Pdf);
    row("zip cut", zip({ { "content.xml", std::string(500, 'x') } }).substr(0, 200),
        DocumentKind::OpenDocument);
    row("zip of another kind", zip({ { "a.txt", "x" } }), DocumentKind::WordDocument);
    row("no zip", "hello", DocumentKind::Epub);
    row("broken xml", zip({ { "content.xml", "<a><b></a>" } }), DocumentKind::OpenDocument);
    row("binary as text", std::string(5000, '\0'), DocumentKind::PlainText);
    row("no mail", "just a line without any header\n", DocumentKind::Mail);
    row("no mailbox", "just a line\n", DocumentKind::Mailbox);
}

void TestDocuments::damaged()
{
    QFETCH(QByteArray, contents);
    QFETCH(int, kind);
    const auto text = extract(contents.toStdString(), static_cast<DocumentKind>(kind));
    LOAM_FAILS(text, Errc::Invalid);
    QVERIFY(!text.error().message.empty());
    // And the next one is read as if nothing had been.
    LOAM_OK(extract("fine", DocumentKind::PlainText));
}

void TestDocuments::bombsAreNotUnpacked()
{
    // 400 MiB out of 2.5 MiB, and then ten parts of it.
    QElapsedTimer timer;
    timer.start();
    const std::string packed = bomb(400);
    for (const DocumentKind kind : { DocumentKind::OpenDocument, DocumentKind::WordDocument }) {
        const auto text = extract(
            zip({ { kind == DocumentKind::OpenDocument ? "content.xml" : "word/document.xml",
                    {} } },
                packed, std::uint64_t{ 400 } << 20U),
            kind);
        LOAM_FAILS(text, Errc::Invalid);
        QVERIFY(text.error().message.find("unpacks") != std::string::npos);
    }
    QVERIFY(timer.elapsed() < 60'000);
}

void TestDocuments::aPdfThatRefersToItself()
{
    std::string loop = pdf("x");
    const std::size_t at = loop.find("/Kids[3 0 R]");
    loop.replace(at, 12, "/Kids[2 0 R]");
    const auto text = extract(loop, DocumentKind::Pdf, { .time = std::chrono::seconds{ 5 } });
    QVERIFY(!text || text->text.empty());
    // A form that draws itself.
    std::string content;
    for (int i = 0; i < 1000; ++i) {
        content += "q ";
    }
    LOAM_OK(extract(pdf(content + "BT /F1 9 Tf (deep) Tj ET"), DocumentKind::Pdf));
    LOAM_OK(extract("fine", DocumentKind::PlainText));
}

void TestDocuments::floodsAreCut()
{
    const auto text
        = extract(std::string(1 << 20U, 'a'), DocumentKind::PlainText, { .textBytes = 100'000 });
    LOAM_OK(text);
    QVERIFY(text->isCut);
    QCOMPARE(text->text.size(), std::size_t{ 100'000 });
    // Nesting that would overflow a stack of calls.
    std::string deep;
    for (int i = 0; i < 300'000; ++i) {
        deep += "<div>";
    }
    const auto nested = extract(deep + "end", DocumentKind::Html);
    QVERIFY(nested.has_value() || nested.error().code == Errc::Invalid);
    LOAM_OK(extract("fine", DocumentKind::PlainText));
}

void TestDocuments::tenGigabytesOfOneLine()
{
    const Descriptor file = write("From a\nSubject: s\n\n");
    const std::string path = m_folder.filePath(QStringLiteral("document")).toStdString();
    std::filesystem::resize_file(path, std::uintmax_t{ 10 } << 30U); // a hole: no disk is used
    QElapsedTimer timer;
    timer.start();
    const auto text = m_extractor.extract(file, DocumentKind::Mailbox,
        { .textBytes = 1U << 20U, .memoryBytes = 256U << 20U, .time = std::chrono::seconds{ 3 } });
    QVERIFY(text.has_value() || text.error().code == Errc::Invalid);
    QVERIFY(timer.elapsed() < 10'000);
    std::filesystem::resize_file(path, 0);
}

void TestDocuments::slowOnesAreEnded()
{
    // A pipe that nobody writes to stalls its reader; the clock ends it.
    std::array<int, 2> ends{};
    QCOMPARE(::pipe2(ends.data(), O_CLOEXEC), 0);
    const Descriptor reading{ ends[0] };
    const Descriptor writing{ ends[1] };
    const auto text = m_extractor.extract(
        reading, DocumentKind::PlainText, { .time = std::chrono::seconds{ 1 } });
    LOAM_FAILS(text, Errc::Invalid);
    QVERIFY(text.error().message.find("more than 1 seconds") != std::string::npos);
    LOAM_OK(extract("fine", DocumentKind::PlainText));
}

void TestDocuments::greedyOnesAreEnded()
{
    std::string page;
    for (int i = 0; i < 3'000'000; ++i) {
        page += "<b>x";
    }
    const auto text = extract(page, DocumentKind::Html, { .memoryBytes = 96U << 20U });
    LOAM_FAILS(text, Errc::Invalid);
    LOAM_OK(extract("fine", DocumentKind::PlainText));
}

void TestDocuments::theReaderHasNoRights()
{
    // While a reader waits on a pipe, /proc tells what the kernel holds against it.
    const auto childrenOf = [](const std::string& process) {
        std::ifstream in{ "/proc/" + process + "/task/" + process + "/children" };
        std::vector<std::string> out;
        for (std::string id; in >> id;) {
            out.push_back(id);
        }
        return out;
    };
    LOAM_OK(extract("start", DocumentKind::PlainText));
    // The extractor is the last in the chain of children (bwrap, its init, the program).
    std::string process = std::to_string(::getpid());
    for (auto children = childrenOf(process); !children.empty(); children = childrenOf(process)) {
        process = children.back();
    }
    std::ifstream status{ "/proc/" + process + "/status" };
    QHash<QString, QString> fields;
    for (std::string line; std::getline(status, line);) {
        const QStringList parts = QString::fromStdString(line).split(QLatin1Char(':'));
        fields.insert(parts.value(0), parts.value(1).trimmed());
    }
    QVERIFY2(fields.value(QStringLiteral("Name")).startsWith(QLatin1String("loam-extract")),
        qPrintable(fields.value(QStringLiteral("Name"))));
    QCOMPARE(fields.value(QStringLiteral("Seccomp")), QStringLiteral("2")); // filter
    QCOMPARE(fields.value(QStringLiteral("NoNewPrivs")), QStringLiteral("1"));
    if (m_extractor.confinement() == Confinement::Namespaces) {
        QCOMPARE(fields.value(QStringLiteral("CapEff")), QStringLiteral("0000000000000000"));
        for (const char* space : { "net", "mnt", "pid", "user" }) {
            std::error_code code;
            const auto theirs
                = std::filesystem::read_symlink("/proc/" + process + "/ns/" + space, code);
            if (code) {
                continue; // a process that may not be inspected is one more closed door
            }
            QVERIFY(
                theirs != std::filesystem::read_symlink(std::string{ "/proc/self/ns/" } + space));
        }
    }
}

void TestDocuments::aMissingProgramIsNamed()
{
    Extractor missing{ "/nowhere/loam-extractor" };
    const auto text = missing.extract(write("x"), DocumentKind::PlainText);
    QVERIFY(!text.has_value());
    QVERIFY(text.error().code == Errc::Io || text.error().code == Errc::Unavailable);
}

QTEST_GUILESS_MAIN(TestDocuments)
#include "tst_documents.moc"
