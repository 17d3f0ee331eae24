#!/usr/bin/env bash
# Formatting and lints of the whole workspace; every warning is an error here.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

cargo fmt --all --check
cargo clippy --workspace --all-targets --no-default-features --features "pg$PG_MAJOR pg_test" -- -D warnings
if have shellcheck; then shellcheck --external-sources scripts/*.sh tests/clients/run.sh .ci/run; fi
