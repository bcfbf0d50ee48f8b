// SPDX-License-Identifier: GPL-3.0-or-later
#include "consent/path_rules.h"

#include "base/require.h"

namespace loam::consent {

using base::Result;

namespace {

    constexpr std::size_t kMaxPatterns = 256;

    Result<std::vector<PathPattern>> parseAll(const std::vector<std::string>& texts)
    {
        if (texts.size() > kMaxPatterns) {
            return base::fail(base::Errc::Invalid,
                "a source takes at most " + std::to_string(kMaxPatterns) + " patterns");
        }
        std::vector<PathPattern> out;
        for (const std::string& text : texts) {
            auto pattern = PathPattern::parse(text);
            if (!pattern) {
                return tl::unexpected{ std::move(pattern).error().context("\"" + text + "\"") };
            }
            out.push_back(std::move(*pattern));
        }
        return out;
    }

    const std::vector<PathPattern>& compiledDefaults()
    {
        static const std::vector<PathPattern> kDefaults = [] {
            auto parsed = parseAll(PathRules::defaultExclusions());
            ASSERT(parsed.has_value());
            return std::move(*parsed);
        }();
        return kDefaults;
    }

    bool hasHiddenComponent(std::string_view path)
    {
        return path.starts_with('.') || path.find("/.") != std::string_view::npos;
    }

} // namespace

const std::vector<std::string>& PathRules::defaultExclusions()
{
    static const std::vector<std::string> kTexts{
        // Keys and certificates.
        "*.pem",
        "*.key",
        "*.p12",
        "*.pfx",
        "*.jks",
        "*.keystore",
        "*.ppk",
        "*.gpg",
        "*.pgp",
        "*.ovpn",
        "id_rsa*",
        "id_dsa*",
        "id_ecdsa*",
        "id_ed25519*",
        "authorized_keys",
        "known_hosts",
        "keystore.json",
        "wallet.dat",
        "*.wallet",
        "*.age",
        // Password stores and credentials.
        "*.kdbx",
        "*.kdb",
        "*.1pux",
        "*.agilekeychain",
        "*.opvault",
        "*.psafe3",
        "*.env",
        "env.*",
        "credentials",
        "credentials.*",
        "secrets",
        "secrets.*",
        "keyrings",
        "keychains",
        "password-store",
        "passwords.*",
        "*passwords.csv",
        "shadow",
        "gshadow",
        // Browsers and their stores.
        "google-chrome",
        "chromium",
        "bravesoftware",
        "mozilla",
        "firefox",
        "vivaldi",
        "opera",
        "microsoft-edge",
        "user data",
        "logins.json",
        "key3.db",
        "key4.db",
        "cookies.sqlite",
        "places.sqlite",
        "formhistory.sqlite",
        "cookies",
        // Version control and what programs make for themselves.
        "cvs",
        "_darcs",
        "node_modules",
        "__pycache__",
        "site-packages",
        "venv",
        "cmakefiles",
        "*.min.js",
        "*.min.css",
        "*.lock",
        "package-lock.json",
        "*.map",
    };
    return kTexts;
}

Result<PathRules> PathRules::make(
    const std::vector<std::string>& include, const std::vector<std::string>& exclude)
{
    PathRules out;
    TRY_ASSIGN(out.m_include, parseAll(include));
    TRY_ASSIGN(out.m_exclude, parseAll(exclude));
    return out;
}

std::optional<std::string> PathRules::reasonToSkip(std::string_view path, Entry entry) const
{
    if (hasHiddenComponent(path)) {
        return "hidden";
    }
    for (const PathPattern& pattern : compiledDefaults()) {
        if (pattern.covers(path)) {
            return "excluded for safety (" + pattern.text() + ")";
        }
    }
    for (const PathPattern& pattern : m_exclude) {
        if (pattern.covers(path)) {
            return "excluded by you (" + pattern.text() + ")";
        }
    }
    if (m_include.empty() || entry == Entry::Folder) {
        return std::nullopt;
    }
    for (const PathPattern& pattern : m_include) {
        if (pattern.covers(path)) {
            return std::nullopt;
        }
    }
    return "not among the patterns you included";
}

} // namespace loam::consent
