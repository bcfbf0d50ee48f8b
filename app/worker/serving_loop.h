// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "worker/line_channel.h"
#include "worker/served_model.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

namespace loam::worker {

/// The conversation of a worker that serves (docs/protocol-serving.md): one model, several answers
/// at once. A reader thread queues what comes in, run() looks at it between two steps of the
/// model; a third thread writes a heartbeat every second, but only while the model gives signs of
/// life, so that a device that hangs is noticed. The end of input ends the process.
class ServingLoop
{
public:
    ServingLoop(int input, int output)
        : m_reader{ input }
        , m_writer{ output }
    {
    }
    ~ServingLoop();

    void start();
    /// Serves on the calling thread; returns with the process' exit code when the device is lost.
    int run();

private:
    struct Answer
    {
        Json id;
        std::size_t promptTokens{ 0 };
        bool wantsLogprobs{ false };
    };
    struct Embedding
    {
        Json id;
        std::vector<std::string> inputs;
        std::size_t next{ 0 };
        std::size_t tokens{ 0 };
    };
    enum class Phase { Idle, Loading, Computing };

    void readLoop();
    void beatLoop();
    std::deque<Request> takeRequests();
    void handle(const Request& request);
    base::Result<Json> load(const Request& request);
    base::Result<> begin(const Request& request);
    base::Result<> beginEmbedding(const Request& request);
    void cancel(const Request& request);
    /// Computes a little; false when the device is lost.
    bool advance();
    base::Result<> embedNext();
    void report(const ml::AnswerEvent& event);
    void loseEverything(const base::Error& error);
    void setPhase(Phase phase);
    bool isBusy() const { return !m_answers.empty() || !m_embeddings.empty(); }
    void succeed(const Json& id, Json fields);
    void refuse(const Json& id, const base::Error& error);
    void write(const Json& line);

    LineReader m_reader;
    LineWriter m_writer;
    std::unique_ptr<ServedModel> m_model;
    std::map<std::uint64_t, Answer> m_answers; ///< by the language model's number
    std::deque<Embedding> m_embeddings;

    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<Request> m_requests; ///< guarded, like the rest
    Phase m_phase{ Phase::Idle };
    std::chrono::steady_clock::time_point m_phaseBegan{};
    bool m_isEnding{ false };
    std::atomic<std::uint64_t> m_signsOfLife{ 0 };

    std::thread m_readThread;
    std::thread m_beatThread;
};

} // namespace loam::worker
