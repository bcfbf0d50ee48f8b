// SPDX-License-Identifier: GPL-3.0-or-later
#include "logging.h"

namespace loam::desktop {

Q_LOGGING_CATEGORY(lcDesktop, "loam.desktop", QtInfoMsg)

} // namespace loam::desktop
