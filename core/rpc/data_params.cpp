// SPDX-License-Identifier: GPL-3.0-or-later
#include "rpc/data_params.h"

#include "base/utf8.h"

#include <algorithm>

namespace loam::rpc {

using consent::SourceId;

QString pathText(const std::string& path)
{
    return QString::fromStdString(base::repairUtf8(path));
}

double deltaOf(node::Node& node)
{
    return static_cast<double>(node.data().records().terms().deltaPerBillion) / 1e9;
}

base::Result<std::vector<SourceId>> sourcesParam(node::Node& node, const QJsonObject& params)
{
    std::vector<SourceId> out;
    for (const QJsonValue& value : params.value(QLatin1String{ "sources" }).toArray()) {
        out.emplace_back(value.isString() ? value.toString().toLongLong() : value.toInteger());
    }
    if (out.empty()) {
        TRY_ASSIGN(const auto all, node.data().records().sources());
        for (const consent::Source& source : all) {
            out.push_back(source.id);
        }
    }
    std::ranges::sort(out);
    const auto twice = std::ranges::unique(out);
    out.erase(twice.begin(), twice.end());
    return out;
}

} // namespace loam::rpc
