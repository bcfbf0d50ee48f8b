// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/settings.h"

#include "base/file.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <algorithm>
#include <thread>

namespace loam::node {

using base::Errc;

namespace {

    constexpr std::size_t kMaxSettingsBytes = 1U << 20;

    /// Reads typed values out of one JSON object and remembers what was wrong with them.
    class SectionReader
    {
    public:
        SectionReader(
            const QJsonObject& document, QLatin1String name, std::vector<std::string>& notices)
            : m_section{ document.value(name).toObject() }
            , m_name{ name }
            , m_notices{ notices }
        {
        }

        void read(QLatin1String key, bool& value) const
        {
            const QJsonValue found = m_section.value(key);
            if (found.isBool()) {
                value = found.toBool();
            } else if (!found.isUndefined()) {
                complain(key, "true or false");
            }
        }

        void read(QLatin1String key, std::string& value) const
        {
            const QJsonValue found = m_section.value(key);
            if (found.isString()) {
                value = found.toString().toStdString();
            } else if (!found.isUndefined()) {
                complain(key, "text");
            }
        }

        template <class Assign>
        void readNumber(QLatin1String key, double low, double high, Assign assign) const
        {
            const QJsonValue found = m_section.value(key);
            if (found.isDouble() && found.toDouble() >= low && found.toDouble() <= high) {
                assign(found.toDouble());
            } else if (!found.isUndefined()) {
                complain(key,
                    "a number between " + std::to_string(static_cast<std::int64_t>(low)) + " and "
                        + std::to_string(static_cast<std::int64_t>(high)));
            }
        }

    private:
        void complain(QLatin1String key, const std::string& wanted) const
        {
            m_notices.push_back("settings.json: " + std::string{ m_name.latin1() } + '.'
                + std::string{ key.latin1() } + " should be " + wanted + "; the default is used");
        }

        QJsonObject m_section;
        QLatin1String m_name;
        std::vector<std::string>& m_notices;
    };

    constexpr double kFarFuture = 4102444800.0; // the year 2100 in Unix seconds

} // namespace

base::Result<Settings> Settings::load(const std::filesystem::path& path)
{
    Settings settings;
    auto contents = base::readFile(path, kMaxSettingsBytes);
    if (!contents) {
        if (contents.error().code == Errc::NotFound) {
            return settings;
        }
        return tl::unexpected{ std::move(contents).error() };
    }
    const QByteArray text{ reinterpret_cast<const char*>(contents->data()),
        static_cast<qsizetype>(contents->size()) };
    QJsonParseError problem;
    const QJsonDocument document = QJsonDocument::fromJson(text, &problem);
    if (!document.isObject()) {
        return base::fail(Errc::Corrupt,
            path.string() + " is not valid JSON (" + problem.errorString().toStdString()
                + "); mend it, or delete it to return to the defaults");
    }
    settings.m_document = document.object();

    const SectionReader contribution{ settings.m_document, QLatin1String{ "contribution" },
        settings.m_notices };
    Contribution& c = settings.contribution;
    contribution.read(QLatin1String{ "on" }, c.on);
    contribution.read(QLatin1String{ "only_when_idle" }, c.onlyWhenIdle);
    contribution.read(QLatin1String{ "on_battery" }, c.onBattery);
    contribution.read(QLatin1String{ "on_metered_network" }, c.onMeteredNetwork);
    contribution.readNumber(QLatin1String{ "snoozed_until" }, 0, kFarFuture, [&c](double value) {
        c.snoozedUntil
            = std::chrono::sys_seconds{ std::chrono::seconds{ static_cast<std::int64_t>(value) } };
    });
    contribution.readNumber(QLatin1String{ "idle_minutes" }, 0, 1440,
        [&c](double value) { c.idleFor = std::chrono::minutes{ static_cast<int>(value) }; });
    contribution.readNumber(QLatin1String{ "threads" }, 0, 1024,
        [&c](double value) { c.threads = static_cast<int>(value); });
    contribution.read(QLatin1String{ "device" }, c.device);

    const SectionReader network{ settings.m_document, QLatin1String{ "network" },
        settings.m_notices };
    Network& n = settings.network;
    network.read(QLatin1String{ "listen_interface" }, n.listenInterface);
    network.read(QLatin1String{ "profile" }, n.profile);
    network.readNumber(QLatin1String{ "port" }, 0, 65535,
        [&n](double value) { n.port = static_cast<std::uint16_t>(value); });
    network.readNumber(QLatin1String{ "max_peers" }, 1, 10'000,
        [&n](double value) { n.maxPeers = static_cast<int>(value); });
    if (n.profile != "loopback" && n.profile != "lan" && n.profile != "public") {
        settings.m_notices.push_back(
            "settings.json: network.profile should be loopback, lan or public; public is used");
        n.profile = "public";
    }

    const SectionReader api{ settings.m_document, QLatin1String{ "api" }, settings.m_notices };
    api.read(QLatin1String{ "on" }, settings.api.on);
    api.read(QLatin1String{ "key_sha256" }, settings.api.keyHash);
    api.readNumber(QLatin1String{ "port" }, 0, 65535,
        [&settings](double value) { settings.api.port = static_cast<std::uint16_t>(value); });

    for (const QJsonValue& folder :
        settings.m_document.value(QLatin1String{ "corpora" }).toArray()) {
        settings.corpora.emplace_back(folder.toString().toStdString());
    }
    return settings;
}

base::Result<> Settings::save(const std::filesystem::path& path) const
{
    QJsonObject document = m_document;
    QJsonObject c = document.value(QLatin1String{ "contribution" }).toObject();
    c[QLatin1String{ "on" }] = contribution.on;
    c[QLatin1String{ "snoozed_until" }]
        = static_cast<qint64>(contribution.snoozedUntil.time_since_epoch().count());
    c[QLatin1String{ "only_when_idle" }] = contribution.onlyWhenIdle;
    c[QLatin1String{ "idle_minutes" }] = static_cast<int>(contribution.idleFor.count());
    c[QLatin1String{ "on_battery" }] = contribution.onBattery;
    c[QLatin1String{ "on_metered_network" }] = contribution.onMeteredNetwork;
    c[QLatin1String{ "threads" }] = contribution.threads;
    c[QLatin1String{ "device" }] = QString::fromStdString(contribution.device);
    document[QLatin1String{ "contribution" }] = c;

    QJsonObject n = document.value(QLatin1String{ "network" }).toObject();
    n[QLatin1String{ "listen_interface" }] = QString::fromStdString(network.listenInterface);
    n[QLatin1String{ "port" }] = network.port;
    n[QLatin1String{ "profile" }] = QString::fromStdString(network.profile);
    n[QLatin1String{ "max_peers" }] = network.maxPeers;
    document[QLatin1String{ "network" }] = n;

    QJsonObject a = document.value(QLatin1String{ "api" }).toObject();
    a[QLatin1String{ "on" }] = api.on;
    a[QLatin1String{ "port" }] = api.port;
    a[QLatin1String{ "key_sha256" }] = QString::fromStdString(api.keyHash);
    document[QLatin1String{ "api" }] = a;

    QJsonArray folders;
    for (const auto& folder : corpora) {
        folders.append(QString::fromStdString(folder.string()));
    }
    document[QLatin1String{ "corpora" }] = folders;

    const QByteArray text = QJsonDocument{ document }.toJson();
    return base::writeFileAtomically(
        path, base::asBytes({ text.constData(), static_cast<std::size_t>(text.size()) }));
}

int Settings::trainingThreads() const
{
    if (contribution.threads > 0) {
        return contribution.threads;
    }
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency() / 2));
}

} // namespace loam::node
