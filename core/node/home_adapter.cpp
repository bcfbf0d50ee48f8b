// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/home_adapter.h"

#include "base/file.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <algorithm>
#include <array>
#include <optional>

namespace loam::node {

using base::Errc;

namespace {

    constexpr std::size_t kMaxBytes = std::size_t{ 64 } << 20U;
    const char* const kFile = "adapter.json";
    const char* const kFormat = "loam-adapter/1";
    constexpr std::array kStates{ AdapterState::Waiting, AdapterState::Training,
        AdapterState::Ready, AdapterState::Stopped, AdapterState::Failed };

    QString text(std::string_view utf8)
    {
        return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
    }

    bool isPlainName(const std::string& name)
    {
        return !name.empty() && name.front() != '.'
            && name.find_first_of(std::string{ "/\\\0", 3 }) == std::string::npos;
    }

    std::optional<AdapterState> stateOf(const std::string& name)
    {
        const auto found = std::ranges::find(kStates, name, adapterStateName);
        return found == kStates.end() ? std::nullopt : std::optional{ *found };
    }

} // namespace

std::string_view adapterStateName(AdapterState state)
{
    switch (state) {
    case AdapterState::Waiting:
        return "waiting";
    case AdapterState::Training:
        return "training";
    case AdapterState::Ready:
        return "ready";
    case AdapterState::Stopped:
        return "stopped";
    case AdapterState::Failed:
        return "failed";
    }
    return "failed";
}

QJsonObject HomeAdapter::toJson() const
{
    QJsonArray from;
    for (const auto& [number, path] : sources) {
        from.append(QJsonObject{ { QStringLiteral("id"), static_cast<qint64>(number) },
            { QStringLiteral("path"), text(path) } });
    }
    QJsonArray hashes;
    for (const base::Hash256& hash : contents) {
        hashes.append(text(base::toHex(hash.view())));
    }
    return { { QStringLiteral("format"), QLatin1String{ kFormat } },
        { QStringLiteral("id"), text(id) }, { QStringLiteral("name"), text(name) },
        { QStringLiteral("base"), text(baseId) }, { QStringLiteral("base_name"), text(baseName) },
        { QStringLiteral("base_source"), baseSource },
        { QStringLiteral("base_memory"), static_cast<qint64>(baseMemory) },
        { QStringLiteral("sources"), from }, { QStringLiteral("grant"), text(grant) },
        { QStringLiteral("contents"), hashes },
        { QStringLiteral("created"), static_cast<qint64>(created) },
        { QStringLiteral("trained"), static_cast<qint64>(trained) },
        { QStringLiteral("state"), text(adapterStateName(state)) },
        { QStringLiteral("reason"), text(reason) }, { QStringLiteral("now"), isNow },
        { QStringLiteral("attempts"), static_cast<qint64>(attempts) },
        { QStringLiteral("rank"), static_cast<qint64>(rank) },
        { QStringLiteral("steps"), static_cast<qint64>(steps) },
        { QStringLiteral("learning_rate"), learningRate },
        { QStringLiteral("step"), static_cast<qint64>(step) },
        { QStringLiteral("best_step"), static_cast<qint64>(bestStep) },
        { QStringLiteral("loss_before"), lossBefore }, { QStringLiteral("loss_after"), lossAfter },
        { QStringLiteral("tokens"), static_cast<qint64>(tokens) },
        { QStringLiteral("parameters"), static_cast<qint64>(parameters) },
        { QStringLiteral("extra_memory"), static_cast<qint64>(extraMemory) } };
}

base::Result<HomeAdapter> HomeAdapter::fromJson(const QJsonObject& object)
{
    const auto field = [&object](const char* name) {
        return object.value(QLatin1String{ name }).toString().toStdString();
    };
    const auto count = [&object](const char* name) {
        return static_cast<std::uint64_t>(
            std::max<qint64>(0, object.value(QLatin1String{ name }).toInteger()));
    };
    const auto small = [&count](const char* name) {
        return static_cast<std::uint32_t>(std::min<std::uint64_t>(count(name), UINT32_MAX));
    };
    HomeAdapter out;
    const std::optional<AdapterState> state = stateOf(field("state"));
    out.id = field("id");
    out.name = field("name");
    out.baseId = field("base");
    out.grant = field("grant");
    if (field("format") != kFormat || !state || !isPlainName(out.id) || out.name.empty()
        || out.baseId.empty() || !base::fixedFromHex<consent::GrantId>(out.grant)) {
        return base::fail(Errc::Corrupt,
            "adapter.json lacks its id, name, base, grant or state, or is of another format");
    }
    out.state = *state;
    out.baseName = field("base_name");
    out.baseSource = object.value(QLatin1String{ "base_source" }).toObject();
    out.baseMemory = count("base_memory");
    for (const QJsonValue& source : object.value(QLatin1String{ "sources" }).toArray()) {
        out.sources.emplace_back(source[QLatin1String{ "id" }].toInteger(),
            source[QLatin1String{ "path" }].toString().toStdString());
    }
    for (const QJsonValue& hash : object.value(QLatin1String{ "contents" }).toArray()) {
        TRY_ASSIGN(
            const auto contents, base::fixedFromHex<base::Hash256>(hash.toString().toStdString()));
        out.contents.push_back(contents);
    }
    out.created = object.value(QLatin1String{ "created" }).toInteger();
    out.trained = object.value(QLatin1String{ "trained" }).toInteger();
    out.reason = field("reason");
    out.isNow = object.value(QLatin1String{ "now" }).toBool();
    out.attempts = count("attempts");
    out.rank = small("rank");
    out.steps = small("steps");
    out.learningRate = object.value(QLatin1String{ "learning_rate" }).toDouble();
    out.step = small("step");
    out.bestStep = small("best_step");
    out.lossBefore = object.value(QLatin1String{ "loss_before" }).toDouble();
    out.lossAfter = object.value(QLatin1String{ "loss_after" }).toDouble();
    out.tokens = count("tokens");
    out.parameters = count("parameters");
    out.extraMemory = count("extra_memory");
    return out;
}

base::Result<HomeAdapter> HomeAdapter::load(const std::filesystem::path& folder)
{
    TRY_ASSIGN(const base::Bytes bytes, base::readFile(folder / kFile, kMaxBytes));
    const QJsonDocument document = QJsonDocument::fromJson(QByteArray::fromRawData(
        reinterpret_cast<const char*>(bytes.data()), static_cast<qsizetype>(bytes.size())));
    TRY_ASSIGN(HomeAdapter out, fromJson(document.object()));
    if (out.id != folder.filename().string()) {
        return base::fail(Errc::Corrupt, "adapter.json belongs to another adapter's folder");
    }
    return out;
}

base::Result<> HomeAdapter::save(const std::filesystem::path& folder) const
{
    const QByteArray json = QJsonDocument{ toJson() }.toJson();
    return base::writeFileAtomically(folder / kFile,
        base::asBytes({ json.constData(), static_cast<std::size_t>(json.size()) }),
        base::FileAccess::OwnerOnly);
}

} // namespace loam::node
