// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "ctl/verbs.h"

#include <QHash>
#include <QJsonObject>
#include <QStringList>

#include <variant>

namespace loam::ctl {

/// A command that can be carried out.
struct Command
{
    const Verb* verb{ nullptr };
    QString home{}; ///< absolute
    bool isJson{ false };
    QJsonObject params{}; ///< without the secrets
    QHash<QString, QString> local{}; ///< options that are not sent: out, keep, *-file
};

/// Text to print and leave with success.
struct Help
{
    QString text;
};

/// Reads the command line, without the program's name. An error is a usage error: its message
/// says what is wrong and which help to ask for.
base::Result<std::variant<Command, Help>> parseArguments(const QStringList& arguments);

} // namespace loam::ctl
