// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QUrl>

namespace loam::desktop {

/// Writes `text` as UTF-8 to a local file, whole or not at all. Returns an empty string or a
/// sentence that says why the file is not there.
QString saveText(const QUrl& file, const QString& text);

} // namespace loam::desktop
