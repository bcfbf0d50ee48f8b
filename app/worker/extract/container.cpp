// SPDX-License-Identifier: GPL-3.0-or-later
// ODF, DOCX and EPUB: ZIP archives of XML.
#include "worker/extract/documents.h"

#include <algorithm>
#include <archive.h>
#include <archive_entry.h>
#include <array>
#include <map>
#include <memory>
#include <pugixml.hpp>
#include <vector>

namespace loam::worker {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::size_t kMaxPart = std::size_t{ 64 } << 20U;
    constexpr std::size_t kMaxAll = std::size_t{ 256 } << 20U;
    constexpr std::size_t kMaxEntries = 10'000;
    constexpr std::size_t kMaxRatio
        = 2000; ///< of unpacked to packed bytes; real text stays below 100

    bool isWanted(std::string_view name, Container kind)
    {
        switch (kind) {
        case Container::OpenDocument:
            return name == "content.xml";
        case Container::WordDocument:
            return name == "word/document.xml" || name == "word/footnotes.xml"
                || name == "word/endnotes.xml";
        case Container::Epub:
            return name.ends_with(".xhtml") || name.ends_with(".html") || name.ends_with(".htm")
                || name.ends_with(".opf") || name == "META-INF/encryption.xml";
        }
        return false;
    }

    using Archive = std::unique_ptr<archive, decltype(&archive_read_free)>;
    using Parts = std::map<std::string, std::string, std::less<>>;

    std::string_view messageOf(archive* reader)
    {
        const char* text = archive_error_string(reader);
        return text == nullptr ? "unknown trouble" : text;
    }

    Result<std::string> readPart(archive* reader, std::size_t& total)
    {
        std::string out;
        std::array<char, 65536> buffer{};
        for (;;) {
            const la_ssize_t got = archive_read_data(reader, buffer.data(), buffer.size());
            if (got == 0) {
                return out;
            }
            if (got < 0) {
                return fail(Errc::Invalid, "it is damaged: " + std::string{ messageOf(reader) });
            }
            const auto size = static_cast<std::size_t>(got);
            total += size;
            const auto packed = static_cast<std::size_t>(
                std::max<la_int64_t>(1, archive_filter_bytes(reader, -1)));
            if (out.size() + size > kMaxPart || total > kMaxAll
                || (total > (std::size_t{ 1 } << 20U) && total / packed > kMaxRatio)) {
                return fail(Errc::Invalid, "it unpacks to far more than a document holds");
            }
            out.append(buffer.data(), size);
        }
    }

    Result<Parts> readParts(int file, Container kind)
    {
        const Archive reader{ archive_read_new(), &archive_read_free };
        archive_read_support_format_zip(reader.get());
        if (archive_read_open_fd(reader.get(), file, 65536) != ARCHIVE_OK) {
            return fail(Errc::Invalid, "it is damaged, or not what its name says");
        }
        Parts out;
        std::size_t total = 0;
        for (std::size_t entries = 0;; ++entries) {
            archive_entry* entry = nullptr;
            const int code = archive_read_next_header(reader.get(), &entry);
            if (code == ARCHIVE_EOF) {
                return out;
            }
            if (code != ARCHIVE_OK && code != ARCHIVE_WARN) {
                return fail(
                    Errc::Invalid, "it is damaged: " + std::string{ messageOf(reader.get()) });
            }
            if (entries >= kMaxEntries) {
                return fail(Errc::Invalid, "it holds more parts than a document does");
            }
            if (archive_entry_is_encrypted(entry) > 0) {
                return fail(Errc::Denied, "it is protected by a password");
            }
            const char* name = archive_entry_pathname(entry);
            if (name == nullptr || !isWanted(name, kind)) {
                continue;
            }
            TRY_ASSIGN(std::string part, readPart(reader.get(), total));
            out.emplace(name, std::move(part));
        }
    }

    std::string_view localName(std::string_view name)
    {
        const std::size_t colon = name.find(':');
        return colon == std::string_view::npos ? name : name.substr(colon + 1);
    }

    /// Character data in document order; elements of `blocks` end lines, `skipped` are passed over.
    class TextWalker : public pugi::xml_tree_walker
    {
    public:
        TextWalker(TextSink& sink, bool textRunsOnly)
            : m_sink{ sink }
            , m_textRunsOnly{ textRunsOnly }
        {
        }

