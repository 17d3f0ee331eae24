#!/usr/bin/env bash
# What the crates that we depend on may be: deny.toml. Licenses, bans and sources are checked from what cargo
# downloads anyway; known vulnerabilities need RustSec's database from GitHub.
#
#   deny.sh            checks, or says what is skipped
#   deny.sh install    installs cargo-deny, about a minute
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

DENY_VERSION=0.20.2

case ${1:-} in
    install)
        if [ "$(cargo deny --version 2>/dev/null)" != "cargo-deny $DENY_VERSION" ]; then
            CARGO_PROFILE_DEV_DEBUG=0 cargo install cargo-deny --version "$DENY_VERSION" --locked --debug
        fi
        ;;
    '')
        if ! cargo deny --version >/dev/null 2>&1; then
            echo "skipped: cargo deny: not installed (scripts/deny.sh install)"
            exit
        fi
        cargo deny check licenses bans sources
        if timeout 60 cargo deny fetch db 2>/dev/null; then
            cargo deny check advisories
        else
            echo "skipped: cargo deny advisories: RustSec's database can't be had"
        fi
        ;;
    *) die "usage: deny.sh [install]" ;;
esac
