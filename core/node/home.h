// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <filesystem>

namespace loam::node {

/// The folder of one node (LOAM_HOME) and the names inside it.
struct Home
{
    std::filesystem::path root;

    std::filesystem::path ledgerDatabase() const { return root / "ledger.db"; }
    std::filesystem::path nodeDatabase() const { return root / "node.db"; }
    std::filesystem::path keystore() const { return root / "keystore.json"; }
    std::filesystem::path settings() const { return root / "settings.json"; }
    std::filesystem::path listenPort() const { return root / "listen-port"; }
    std::filesystem::path genesis() const { return root / "genesis.cbor"; }
    std::filesystem::path privacyBook() const { return root / "privacy-spent.cbor"; }
    std::filesystem::path models() const { return root / "models"; }
    std::filesystem::path updates() const { return root / "updates"; }
    std::filesystem::path adapters() const { return root / "adapters"; }
    std::filesystem::path logs() const { return root / "logs"; }

    /// Creates the folders, readable by the owner only.
    base::Result<> create() const;
};

} // namespace loam::node