        bool for_each(pugi::xml_node& node) override
        {
            if (node.type() == pugi::node_pcdata || node.type() == pugi::node_cdata) {
                // In DOCX text stands in w:t; what stands elsewhere is field codes and the like.
                if (!m_textRunsOnly || localName(node.parent().name()) == "t") {
                    m_sink.write(node.value());
                }
            } else if (node.type() == pugi::node_element) {
                const std::string_view name = localName(node.name());
                if (name == "p" || name == "h" || name == "br" || name == "line-break"
                    || name == "tr" || name == "table-row" || name == "list-item") {
                    m_sink.endLine();
                } else if (name == "tab" || name == "table-cell" || name == "tc") {
                    m_sink.write("\t");
                } else if (name == "s") {
                    m_sink.write(" ");
                }
            }
            return !m_sink.isFull();
        }

    private:
        TextSink& m_sink;
        bool m_textRunsOnly;
    };

    Result<> writeXml(const std::string& part, bool textRunsOnly, TextSink& sink)
    {
        // pugixml neither fetches nor expands entities of a document type.
        pugi::xml_document document;
        const pugi::xml_parse_result parsed = document.load_buffer(part.data(), part.size(),
            pugi::parse_default | pugi::parse_ws_pcdata, pugi::encoding_utf8);
        if (!parsed) {
            return fail(Errc::Invalid, std::string{ "it is damaged: " } + parsed.description());
        }
        TextWalker walker{ sink, textRunsOnly };
        document.traverse(walker);
        sink.endLine();
        return {};
    }

    std::string folderOf(std::string_view path)
    {
        const std::size_t slash = path.rfind('/');
        return slash == std::string_view::npos ? std::string{}
                                               : std::string{ path.substr(0, slash + 1) };
    }

    /// Chapters in the order of the book's spine; in the order of names without one.
    std::vector<std::string> chaptersOf(const Parts& parts)
    {
        std::vector<std::string> out;
        for (const auto& [name, part] : parts) {
            if (!name.ends_with(".opf")) {
                continue;
            }
            pugi::xml_document document;
            if (!document.load_buffer(part.data(), part.size())) {
                continue;
            }
            std::map<std::string, std::string> items;
            const std::string folder = folderOf(name);
            const auto byName = [](const char* wanted) {
                return [wanted](
                           const pugi::xml_node& node) { return localName(node.name()) == wanted; };
            };
            const pugi::xml_node package = document.document_element();
            for (const pugi::xml_node item : package.find_child(byName("manifest"))) {
                items[item.attribute("id").value()] = folder + item.attribute("href").value();
            }
            for (const pugi::xml_node item : package.find_child(byName("spine"))) {
                const auto found = items.find(item.attribute("idref").value());
                if (found != items.end() && parts.contains(found->second)) {
                    out.push_back(found->second);
                }
            }
        }
        if (out.empty()) {
            for (const auto& [name, part] : parts) {
                if (!name.ends_with(".opf") && !name.ends_with(".xml")) {
                    out.push_back(name);
                }
            }
        }
        return out;
    }

} // namespace

Result<> extractContainer(int file, Container kind, TextSink& sink)
{
    TRY_ASSIGN(const Parts parts, readParts(file, kind));
    if (kind == Container::Epub) {
        if (parts.contains("META-INF/encryption.xml")
            && parts.at("META-INF/encryption.xml").find("EncryptedData") != std::string::npos
            && parts.at("META-INF/encryption.xml").find("font") == std::string::npos) {
            return fail(Errc::Denied, "it is protected by its publisher");
        }
        const std::vector<std::string> chapters = chaptersOf(parts);
        if (chapters.empty()) {
            return fail(Errc::Invalid, "it holds no chapter; it is damaged, or no book");
        }
        for (const std::string& chapter : chapters) {
            TRY(extractHtml(parts.at(chapter), sink));
        }
        return {};
    }
    if (parts.empty()) {
        return fail(Errc::Invalid, "it holds no text; it is damaged, or not what its name says");
    }
    for (const auto& [name, part] : parts) {
        TRY(writeXml(part, kind == Container::WordDocument, sink));
    }
    return {};
}

} // namespace loam::worker
