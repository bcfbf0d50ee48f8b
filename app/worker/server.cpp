// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/server.h"

#include "worker/jobs.h"

#include <chrono>
#include <cstdlib>

namespace loam::worker {

using base::Errc;
using base::fail;
using base::Result;

Server::~Server()
{
    {
        const std::lock_guard lock{ m_mutex };
        m_isEnding = true;
    }
    m_changed.notify_all();
    m_queue.close();
    if (m_beatThread.joinable()) {
        m_beatThread.join();
    }
    // The reader sits in read(); the process ends right after this and takes it along.
    if (m_readThread.joinable()) {
        m_readThread.detach();
    }
}

void Server::start()
{
    m_readThread = std::thread{ [this] { readLoop(); } };
    m_beatThread = std::thread{ [this] { beatLoop(); } };
}

void Server::run()
{
    Jobs jobs{ m_control, m_leave };
    while (const std::optional<Queued> queued = m_queue.pop()) {
        work(*queued, jobs);
    }
}

void Server::readLoop()
{
    while (const std::optional<LineReader::Line> line = m_reader.next()) {
        if (line->isTooLong) {
            answer(Json{}, fail(Errc::Invalid, "a request line is longer than 1 MiB"));
            continue;
        }
        if (line->text.find_first_not_of(" \t\r") == std::string::npos) {
            continue;
        }
        const Result<Request> request = Request::parse(line->text);
        if (!request) {
            answer(Json{}, tl::unexpected{ request.error() });
            continue;
        }
        const Result<std::string> job = request->text("job");
        if (!job) {
            answer(request->id(), tl::unexpected{ job.error() });
            continue;
        }
        if (handleCommand(*request, *job)) {
            continue;
        }
        std::uint64_t number = 0;
        {
            const std::lock_guard lock{ m_mutex };
            number = m_arrived++;
        }
        if (!m_queue.tryPush({ *request, number })) {
            answer(request->id(), fail(Errc::Unavailable, "64 jobs are waiting already"));
        }
    }
    // Whoever gave the orders is gone. Files are replaced in one step, so nothing is half written.
    std::_Exit(EXIT_SUCCESS);
}

bool Server::handleCommand(const Request& request, const std::string& job)
{
    if (job == "pause") {
        m_control.pause();
    } else if (job == "resume") {
        m_control.resume();
    } else if (job == "cancel") {
        const std::lock_guard lock{ m_mutex };
        m_cancelledUpTo = m_arrived;
        m_control.cancel();
    } else if (job == "proceed") {
        if (const auto step = request.number("step")) {
            m_leave.give(*step);
        }
    } else if (job == "quit") {
        std::_Exit(EXIT_SUCCESS);
    } else {
        return false;
    }
    if (!request.id().is_null()) {
        answer(request.id(), Json::object());
    }
    return true;
}

void Server::beatLoop()
{
    std::unique_lock lock{ m_mutex };
    std::uint64_t beats = 0;
    while (!m_isEnding) {
        m_changed.wait(lock, [this] { return m_isBusy || m_isEnding; });
        m_changed.wait_for(
            lock, std::chrono::seconds{ 1 }, [this] { return !m_isBusy || m_isEnding; });
        if (m_isBusy && !m_isEnding) {
            write({ { "heartbeat", ++beats }, { "running", m_running },
                { "paused", m_control.isPaused() } });
        }
    }
}

void Server::work(const Queued& queued, Jobs& jobs)
{
    const Json id = queued.request.id();
    {
        const std::lock_guard lock{ m_mutex };
        if (queued.number < m_cancelledUpTo) {
            answer(id, fail(Errc::Cancelled, "the job was cancelled"));
            return;
        }
        // Under the lock: a cancel that comes from now on is meant for this job.
        m_control.reset();
        m_running = id;
        m_isBusy = true;
    }
    m_changed.notify_all();
    // A job without threads of its own, like the tokenizer's training, does not begin in a pause.
    Result<Json> result = m_control.shouldStop()
        ? Result<Json>{ fail(Errc::Cancelled, "the job was cancelled") }
        : jobs.run(queued.request, [this, &id](Json progress) {
              write({ { "id", id }, { "progress", std::move(progress) } });
          });
    {
        const std::lock_guard lock{ m_mutex };
        m_isBusy = false;
    }
    m_changed.notify_all();
    answer(id, std::move(result));
}

void Server::answer(const Json& id, Result<Json> result)
{
    if (!result) {
        write({ { "id", id }, { "ok", false },
            { "code", std::string{ errcName(result.error().code) } },
            { "message", result.error().message } });
        return;
    }
    Json line = std::move(*result);
    line["id"] = id;
    line["ok"] = true;
    write(line);
}

void Server::write(const Json& line)
{
    // Generated text may end in the middle of a character: replaced, not thrown.
    if (!m_writer.write(line.dump(-1, ' ', false, Json::error_handler_t::replace))) {
        std::_Exit(EXIT_FAILURE);
    }
}

} // namespace loam::worker
