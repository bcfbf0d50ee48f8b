// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/amount.h"
#include "base/bech32m.h"
#include "base/clock.h"
#include "node/node.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QString>

#include <string>
#include <vector>

namespace loam::rpc {

// Reading parameters: Invalid names the parameter and what it should be.

std::string textParam(const QJsonObject& params, const char* name);
base::Result<std::string> requiredText(const QJsonObject& params, const char* name);
base::Result<std::int64_t> integerParam(const QJsonObject& params, const char* name,
    std::int64_t fallback, std::int64_t low, std::int64_t high);
base::Result<double> realParam(
    const QJsonObject& params, const char* name, double fallback, double low, double high);
/// true, false, "on" or "off".
bool flagParam(const QJsonObject& params, const char* name, bool fallback);
std::vector<std::string> textListParam(const QJsonObject& params, const char* name);
base::Result<base::Hash256> hashParam(const QJsonObject& params, const char* name);
/// The session, or Unavailable with what to do about it.
base::Result<node::NetworkSession*> sessionOf(node::Node& node);

/// The run that "run" names by the beginning of its id, or the only one when it names none.
base::Result<ledger::Run> chosenRun(node::Node& node, const QJsonObject& params);

// Writing results.

inline QString text(const std::string& utf8)
{
    return QString::fromStdString(utf8);
}
inline QString hexText(base::ByteView bytes)
{
    return QString::fromStdString(base::toHex(bytes));
}
/// Address of a key; empty for the all-zero key, which stands for nobody.
QString addressText(const base::PublicKey& key);
inline QString amountText(base::Amount amount)
{
    return QString::fromStdString(amount.toString());
}
inline double seconds(base::UnixTime time)
{
    return static_cast<double>(time.time_since_epoch().count()) / 1000.0;
}
inline qint64 number(std::uint64_t value)
{
    return static_cast<qint64>(value);
}

} // namespace loam::rpc
