#!/usr/bin/env bash
# Formatting, lints, documentation, scripts and licenses; every warning is an error here. A check whose program this
# machine lacks is reported as skipped.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

# Private items are documented too, so what is public may point to them.
DOC_FLAGS="-D warnings -A rustdoc::private_intra_doc_links"
CODE=(--workspace --no-default-features --features "pg$PG_MAJOR pg_test")

cargo fmt --all --check
cargo clippy "${CODE[@]}" --all-targets -- -D warnings
RUSTDOCFLAGS=$DOC_FLAGS cargo doc "${CODE[@]}" --no-deps --document-private-items
if have shellcheck; then
    find scripts tests -name '*.sh' -exec shellcheck --external-sources .ci/run {} +
else
    echo "skipped: shellcheck: not installed"
fi
"$ROOT/scripts/released.sh"
"$ROOT/scripts/deny.sh"
