// SPDX-License-Identifier: GPL-3.0-or-later
#include "consent/receipts.h"

#include "base/bech32m.h"
#include "base/utf8.h"

#include <nlohmann/json.hpp>

namespace loam::consent {

namespace {

    using Json = nlohmann::ordered_json;

    constexpr std::uint64_t kPage = 1000;

    double seconds(base::UnixTime time)
    {
        return static_cast<double>(time.time_since_epoch().count()) / 1000.0;
    }

    Json describe(const GrantRecord& record)
    {
        const Grant& grant = record.grant;
        Json out;
        out["id"] = base::toHex(grant.id.view());
        out["version"] = grant.version;
        out["purpose"] = purposeName(grant.purpose);
        out["run"] = grant.run == RunId{} ? std::string{} : base::toHex(grant.run.view());
        out["sources"] = Json::array();
        for (const SourceId source : grant.sources) {
            out["sources"].push_back(source.value());
        }
        out["issued"] = seconds(grant.issued);
        out["until"] = seconds(grant.until);
        out["epsilon_cap"] = static_cast<double>(grant.epsilonMilli) / 1000.0;
        out["delta"] = static_cast<double>(grant.deltaPerBillion) / 1e9;
        out["files_seen"] = grant.files;
        out["seen_root"] = base::toHex(grant.seen.view());
        out["revoked"] = record.revoked ? Json(seconds(*record.revoked)) : Json(nullptr);
        out["micro_rho_spent"] = record.spent.micro();
        out["signed"] = base::toHex(record.envelope);
        out["signed_revocation"] = base::toHex(record.revocation);
        return out;
    }

    Json describe(const UseEntry& entry)
    {
        Json out;
        out["entry"] = entry.index;
        out["time"] = seconds(entry.time);
        out["kind"] = useKindName(entry.kind);
        out["grant"] = base::toHex(entry.grant.view());
        out["run"] = base::toHex(entry.run.view());
        out["round"] = entry.round;
        out["source"] = entry.source.value();
        out["path"] = base::repairUtf8(entry.path);
        out["contents"] = base::toHex(entry.contents.view());
        out["tokens"] = entry.tokens;
        out["micro_rho"] = entry.cost.micro();
        out["note"] = entry.note;
        out["bytes"] = base::toHex(entry.encode());
        return out;
    }

} // namespace

base::Result<std::string> exportReceipts(Records& records)
{
    Json out;
    out["format"] = "loam/consent-receipts/v1";
    out["owner"] = base::toAddress(records.owner());
    out["time"] = seconds(records.clock().now());
    out["sources"] = Json::array();
    TRY_ASSIGN(const std::vector<Source> sources, records.sources());
    for (const Source& source : sources) {
        Json one;
        one["id"] = source.id.value();
        one["path"] = base::repairUtf8(source.path.string());
        one["added"] = seconds(source.added);
        one["micro_rho_spent"] = records.spentOn(source.id).micro();
        out["sources"].push_back(std::move(one));
    }
    out["grants"] = Json::array();
    for (const GrantRecord& record : records.grants()) {
        out["grants"].push_back(describe(record));
    }
    UseLog& log = records.uses();
    out["log"]["size"] = log.size();
    out["log"]["root"] = base::toHex(log.root().view());
    out["log"]["entries"] = Json::array();
    for (std::uint64_t at = 0; at < log.size(); at += kPage) {
        TRY_ASSIGN(const std::vector<UseEntry> page,
            log.entries({ .offset = at, .limit = kPage, .oldestFirst = true }));
        for (const UseEntry& entry : page) {
            out["log"]["entries"].push_back(describe(entry));
        }
    }
    return out.dump(2) + '\n';
}

} // namespace loam::consent
