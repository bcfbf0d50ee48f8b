// SPDX-License-Identifier: GPL-3.0-or-later
#include "rpc/params.h"

namespace loam::rpc {

using base::Errc;

std::string textParam(const QJsonObject& params, const char* name)
{
    return params.value(QLatin1String{ name }).toString().toStdString();
}

base::Result<std::string> requiredText(const QJsonObject& params, const char* name)
{
    const QJsonValue value = params.value(QLatin1String{ name });
    if (!value.isString()) {
        return base::fail(
            Errc::Invalid, std::string{ "the parameter \"" } + name + "\" is missing");
    }
    return value.toString().toStdString();
}

base::Result<std::int64_t> integerParam(const QJsonObject& params, const char* name,
    std::int64_t fallback, std::int64_t low, std::int64_t high)
{
    const QJsonValue value = params.value(QLatin1String{ name });
    if (value.isUndefined() || value.isNull()) {
        return fallback;
    }
    const qint64 number = value.toInteger(low - 1);
    if (number < low || number > high) {
        return base::fail(Errc::Invalid,
            std::string{ "\"" } + name + "\" must be a whole number from " + std::to_string(low)
                + " to " + std::to_string(high));
    }
    return number;
}

std::vector<std::string> textListParam(const QJsonObject& params, const char* name)
{
    std::vector<std::string> out;
    for (const QJsonValue& value : params.value(QLatin1String{ name }).toArray()) {
        out.push_back(value.toString().toStdString());
    }
    return out;
}

base::Result<base::Hash256> hashParam(const QJsonObject& params, const char* name)
{
    TRY_ASSIGN(const std::string hex, requiredText(params, name));
    auto hash = base::fixedFromHex<base::Hash256>(hex);
    if (!hash) {
        return base::fail(Errc::Invalid,
            std::string{ "\"" } + name
                + "\" must be 64 hexadecimal digits: " + hash.error().message);
    }
    return hash;
}

base::Result<node::NetworkSession*> sessionOf(node::Node& node)
{
    if (node.session() != nullptr) {
        return node.session();
    }
    if (!node.identity().isUnlocked()) {
        return base::fail(
            Errc::Denied, "the wallet is locked; unlock it with `loamctl wallet unlock`");
    }
    return base::fail(Errc::Unavailable,
        "this node is in no network; create one with `loamctl net create` or join one with "
        "`loamctl net join INVITATION`");
}

QString addressText(const base::PublicKey& key)
{
    return key == base::PublicKey{} ? QString{} : QString::fromStdString(base::toAddress(key));
}

} // namespace loam::rpc
