// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace loam::worker {

/// Ends this process at once when its parent ends; false when the parent is gone already.
bool dieWithParent();

/// Puts the calling thread, and every thread it starts from then on, behind all other work of the
/// machine: SCHED_IDLE, nice 19, idle I/O class. What the system refuses is left out.
void yieldToEverything();

/// The same to a lesser degree, for work that other nodes wait for: nice 10.
void yieldALittle();

} // namespace loam::worker
