// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ctl/verbs.h"

namespace loam::ctl {

// Pieces that several verbs are made of.

/// The parameter of an option is its name with underscores.
Argument text(const QString& name, const QString& help, bool isList = false);
Argument integer(const QString& name, const QString& help, double minimum, double maximum,
    const QString& defaultValue = {});
Argument real(const QString& name, const QString& help, double minimum, double maximum,
    const QString& defaultValue = {});
Argument flag(const QString& name, const QString& help);
Argument corpus(const QString& help);
Argument positional(const QString& name, Kind kind, const QString& help, bool isRequired = true);
/// --lane, and then what a private run may say about itself.
QList<Argument> laneOptions();

/// Models, answers, the local interface and the practice network.
QList<Verb> modelVerbs();
QList<Verb> benchVerbs();
/// The owner's own data.
QList<Verb> dataVerbs();
/// Adapters of the owner's own text.
QList<Verb> adapterVerbs();
QList<Verb> privacyVerbs();

} // namespace loam::ctl
