// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/model_manifest.h"

#include "base/file.h"
#include "crypto/hash.h"
#include "ml/trainable_model.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <algorithm>
#include <array>

namespace loam::node {

using base::Errc;

namespace {

    constexpr std::size_t kMaxManifestBytes = 4U << 20;
    constexpr std::size_t kMaxNameInId = 48;
    constexpr std::size_t kHashInId = 8;
    const char* const kFormat = "loam-model/1";

    QString text(const std::string& utf8)
    {
        return QString::fromStdString(utf8);
    }

    qint64 number(std::uint64_t value)
    {
        return static_cast<qint64>(value);
    }

    bool isPlainName(const std::string& name)
    {
        return !name.empty() && name != "." && name != ".."
            && name.find_first_of(std::string{ "/\\\0", 3 }) == std::string::npos;
    }

} // namespace

QJsonObject ModelManifest::toJson() const
{
    QJsonArray files;
    for (const ModelPart& part : parts) {
        files.append(QJsonObject{ { QStringLiteral("name"), text(part.name) },
            { QStringLiteral("bytes"), number(part.bytes) },
            { QStringLiteral("sha256"), text(part.sha256) } });
    }
    return { { QStringLiteral("format"), QLatin1String{ kFormat } },
        { QStringLiteral("id"), text(id) }, { QStringLiteral("name"), text(name) },
        { QStringLiteral("licence"), text(licence) },
        { QStringLiteral("architecture"), text(architecture) },
        { QStringLiteral("quantisation"), text(quantisation) },
        { QStringLiteral("parent"), text(parent) }, { QStringLiteral("sha256"), text(sha256) },
        { QStringLiteral("parameters"), number(parameters) },
        { QStringLiteral("bytes"), number(bytes) }, { QStringLiteral("context"), number(context) },
        { QStringLiteral("memory"), number(memory) },
        { QStringLiteral("imported"), static_cast<qint64>(imported) },
        { QStringLiteral("source"), text(source) }, { QStringLiteral("linked"), isLinked },
        { QStringLiteral("entry"), text(entry) }, { QStringLiteral("files"), files } };
}

base::Result<ModelManifest> ModelManifest::fromJson(const QJsonObject& object)
{
    const auto field = [&object](const char* name) {
        return object.value(QLatin1String{ name }).toString().toStdString();
    };
    const auto size = [&object](const char* name) {
        return static_cast<std::uint64_t>(
            std::max<qint64>(0, object.value(QLatin1String{ name }).toInteger()));
    };
    ModelManifest manifest;
    if (field("format") != kFormat) {
        return base::fail(
            Errc::Corrupt, "the manifest is of another format than " + std::string{ kFormat });
    }
    manifest.id = field("id");
    manifest.name = field("name");
    manifest.licence = field("licence");
    manifest.architecture = field("architecture");
    manifest.quantisation = field("quantisation");
    manifest.parent = field("parent");
    manifest.sha256 = field("sha256");
    manifest.parameters = size("parameters");
    manifest.bytes = size("bytes");
    manifest.context = size("context");
    manifest.memory = size("memory");
    manifest.imported = object.value(QLatin1String{ "imported" }).toInteger();
    manifest.source = field("source");
    manifest.isLinked = object.value(QLatin1String{ "linked" }).toBool();
    manifest.entry = field("entry");
    for (const QJsonValue& value : object.value(QLatin1String{ "files" }).toArray()) {
        const QJsonObject part = value.toObject();
        manifest.parts.push_back({ part.value(QLatin1String{ "name" }).toString().toStdString(),
            static_cast<std::uint64_t>(
                std::max<qint64>(0, part.value(QLatin1String{ "bytes" }).toInteger())),
            part.value(QLatin1String{ "sha256" }).toString().toStdString() });
        if (!isPlainName(manifest.parts.back().name)) {
            return base::fail(
                Errc::Corrupt, "the manifest names a file outside the model's folder");
        }
    }
    if (!isPlainName(manifest.id) || manifest.name.empty() || manifest.sha256.size() != 64
        || manifest.parts.empty() || (!manifest.entry.empty() && !isPlainName(manifest.entry))) {
        return base::fail(Errc::Corrupt, "the manifest lacks its id, name, hash or files");
    }
    return manifest;
}

base::Result<ModelManifest> ModelManifest::load(const std::filesystem::path& folder)
{
    const std::filesystem::path path = folder / "manifest.json";
    TRY_ASSIGN(const base::Bytes bytes, base::readFile(path, kMaxManifestBytes));
    const QJsonDocument document = QJsonDocument::fromJson(QByteArray::fromRawData(
        reinterpret_cast<const char*>(bytes.data()), static_cast<qsizetype>(bytes.size())));
    auto manifest = fromJson(document.object());
    if (!manifest) {
        return tl::unexpected{ std::move(manifest).error().context(path.string()) };
    }
    if (manifest->id != folder.filename().string()) {
        return base::fail(Errc::Corrupt, path.string() + " belongs to another model's folder");
    }
    return manifest;
}

base::Result<> ModelManifest::save(const std::filesystem::path& folder) const
{
    const QByteArray json = QJsonDocument{ toJson() }.toJson();
    return base::writeFileAtomically(folder / "manifest.json",
        base::asBytes({ json.constData(), static_cast<std::size_t>(json.size()) }));
}

bool isTrainable(std::string_view architecture)
{
    using enum ml::Architecture;
    return std::ranges::any_of(std::array{ Llama, Qwen2, Gemma3 }, [architecture](auto known) {
        return ml::architectureName(known) == architecture && ml::isTrainable(known);
    });
}

std::string modelId(const std::string& name, const std::string& sha256)
{
    std::string slug;
    for (const char letter : name) {
        const bool isUpper = letter >= 'A' && letter <= 'Z';
        const bool isKept = isUpper || (letter >= 'a' && letter <= 'z')
            || (letter >= '0' && letter <= '9') || letter == '.' || letter == '_';
        if (isKept) {
            slug += static_cast<char>(isUpper ? letter - 'A' + 'a' : letter);
        } else if (!slug.empty() && slug.back() != '-') {
            slug += '-';
        }
        if (slug.size() >= kMaxNameInId) {
            break;
        }
    }
    const auto isEdge = [](char letter) { return letter == '-' || letter == '.'; };
    while (!slug.empty() && isEdge(slug.back())) {
        slug.pop_back();
    }
    slug.erase(slug.begin(), std::find_if_not(slug.begin(), slug.end(), isEdge));
    return (slug.empty() ? "model" : slug) + '-' + sha256.substr(0, kHashInId);
}

std::string modelHash(std::vector<ModelPart> parts)
{
    if (parts.size() == 1) {
        return parts.front().sha256;
    }
    std::ranges::sort(parts, {}, &ModelPart::name);
    std::string lines;
    for (const ModelPart& part : parts) {
        lines += part.sha256 + "  " + part.name + '\n';
    }
    return base::toHex(crypto::sha256(base::asBytes(lines)).view());
}

} // namespace loam::node
