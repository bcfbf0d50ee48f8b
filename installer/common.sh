# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Shared by installer/run and tests/run; sourced, not executed.

: "${source_folder:?set it before sourcing this file}"

say() { printf '%s\n' "loam: $*" >&2; }
die() { say "$*"; exit 1; }

# packages_of SECTION...: the package names of these sections of packages.txt
packages_of() {
    awk -v wanted=" $* " '
        { sub(/#.*/, ""); gsub(/[[:space:]]/, "") }
        /^\[.*\]$/ { section = substr($0, 2, length($0) - 2); next }
        $0 != "" && index(wanted, " " section " ") { print }
    ' "$source_folder/installer/packages.txt"
}

# missing_of PACKAGE...: those that dpkg does not hold installed
missing_of() {
    local installed
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null |
        awk '$1 == "installed" { print $2 }')
    printf '%s\n' "$@" | grep -vxF -f <(printf '%s\n' "$installed") || true
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "installing packages needs root: run this script as root, or install sudo"
    fi
}

# install_packages SECTION...: installs what is missing and nothing else
install_packages() {
    command -v dpkg-query >/dev/null ||
        die "this script installs Debian packages, and this is no Debian; install the like of installer/packages.txt by hand, then run: cmake --preset release && cmake --build --preset release"
    local wanted missing
    mapfile -t wanted < <(packages_of "$@")
    mapfile -t missing < <(missing_of "${wanted[@]}")
    if [ "${#missing[@]}" = 0 ]; then
        return
    fi
    if [ -r /etc/os-release ]; then
        # shellcheck disable=SC1091
        (. /etc/os-release && [ "${VERSION_CODENAME:-}" = bookworm ]) ||
            say "this is not Debian 12 (bookworm): trying all the same"
    fi
    say "installing ${#missing[@]} packages: ${missing[*]}"
    local options=(-q -y --no-install-recommends -o Dpkg::Use-Pty=0)
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update ||
        die "apt-get update failed: is this computer connected to the Internet?"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" install "${missing[@]}" ||
        die "apt-get could not install the packages; see its messages above"
}

# build PRESET [TARGET...]: configures once, then brings the build up to date
build() {
    local preset=$1
    shift
    cd "$source_folder" || die "cannot enter $source_folder"
    if [ ! -f "build/$preset/build.ninja" ]; then
        cmake --preset "$preset" || die "the configuration failed; see above"
    fi
    ninja -C "build/$preset" -j "$(nproc)" "$@" || die "the build failed; see above"
}
