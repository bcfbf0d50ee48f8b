// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QString>

namespace loam::rpc {

/// Proof that this process is the only node on a home folder. The kernel lets go of it when the
/// process ends, however it ends, so that nothing stale is ever left behind.
class HomeLock
{
public:
    /// Creates the folder (mode 0700) if need be and locks `<home>/lock`. Fails with Unavailable,
    /// naming the process, when another node has it; with Io when the folder cannot be used.
    static base::Result<HomeLock> take(const QString& home);

    HomeLock(HomeLock&& other) noexcept;
    HomeLock& operator=(HomeLock&& other) noexcept;
    ~HomeLock();

    const QString& home() const { return m_home; }

private:
    HomeLock(QString home, int descriptor);

    QString m_home;
    int m_descriptor{ -1 };
};

} // namespace loam::rpc
