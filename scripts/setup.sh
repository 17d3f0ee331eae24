#!/usr/bin/env bash
# Installs what building and testing need and this machine lacks. Quick, and
# silent, when nothing is missing.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

RUST_VERSION=1.95

require_rust() {
    local found
    have cargo || die "Rust isn't installed. Get $RUST_VERSION or newer from https://rustup.rs (Debian's package is too old)."
    found=$(rustc --version | cut -d' ' -f2)
    if [ "$(printf '%s\n' "$RUST_VERSION" "$found" | sort -V | head -n 1)" != "$RUST_VERSION" ]; then
        die "rustc $found is too old: pg_clinic needs $RUST_VERSION or newer, from https://rustup.rs"
    fi
}

# PostgreSQL with headers and test programs (its server-dev brings the clang that
# pgrx reads headers with); what
# cargo-pgrx itself links; pg_cron and pgTAP for some tests; cmake for a solver.
debian_packages() {
    echo "postgresql-$PG_MAJOR" "postgresql-server-dev-$PG_MAJOR" \
        "postgresql-$PG_MAJOR-cron" "postgresql-$PG_MAJOR-pgtap" \
        gcc g++ libc6-dev make cmake pkg-config libssl-dev
    # cargo-pgrx becomes the user postgres with it.
    if is_root; then echo sudo; fi
}

missing_packages() {
    local package
    # shellcheck disable=SC2046 # words are wanted
    for package in $(debian_packages); do
        dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q ' installed$' || echo "$package"
    done
}

install_packages() {
    local missing
    if ! have apt-get; then
        # Another system: its PostgreSQL will do, if it is there.
        system_pg_config >/dev/null
        return
    fi
    missing=$(missing_packages | paste -sd' ')
    if [ -z "$missing" ]; then return; fi
    say "installing $missing"
    as_root apt-get update -q
    # shellcheck disable=SC2086 # words are wanted
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
}

install_cargo_pgrx() {
    if [ "$(cargo pgrx --version 2>/dev/null)" = "cargo-pgrx $PGRX_VERSION" ]; then return; fi
    say "installing cargo-pgrx $PGRX_VERSION (about two minutes)"
    # Unoptimized: it compiles in a fifth of the time, and its own work is small.
    CARGO_PROFILE_DEV_DEBUG=0 cargo install cargo-pgrx --version "$PGRX_VERSION" --locked --debug
}

# `cargo pgrx init` touches its configuration, and that recompiles pgrx: only once.
tell_pgrx_about_postgres() {
    if grep -qs "^pg$PG_MAJOR *=" "${PGRX_HOME:-$HOME/.pgrx}/config.toml"; then return; fi
    cargo pgrx init "--pg$PG_MAJOR" "$(system_pg_config)"
}

require_rust
install_packages
install_cargo_pgrx
tell_pgrx_about_postgres
