// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>

#include <QElapsedTimer>
#include <QProcess>

#include <string>
#include <vector>

/// What the tests of loam-worker share.
namespace loam::test {

using Json = nlohmann::json;

inline constexpr int kPatienceMs = 60'000;

/// A running worker: writes requests, reads lines.
class Worker
{
public:
    Worker() { m_process.start(QStringLiteral(LOAM_WORKER), QStringList{}); }
    ~Worker()
    {
        m_process.closeWriteChannel();
        m_process.waitForFinished(kPatienceMs);
    }

    QProcess& process() { return m_process; }
    void sendRaw(const QByteArray& line) { m_process.write(line + '\n'); }
    void send(const Json& request) { sendRaw(QByteArray::fromStdString(request.dump())); }

    /// The next line that `wanted` takes; null when none comes.
    template <class Wanted> Json waitFor(Wanted wanted)
    {
        QElapsedTimer timer;
        timer.start();
        while (timer.elapsed() < kPatienceMs) {
            while (m_process.canReadLine()) {
                const QByteArray line = m_process.readLine();
                Json object = Json::parse(line.begin(), line.end(), nullptr, false);
                if (wanted(object)) {
                    return object;
                }
            }
            if (!m_process.waitForReadyRead(kPatienceMs)) {
                break;
            }
        }
        return {};
    }
    Json answer(const Json& id)
    {
        return waitFor([&id](const Json& line) {
            return line.value("id", Json{}) == id && line.contains("ok");
        });
    }
    Json ask(const Json& request)
    {
        send(request);
        return answer(request["id"]);
    }

    /// UUIDs of the Vulkan devices it can compute on.
    std::vector<std::string> cards()
    {
        std::vector<std::string> out;
        for (const Json& device : ask({ { "id", "devices" }, { "job", "devices" } })["devices"]) {
            if (device["uuid"] != "cpu") {
                out.push_back(device["uuid"]);
            }
        }
        return out;
    }

private:
    QProcess m_process;
};

inline std::string proseOf(unsigned seed, std::size_t bytes)
{
    const char* const words[]{ "river", "stone", "walks", "under", "bright", "morning", "old",
        "bridge", "sings", "the", "a", "quiet", "village", "carries", "water", "home" };
    std::string text;
    std::uint32_t state = seed * 2654435761U + 1;
    while (text.size() < bytes) {
        state = state * 1664525U + 1013904223U;
        text += words[(state >> 20U) % 16];
        text += (state >> 28U) == 0 ? ".\n" : " ";
    }
    return text;
}

} // namespace loam::test
