// SPDX-License-Identifier: GPL-3.0-or-later
#include "consent/extractor.h"

#include "base/utf8.h"
#include "codec/extraction.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace loam::consent {

using base::Errc;
using base::fail;
using base::Result;
using std::chrono::steady_clock;

namespace {

    constexpr auto kStartPatience = std::chrono::seconds{ 10 };
    constexpr auto kGrace = std::chrono::seconds{ 2 };
    constexpr const char* kBubblewrap = "/usr/bin/bwrap";

    tl::unexpected<base::Error> system(std::string_view what)
    {
        return fail(Errc::Io, std::string{ what } + ": " + std::strerror(errno));
    }

    /// Milliseconds left, for poll(); 0 when the time is up.
    int left(steady_clock::time_point deadline)
    {
        const auto rest
            = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady_clock::now());
        return static_cast<int>(std::max<std::int64_t>(0, rest.count()));
    }

    Result<> sendRequest(int socket, const base::Bytes& bytes, int document, int output)
    {
        std::array<int, 2> descriptors{ document, output };
        alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof descriptors)> control{};
        iovec part{ const_cast<std::byte*>(bytes.data()), bytes.size() };
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        cmsghdr* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof descriptors);
        std::memcpy(CMSG_DATA(header), descriptors.data(), sizeof descriptors);
        if (::sendmsg(socket, &message, MSG_NOSIGNAL) < 0) {
            return system("cannot reach loam-extractor");
        }
        return {};
    }

    Result<codec::ExtractionReply> readReply(int socket, steady_clock::time_point deadline)
    {
        pollfd waiting{ socket, POLLIN, 0 };
        const int ready = ::poll(&waiting, 1, left(deadline));
        if (ready <= 0) {
            return fail(Errc::Timeout, "loam-extractor did not answer in time");
        }
        std::array<std::byte, codec::ExtractionReply::kMaxBytes> buffer{};
        const ssize_t got = ::recv(socket, buffer.data(), buffer.size(), 0);
        if (got <= 0) {
            return fail(Errc::Unavailable, "loam-extractor ended unexpectedly");
        }
        return codec::ExtractionReply::decode(
            base::ByteView{ buffer }.first(static_cast<std::size_t>(got)));
    }

} // namespace

Extractor::Extractor(std::filesystem::path program)
    : m_program{ std::move(program) }
{
}

Extractor::~Extractor()
{
    stop();
}

void Extractor::stop()
{
    m_socket.reset();
    if (m_process > 0) {
        ::kill(m_process, SIGKILL);
        ::waitpid(m_process, nullptr, 0);
        m_process = -1;
    }
}

Result<> Extractor::start()
{
    if (m_socket.isOpen()) {
        return {};
    }
    // Where namespaces are not allowed to users, system call filters and limits still hold.
    if (m_confinement != Confinement::SystemCalls && ::access(kBubblewrap, X_OK) == 0) {
        if (spawn(true)) {
            m_confinement = Confinement::Namespaces;
            return {};
        }
        stop();
    }
    auto spawned = spawn(false);
    if (!spawned) {
        stop();
        return spawned;
    }
    m_confinement = Confinement::SystemCalls;
    return {};
}

Result<> Extractor::spawn(bool confined)
{
    std::array<int, 2> pair{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0) {
        return system("cannot make a socket");
    }
    Descriptor ours{ pair[0] };
    const Descriptor theirs{ pair[1] };
    std::vector<std::string> words;
    if (confined) {
        // Nothing but the system's programs, the extractor itself and the descriptors given.
        words = { kBubblewrap, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop",
            "ALL", "--clearenv", "--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib",
            "--symlink", "usr/lib64", "/lib64", "--symlink", "usr/bin", "/bin", "--ro-bind-try",
            "/etc/ld.so.cache", "/etc/ld.so.cache", "--ro-bind-try", "/etc/alternatives",
            "/etc/alternatives", "--proc", "/proc", "--dev", "/dev", "--ro-bind",
            m_program.string(), "/loam-extractor", "--chdir", "/", "/loam-extractor",
            "--confined" };
    } else {
        words = { m_program.string() };
    }
    std::vector<char*> arguments;
    for (std::string& word : words) {
        arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    std::array<char*, 1> environment{ nullptr };

    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, theirs.get(), codec::kExtractorSocket);
    const int code = ::posix_spawn(
        &m_process, words.front().c_str(), &actions, nullptr, arguments.data(), environment.data());
    ::posix_spawn_file_actions_destroy(&actions);
    if (code != 0) {
        m_process = -1;
        return fail(Errc::Io,
            "cannot start " + words.front() + ": " + std::strerror(code)
                + "; is Loam installed completely?");
    }
    TRY(readReply(ours.get(), steady_clock::now() + kStartPatience));
    m_socket = std::move(ours);
    return {};
}

Result<ExtractedText> Extractor::extract(
    const Descriptor& file, DocumentKind kind, const ExtractionLimits& limits)
{
    TRY(start());
    auto text = converse(file, kind, limits);
    if (!text
        && (text.error().code == Errc::Timeout || text.error().code == Errc::Io
            || text.error().code == Errc::Unavailable)) {
        stop(); // whatever state it is in, the next document gets a fresh one
    }
    return text;
}

Result<ExtractedText> Extractor::converse(
    const Descriptor& file, DocumentKind kind, const ExtractionLimits& limits)
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return system("cannot make a pipe");
    }
    Descriptor reading{ ends[0] };
    Descriptor writing{ ends[1] };
    const codec::ExtractionRequest request{ .kind = static_cast<std::uint8_t>(kind),
        .textBytes = limits.textBytes,
        .memoryBytes = limits.memoryBytes,
        .seconds = static_cast<std::uint64_t>(limits.time.count()) };
    TRY(sendRequest(m_socket.get(), request.encode(), file.get(), writing.get()));
    writing.reset();

    const auto deadline = steady_clock::now() + limits.time + kGrace;
    std::string raw;
    std::array<char, 65536> buffer{};
    for (;;) {
        pollfd waiting{ reading.get(), POLLIN, 0 };
        if (::poll(&waiting, 1, left(deadline)) <= 0) {
            return fail(Errc::Timeout, "reading it took too long");
        }
        const ssize_t got = ::read(reading.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            break;
        }
        if (raw.size() + static_cast<std::size_t>(got) > limits.textBytes) {
            return fail(Errc::Unavailable, "its reader wrote more than it was asked for");
        }
        raw.append(buffer.data(), static_cast<std::size_t>(got));
    }
    reading.reset();
    TRY_ASSIGN(const codec::ExtractionReply reply, readReply(m_socket.get(), deadline));
    switch (reply.status) {
    case codec::ExtractionReply::Status::Done:
    case codec::ExtractionReply::Status::Cut:
        return ExtractedText{ .text = base::repairUtf8(raw),
            .isCut = reply.status == codec::ExtractionReply::Status::Cut };
    case codec::ExtractionReply::Status::Damaged:
        return fail(Errc::Invalid,
            reply.message.empty() ? "it is damaged, or not what its name says" : reply.message);
    case codec::ExtractionReply::Status::Locked:
        return fail(Errc::Denied, "it is protected by a password");
    case codec::ExtractionReply::Status::TooSlow:
        return fail(Errc::Invalid,
            "reading it took more than " + std::to_string(limits.time.count()) + " seconds");
    case codec::ExtractionReply::Status::TooLarge:
        return fail(Errc::Invalid, "reading it took too much memory");
    }
    return fail(Errc::Unavailable, "the extractor's answer is unknown");
}

} // namespace loam::consent
