// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/extract/server.h"

#include "codec/extraction.h"
#include "worker/extract/documents.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <new>
#include <optional>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace loam::worker {

using base::Errc;
using base::Result;
using codec::ExtractionReply;
using codec::ExtractionRequest;

namespace {

    constexpr std::size_t kMaxDocument = std::size_t{ 64 } << 20U;
    constexpr std::uint64_t kMaxSeconds = 120;
    constexpr std::uint64_t kMinMemory = std::uint64_t{ 64 } << 20U;
    constexpr int kFatal = 70; ///< a child that ran out of memory

    struct Order
    {
        ExtractionRequest request;
        int document{ -1 };
        int output{ -1 };
    };

    /// The next request; nothing at the end or when the other side does not keep to the protocol.
    std::optional<Order> receive()
    {
        std::array<std::byte, ExtractionRequest::kMaxBytes> bytes{};
        std::array<int, 2> descriptors{ -1, -1 };
        alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof descriptors)> control{};
        iovec part{ bytes.data(), bytes.size() };
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        const ssize_t got = ::recvmsg(codec::kExtractorSocket, &message, 0);
        const cmsghdr* header = got > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
        if (header == nullptr || header->cmsg_type != SCM_RIGHTS
            || header->cmsg_len != CMSG_LEN(sizeof descriptors)) {
            return std::nullopt;
        }
        std::memcpy(descriptors.data(), CMSG_DATA(header), sizeof descriptors);
        const auto request = ExtractionRequest::decode(
            base::ByteView{ bytes }.first(static_cast<std::size_t>(got)));
        if (!request) {
            return std::nullopt;
        }
        return Order{ *request, descriptors[0], descriptors[1] };
    }

    bool reply(const ExtractionReply& answer)
    {
        const base::Bytes bytes = answer.encode();
        return ::send(codec::kExtractorSocket, bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0;
    }

    Result<> extract(const Order& order, TextSink& sink)
    {
        // The numbers of consent::DocumentKind.
        switch (order.request.kind) {
        case 1:
        case 2:
            return extractPlainText(order.document, sink);
        case 3: {
            TRY_ASSIGN(const std::string page, readAll(order.document, kMaxDocument));
            return extractHtml(page, sink);
        }
        case 4: {
            TRY_ASSIGN(const std::string contents, readAll(order.document, kMaxDocument));
            return extractPdf(contents, sink);
        }
        case 5:
            return extractContainer(order.document, Container::OpenDocument, sink);
        case 6:
            return extractContainer(order.document, Container::WordDocument, sink);
        case 7:
            return extractContainer(order.document, Container::Epub, sink);
        case 8: {
            TRY_ASSIGN(const std::string message, readAll(order.document, kMaxDocument));
            return extractMail(message, sink);
        }
        case 9:
            return extractMailbox(order.document, sink);
        default:
            return base::fail(Errc::Invalid, "this kind of document is not known");
        }
    }

    /// In the child: reads the document and never returns. The exit code is the reply's status.
    [[noreturn]] void runReader(const Order& order, Surroundings surroundings, int messages)
    {
        ::close(codec::kExtractorSocket);
        if (!limitReader(std::min(order.request.seconds, kMaxSeconds),
                std::max(order.request.memoryBytes, kMinMemory))
            || !confineReader(surroundings)) {
            std::_Exit(kFatal + 1);
        }
        Result<> done;
        TextSink sink{ order.output, order.request.textBytes };
        try {
            // Libraries throw; bad_alloc is how the memory limit is felt.
            done = extract(order, sink);
            sink.flush();
        } catch (const std::bad_alloc&) {
            std::_Exit(kFatal);
        } catch (const std::exception&) {
            done = base::fail(Errc::Invalid, "it is damaged");
        }
        if (!done) {
            const std::string& why = done.error().message;
            // Who hears nothing still sees the exit code.
            [[maybe_unused]] const ssize_t told
                = ::write(messages, why.data(), std::min<std::size_t>(why.size(), 300));
            std::_Exit(static_cast<int>(done.error().code == Errc::Denied
                    ? ExtractionReply::Status::Locked
                    : ExtractionReply::Status::Damaged));
        }
        std::_Exit(static_cast<int>(
            sink.isFull() ? ExtractionReply::Status::Cut : ExtractionReply::Status::Done));
    }

    ExtractionReply outcomeOf(int status, std::string message)
    {
        using Status = ExtractionReply::Status;
        if (WIFSIGNALED(status)) {
            const int signal = WTERMSIG(status);
            if (signal == SIGXCPU || signal == SIGALRM || signal == SIGKILL) {
                return { Status::TooSlow, {} };
            }
            if (signal == SIGPIPE) {
                return { Status::Cut, {} };
            }
            return { Status::Damaged, "its reader crashed on it" };
        }
        const int code = WEXITSTATUS(status);
        if (code == kFatal) {
            return { Status::TooLarge, {} };
        }
        if (code < 0 || code > static_cast<int>(Status::Cut)) {
            return { Status::Damaged, "its reader could not be confined" };
        }
        return { static_cast<Status>(code), std::move(message) };
    }

    ExtractionReply handle(const Order& order, Surroundings surroundings, int readEnd, int writeEnd)
    {
        const pid_t child = ::fork();
        if (child == 0) {
            ::close(readEnd);
            runReader(order, surroundings, writeEnd);
        }
        ::close(writeEnd);
        ::close(order.document);
        // The pipe of the text ends when its last writer has gone.
        ::close(order.output);
        std::string message;
        std::array<char, 512> buffer{};
        const ssize_t got = ::read(readEnd, buffer.data(), buffer.size());
        if (got > 0) {
            message.assign(buffer.data(), static_cast<std::size_t>(got));
        }
        ::close(readEnd);
        int status = 0;
        if (child < 0 || ::waitpid(child, &status, 0) != child) {
            return { ExtractionReply::Status::Damaged, "no reader could be started" };
        }
        return outcomeOf(status, std::move(message));
    }

} // namespace

int serveExtraction(Surroundings surroundings)
{
    if (!confineServer(surroundings) || !reply({})) {
        return EXIT_FAILURE;
    }
    while (const std::optional<Order> order = receive()) {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), 0) != 0
            || !reply(handle(*order, surroundings, ends[0], ends[1]))) {
            return EXIT_FAILURE;
        }
    }
    return EXIT_SUCCESS;
}

} // namespace loam::worker
