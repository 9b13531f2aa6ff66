#!/usr/bin/env bash
# Installs what Fermata needs on Debian 12, and only what is missing. Run it again at any time.
#
#   ops/install/install.sh GROUP...     GROUP: build | demo | test | check | all
#
# build  compiler, libraries, and the test frameworks that the build configures against
# demo   build, and the demo's market data (npm package vega-datasets)
# test   build, a PostgreSQL server for the tests' throw-away cluster, what runs units and packages in a container, and a FIX venue that is not ours (npm package jspurefix)
# check  clang 19 for the sanitizers, fuzzers, formatter and linter
set -euo pipefail

readonly BUILD_PACKAGES=(
    ca-certificates ccache cmake g++ git libbenchmark-dev libboost1.81-dev libboost-json1.81-dev libcli11-dev libgmock-dev
    libgtest-dev libeigen3-dev libhowardhinnant-date-dev libpq-dev libpqxx-dev libquickfix-dev librapidcheck-dev libssl-dev libsystemd-dev
    libyaml-cpp-dev libzip-dev libzstd-dev make ninja-build nlohmann-json3-dev pkg-config tzdata zlib1g-dev)
readonly TEST_PACKAGES=(dpkg-dev fish postgresql-15 procps python3 systemd systemd-container unzip zsh)
readonly CHECK_PACKAGES=(clang-19 clang-format-19 clang-tidy-19 libclang-rt-19-dev lld-19 python3)
readonly DEMO_PACKAGE=vega-datasets DEMO_VERSION=3.2.1 DEMO_FILE=data/sp500-2000.csv
readonly PEER_PACKAGE=jspurefix PEER_VERSION=5.11.4
readonly ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

say() { printf 'install: %s\n' "$*"; }
die() { printf 'install: %s\n' "$*" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else
        command -v sudo >/dev/null || die "needs root or sudo to run: $*"
        sudo "$@"
    fi
}

install_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
    done
    if [ ${#missing[@]} -eq 0 ]; then
        say "all $# Debian packages are there"
        return
    fi
    say "installing ${#missing[@]} Debian packages: ${missing[*]}"
    as_root apt-get -qq update
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 install -y --no-install-recommends \
        "${missing[@]}" >/dev/null
}

# A cluster that Debian starts by itself is not wanted: the tests start their own.
install_postgres() {
    if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        as_root mkdir -p /etc/postgresql-common
        echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    fi
    install_packages "${TEST_PACKAGES[@]}"
}

install_demo_data() {
    local target=$ROOT/build/demo/sp500-2000.csv
    if [ -s "$target" ]; then
        say "demo data is there: build/demo/sp500-2000.csv"
        return
    fi
    command -v npm >/dev/null || install_packages npm
    say "fetching the demo data: npm package $DEMO_PACKAGE $DEMO_VERSION, $DEMO_FILE"
    local work
    work=$(mktemp -d)
    (cd "$work" && npm pack --silent "$DEMO_PACKAGE@$DEMO_VERSION" >/dev/null && tar xzf ./*.tgz)
    [ -s "$work/package/$DEMO_FILE" ] || die "$DEMO_PACKAGE $DEMO_VERSION has no $DEMO_FILE"
    mkdir -p "$(dirname "$target")"
    mv "$work/package/$DEMO_FILE" "$target"
    rm -rf "$work"
}

# A counterparty for the FIX tests that shares no code with QuickFIX. Without it they are skipped.
install_fix_peer() {
    local target=$ROOT/build/fix-peer
    if [ -d "$target/node_modules/$PEER_PACKAGE" ]; then
        say "the FIX peer is there: build/fix-peer"
        return
    fi
    command -v npm >/dev/null || install_packages npm
    say "fetching the FIX peer: npm package $PEER_PACKAGE $PEER_VERSION"
    mkdir -p "$target"
    npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$target" "$PEER_PACKAGE@$PEER_VERSION"
}

[ $# -gt 0 ] || set -- all
. /etc/os-release
if [ "${ID:-}" != debian ] || [ "${VERSION_ID:-}" != 12 ]; then
    say "warning: made for Debian 12, this is ${PRETTY_NAME:-unknown}"
fi
for group in "$@"; do
    case $group in
        build) install_packages "${BUILD_PACKAGES[@]}" ;;
        demo) install_packages "${BUILD_PACKAGES[@]}"; install_demo_data ;;
        test) install_packages "${BUILD_PACKAGES[@]}"; install_postgres; install_fix_peer ;;
        check) install_packages "${CHECK_PACKAGES[@]}" ;;
        all)
            install_packages "${BUILD_PACKAGES[@]}" "${CHECK_PACKAGES[@]}"
            install_postgres
            install_fix_peer
            install_demo_data
            ;;
        *) die "unknown group '$group' (build, demo, test, check, all)" ;;
    esac
done
