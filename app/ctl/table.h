// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ctl/verbs.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QJsonValue>
#include <QString>

namespace loam::ctl {

enum class Lines { Joined, Kept };

/// Without control characters, line feeds and tabs excepted when they are kept: texts of other
/// people must not steer the terminal.
QString printable(const QString& text, Lines lines = Lines::Joined);

/// One value for people: times in local time, sizes in binary units, hashes shortened, lists
/// counted when the format is Number. Absent values are "-".
QString formatted(const QJsonValue& value, Format format);

/// "Title  value" lines of the fields that are there; of all fields when none are named.
QString objectText(const QJsonObject& object, const QList<Column>& fields);

/// A table with a head line, numbers to the right; a sentence when it is empty. An array of texts
/// is printed line by line.
QString tableText(const QJsonArray& rows, const QList<Column>& columns);

} // namespace loam::ctl
