// SPDX-License-Identifier: GPL-3.0-or-later
// Messages (RFC 5322, 2045 to 2047) and mailboxes (RFC 4155), as far as their text goes.
#include "base/utf8.h"
#include "worker/extract/documents.h"
#include "worker/extract/mime.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <unistd.h>

namespace loam::worker {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::size_t kMaxMessage = std::size_t{ 16 } << 20U;
    constexpr std::size_t kMaxDepth = 8;
    constexpr std::size_t kMaxParts = 1000;

    struct Budget
    {
        std::size_t parts{ 0 };
    };

    Result<> writePart(std::string_view part, std::size_t depth, Budget& budget, TextSink& sink);

    /// The parts between the boundary lines, without preamble and epilogue.
    std::vector<std::string_view> splitParts(std::string_view body, const std::string& boundary)
    {
        std::vector<std::string_view> out;
        const std::string mark = "--" + boundary;
        std::size_t begin = std::string_view::npos;
        for (std::size_t at = 0; at < body.size() && out.size() < kMaxParts;) {
            const std::size_t feed = body.find('\n', at);
            const std::size_t end = feed == std::string_view::npos ? body.size() : feed + 1;
            const std::string_view line = body.substr(at, end - at);
            if (line.starts_with(mark)) {
                if (begin != std::string_view::npos) {
                    out.push_back(body.substr(begin, at - begin));
                }
                begin = end;
                if (line.substr(mark.size()).starts_with("--")) {
                    return out;
                }
            }
            at = end;
        }
        if (begin != std::string_view::npos && begin < body.size()) {
            out.push_back(body.substr(begin));
        }
        return out;
    }

    Result<> writeMultipart(std::string_view body, const mime::ContentType& type, std::size_t depth,
        Budget& budget, TextSink& sink)
    {
        const std::vector<std::string_view> parts = splitParts(body, type.boundary);
        if (type.name != "multipart/alternative") {
            for (const std::string_view part : parts) {
                TRY(writePart(part, depth + 1, budget, sink));
            }
            return {};
        }
        // The same text in several forms: the plain one if there is one.
        for (const std::string_view part : parts) {
            const mime::Headers headers = mime::Headers::read(part);
            if (mime::contentTypeOf(headers).name == "text/plain") {
                return writePart(part, depth + 1, budget, sink);
            }
        }
        return parts.empty() ? Result<>{} : writePart(parts.front(), depth + 1, budget, sink);
    }

    Result<> writePart(std::string_view part, std::size_t depth, Budget& budget, TextSink& sink)
    {
        if (depth > kMaxDepth || ++budget.parts > kMaxParts || sink.isFull()) {
            return {};
        }
        const mime::Headers headers = mime::Headers::read(part);
        const std::string_view body = part.substr(headers.size());
        const mime::ContentType type = mime::contentTypeOf(headers);
        if (mime::isAttachment(headers)) {
            return {};
        }
        if (type.name.starts_with("multipart/")) {
            return type.boundary.empty() ? Result<>{}
                                         : writeMultipart(body, type, depth, budget, sink);
        }
        if (type.name == "message/rfc822") {
            return writePart(body, depth + 1, budget, sink);
        }
        if (type.name != "text/plain" && type.name != "text/html") {
            return {};
        }
        const std::string text = mime::toUtf8(
            mime::decodeBody(body, headers.value("content-transfer-encoding")), type.charset);
        if (type.name == "text/html") {
            return extractHtml(text, sink);
        }
        sink.write(text);
        sink.endLine();
        return {};
    }

} // namespace

Result<> extractMail(std::string_view message, TextSink& sink)
{
    const mime::Headers headers = mime::Headers::read(message);
    if (headers.isEmpty()) {
        return fail(Errc::Invalid, "it has no header lines; it is no mail");
    }
    const std::string subject = mime::decodeWords(headers.value("subject"));
    if (!subject.empty()) {
        sink.write(subject);
        sink.endLine();
    }
    Budget budget;
    return writePart(message, 0, budget, sink);
}

Result<> extractMailbox(int file, TextSink& sink)
{
    std::string message;
    std::string rest;
    std::array<char, 65536> buffer{};
    bool isLong = false; // the rest of an oversized message is passed over
    bool hasMessage = false;
    bool isAtEnd = false;
    const auto finish = [&] {
        if (!message.empty()) {
            static_cast<void>(extractMail(message, sink)); // one bad message spoils no mailbox
            sink.endLine();
        }
        message.clear();
        isLong = false;
    };
    while (!isAtEnd && !sink.isFull()) {
        const ssize_t got = ::read(file, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return fail(Errc::Io, "it cannot be read");
        }
        isAtEnd = got == 0;
        rest.append(buffer.data(), static_cast<std::size_t>(got));
        std::size_t at = 0;
        while (at < rest.size()) {
            std::size_t feed = rest.find('\n', at);
            if (feed == std::string::npos) {
                // A line without an end is taken in pieces, so that memory stays bounded.
                if (!isAtEnd && rest.size() - at < buffer.size()) {
                    break;
                }
                feed = rest.size() - 1;
            }
            const std::string_view line = std::string_view{ rest }.substr(at, feed + 1 - at);
            at = feed + 1;
            if (line.starts_with("From ")) {
                finish();
                hasMessage = true;
                continue;
            }
            if (!hasMessage) {
                return fail(Errc::Invalid, "it does not begin with a \"From \" line; no mailbox");
            }
            isLong = isLong || message.size() + line.size() > kMaxMessage;
            if (!isLong) {
                message += line.starts_with(">From ") ? line.substr(1) : line;
            }
        }
        rest.erase(0, at);
    }
    finish();
    return {};
}

} // namespace loam::worker
