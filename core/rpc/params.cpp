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

base::Result<double> realParam(
    const QJsonObject& params, const char* name, double fallback, double low, double high)
{
    const QJsonValue value = params.value(QLatin1String{ name });
    if (value.isUndefined() || value.isNull()) {
        return fallback;
    }
    const double number = value.toDouble(low - 1);
    if (!(number >= low && number <= high)) {
        return base::fail(Errc::Invalid,
            std::string{ "\"" } + name + "\" must be a number from "
                + QString::number(low).toStdString() + " to "
                + QString::number(high).toStdString());
    }
    return number;
}

bool flagParam(const QJsonObject& params, const char* name, bool fallback)
{
    const QJsonValue value = params.value(QLatin1String{ name });
    return value.isString() ? value.toString() == QLatin1String{ "on" } : value.toBool(fallback);
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

base::Result<ledger::Run> chosenRun(node::Node& node, const QJsonObject& params)
{
    TRY_ASSIGN(auto* session, sessionOf(node));
    TRY_ASSIGN(const auto runs, session->ledger().runs());
    const std::string wanted = textParam(params, "run");
    std::vector<ledger::Run> matching;
    for (const ledger::Run& run : runs) {
        if (base::toHex(run.id.view()).starts_with(wanted)) {
            matching.push_back(run);
        }
    }
    if (matching.size() == 1) {
        return matching.front();
    }
    return base::fail(matching.empty() ? Errc::NotFound : Errc::Invalid,
        matching.empty() ? "this network has no such run; see `loamctl run list`"
                         : "several runs fit; name one by its id (`loamctl run list`)");
}

QString addressText(const base::PublicKey& key)
{
    return key == base::PublicKey{} ? QString{} : QString::fromStdString(base::toAddress(key));
}

} // namespace loam::rpc
