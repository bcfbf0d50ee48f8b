// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/model_jobs.h"

#include "gpu/survey.h"
#include "ml/model_export.h"
#include "worker/model_source.h"
#include "worker/served_model.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <thread>

namespace loam::worker {
namespace {

    using base::Errc;
    using base::fail;
    using base::Result;
    namespace fs = std::filesystem;

    /// The value of the first line "name<tabs>: value" of a /proc file.
    std::string procField(const char* path, std::string_view name)
    {
        std::ifstream file{ path };
        for (std::string line; std::getline(file, line);) {
            const std::size_t colon = line.find(':');
            if (line.starts_with(name) && colon != std::string::npos) {
                const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
                return begin == std::string::npos ? std::string{} : line.substr(begin);
            }
        }
        return {};
    }

    /// The type that was asked for; without a wish the one the weights have, where it can be
    /// written, else F16.
    Result<ml::WeightType> wantedType(const std::string& name, const ml::ModelFile& file)
    {
        if (!name.empty()) {
            const auto type = ml::weightTypeFromName(name);
            if (!type) {
                return fail(Errc::Invalid,
                    "there is no weight type " + name
                        + "; choose F32, F16, BF16, Q8_0, Q4_0, Q4_K, Q5_K or Q6_K");
            }
            return *type;
        }
        const ml::WeightType own = file.tensors().layers.empty()
            ? file.tensors().embedding.type
            : file.tensors().layers.front().q.type;
        const bool isReadOnly = own == ml::WeightType::Q2_K || own == ml::WeightType::Q3_K;
        return isReadOnly ? ml::WeightType::F16 : own;
    }

    const char* kindName(gpu::DeviceKind kind)
    {
        switch (kind) {
        case gpu::DeviceKind::Discrete:
            return "discrete";
        case gpu::DeviceKind::Integrated:
            return "integrated";
        case gpu::DeviceKind::Virtual:
            return "virtual";
        case gpu::DeviceKind::Cpu:
            return "software";
        case gpu::DeviceKind::Other:
            break;
        }
        return "other";
    }

    /// The largest heap of the device's own.
    std::uint64_t localMemory(const gpu::DeviceInfo& device)
    {
        std::uint64_t most = 0;
        for (const gpu::MemoryHeap& heap : device.heaps) {
            most = heap.isDeviceLocal ? std::max(most, heap.bytes) : most;
        }
        return most;
    }

    std::uint64_t sizeOf(const fs::path& output)
    {
        std::error_code code;
        if (!fs::is_directory(output, code)) {
            return fs::file_size(output, code);
        }
        std::uint64_t bytes = 0;
        for (fs::directory_iterator it{ output, code }, end; !code && it != end;
             it.increment(code)) {
            bytes += it->is_regular_file() ? it->file_size() : 0;
        }
        return bytes;
    }

} // namespace

Result<Json> inspectModel(const Request& request)
{
    TRY_ASSIGN(const auto file, openModel(request));
    const ml::ModelDescription& description = file->description();
    Json facts{ { "name", description.name }, { "licence", description.licence },
        { "architecture", std::string{ ml::architectureName(description.shape.architecture) } },
        { "quantisation", description.quantisation }, { "parameters", description.parameters },
        { "bytes", description.bytes }, { "context", description.shape.context } };
    facts["memory"]
        = ml::LanguageModel::memoryNeed(*file, optionsFor(*file, kDefaultContext, kDefaultSlots));
    return facts;
}

Result<Json> exportModel(const Request& request)
{
    TRY_ASSIGN(const fs::path output, request.path("output"));
    TRY_ASSIGN(const std::string format, request.text("format"));
    TRY_ASSIGN(const std::string type, request.textOr("type", ""));
    TRY_ASSIGN(const auto file, openModel(request));
    ml::ExportOptions options;
    TRY_ASSIGN(options.name, request.textOr("name", ""));
    TRY_ASSIGN(options.type, wantedType(type, *file));
    if (format == "gguf") {
        TRY(ml::exportGguf(*file, output, options));
    } else if (format == "hf") {
        TRY(ml::exportHuggingFace(*file, output, options));
    } else {
        return fail(Errc::Invalid, "format: expected gguf or hf (a folder), not " + format);
    }
    return Json{ { "bytes", sizeOf(output) },
        { "type", std::string{ ml::weightTypeName(options.type) } } };
}

Result<Json> listDevices()
{
    std::string name = procField("/proc/cpuinfo", "model name");
    const std::string total = procField("/proc/meminfo", "MemTotal");
    Json devices = Json::array();
    devices.push_back({ { "name", name.empty() ? std::string{ "CPU" } : std::move(name) },
        { "uuid", "cpu" }, { "kind", "cpu" }, { "threads", std::thread::hardware_concurrency() },
        { "memory", std::strtoull(total.c_str(), nullptr, 10) * 1024 } });
    for (const gpu::DeviceInfo& device : gpu::survey().devices) {
        if (device.unusable.empty()) {
            devices.push_back({ { "name", device.name }, { "uuid", device.uuid },
                { "kind", kindName(device.kind) }, { "memory", localMemory(device) } });
        }
    }
    return Json{ { "devices", std::move(devices) } };
}

} // namespace loam::worker
