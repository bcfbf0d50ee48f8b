// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "crypto/secret.h"

namespace loam::crypto {

/// Fills the span from the operating system's CSPRNG; aborts if there is none.
void randomBytes(base::MutableByteView out);
Seed randomSeed();
SymmetricKey randomKey();
/// Comparison whose duration does not depend on where two equally long inputs differ.
bool equalConstantTime(base::ByteView a, base::ByteView b);

} // namespace loam::crypto
