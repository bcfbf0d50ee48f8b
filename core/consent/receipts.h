// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "consent/records.h"

#include <string>

namespace loam::consent {

/// All consents and everything done under them as one JSON document for the owner or a third
/// party: each grant readable and as signed (hexadecimal), its end, what it cost, and the log with
/// its root. docs/protocol-consent.md describes the fields.
base::Result<std::string> exportReceipts(Records& records);

} // namespace loam::consent
