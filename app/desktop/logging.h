// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLoggingCategory>

namespace loam::desktop {

Q_DECLARE_LOGGING_CATEGORY(lcDesktop)

} // namespace loam::desktop
