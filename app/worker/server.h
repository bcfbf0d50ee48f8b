// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bounded_queue.h"
#include "training/work_control.h"
#include "worker/line_channel.h"
#include "worker/request.h"
#include "worker/step_leave.h"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace loam::worker {

/// The worker's conversation: JSON lines in, JSON lines out. A reader thread answers pause, resume,
/// cancel and quit at once and queues the rest for the thread that calls run(); another one writes
/// a heartbeat every second while a job runs. The end of input ends the process, whatever runs.
class Server
{
public:
    Server(int input, int output)
        : m_reader{ input }
        , m_writer{ output }
    {
    }
    ~Server();

    /// Starts the two threads, so that they keep the priority of now.
    void start();
    /// Does jobs on the calling thread until quit.
    void run();

private:
    struct Queued
    {
        Request request;
        std::uint64_t number{ 0 }; ///< in the order of arrival
    };

    static constexpr std::size_t kMaxQueued = 64;

    void readLoop();
    void beatLoop();
    /// True when the line was a command that has been dealt with.
    bool handleCommand(const Request& request, const std::string& job);
    void work(const Queued& queued, class Jobs& jobs);
    void answer(const Json& id, base::Result<Json> result);
    void write(const Json& line);

    LineReader m_reader;
    LineWriter m_writer;
    training::WorkControl m_control;
    StepLeave m_leave;
    base::BoundedQueue<Queued> m_queue{ kMaxQueued };

    std::mutex m_mutex;
    std::condition_variable m_changed;
    Json m_running; ///< id of the job at work; guarded, like the rest
    bool m_isBusy{ false };
    bool m_isEnding{ false };
    std::uint64_t m_arrived{ 0 };
    std::uint64_t m_cancelledUpTo{ 0 }; ///< queued jobs with a lower number are not begun

    std::thread m_readThread;
    std::thread m_beatThread;
};

} // namespace loam::worker
