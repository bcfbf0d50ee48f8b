// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QJsonObject>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace loam::node {

/// What the owner chose. Kept in settings.json; unknown keys survive, bad values fall back to
/// the default and are named in notices().
class Settings
{
public:
    struct Contribution
    {
        bool on{ false };
        std::chrono::sys_seconds snoozedUntil{};
        bool onlyWhenIdle{ false };
        std::chrono::minutes idleFor{ 3 };
        bool onBattery{ false };
        bool onMeteredNetwork{ false };
        int threads{ 0 }; ///< 0: half of the cores, at least one
        std::string device; ///< "cpu" or a device's UUID; empty: chosen by itself
    };
    struct Network
    {
        std::string listenInterface{ "0.0.0.0" };
        std::uint16_t port{ 0 };
        std::string profile{ "public" }; ///< loopback, lan or public
        int maxPeers{ 60 };
    };
    /// The HTTP endpoint for other programs of this computer.
    struct Api
    {
        bool on{ false };
        std::uint16_t port{ 4077 };
        std::string keyHash; ///< SHA-256 of the key, hex; empty: there is none yet
    };
    Contribution contribution;
    Network network;
    Api api;
    /// Folders of public .txt files that open-lane runs may train on here.
    std::vector<std::filesystem::path> corpora;

    static base::Result<Settings> load(const std::filesystem::path& path);
    base::Result<> save(const std::filesystem::path& path) const;
    const std::vector<std::string>& notices() const { return m_notices; }
    /// Threads that training uses on this machine.
    int trainingThreads() const;

private:
    QJsonObject m_document;
    std::vector<std::string> m_notices;
};

} // namespace loam::node
