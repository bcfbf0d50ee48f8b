// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ctl/verbs.h"

namespace loam::ctl {

// Pieces that several verbs are made of.

inline Argument corpus(const QString& help)
{
    return { .name = QStringLiteral("corpus"),
        .param = QStringLiteral("corpora"),
        .kind = Kind::Folder,
        .help = help,
        .isList = true };
}

inline Argument positional(
    const QString& name, Kind kind, const QString& help, bool isRequired = true)
{
    return { .name = name, .param = name, .kind = kind, .help = help, .isRequired = isRequired };
}

/// Models, answers, the local interface and the practice network.
QList<Verb> modelVerbs();
QList<Verb> benchVerbs();
/// Adapters of the owner's own text.
QList<Verb> adapterVerbs();

} // namespace loam::ctl
