#!/usr/bin/env bash
# Installs what building and testing need and this machine lacks. Quick, and silent, when nothing is missing.
#
#   setup.sh               for one PostgreSQL: PG_CONFIG's, else PG_MAJOR's, else this machine's
#   setup.sh MAJOR …       for these major versions; goes on without those that can't be had here
#   setup.sh to-build      only what compiling for one PostgreSQL needs: its headers and the compilers, but no server and
#                          nothing that only tests use
#
# Exits with 77 if the one that is wanted can't be had here; the last line says why.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

RUST_VERSION=1.95

# A bare machine knows no packages before its first update, and which PostgreSQL is its newest depends on them.
if [ -z "${UPDATED:-}" ] && have apt-get && ! compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null; then
    as_root apt-get update -q
    # What common.sh has guessed without them is forgotten.
    if [ -z "$PG_MAJOR_IS_GIVEN" ]; then unset PG_MAJOR; fi
    UPDATED=yes exec "$0" "$@"
fi

PURPOSE=development
if [ "${1:-}" = to-build ]; then
    PURPOSE=building
    shift
fi
WANTED=("$@")
if [ $# = 0 ]; then WANTED=("$PG_MAJOR"); fi

require_rust() {
    local found
    have cargo || die "Rust isn't installed. Get $RUST_VERSION or newer from https://rustup.rs (Debian's package is too old)."
    found=$(rustc --version | cut -d' ' -f2)
    if [ "$(printf '%s\n' "$RUST_VERSION" "$found" | sort -V | head -n 1)" != "$RUST_VERSION" ]; then
        die "rustc $found is too old: pg_clinic needs $RUST_VERSION or newer, from https://rustup.rs"
    fi
}

# Is a major version to come from this Debian's packages? Not if PG_CONFIG names another, or this Debian lacks it.
debian_has() {
    if [ -n "${PG_CONFIG:-}" ] || ! have apt-get || [ -e "$OTHER/$1/.complete" ]; then return 1; fi
    is_installed "postgresql-server-dev-$1" || apt-cache show "postgresql-server-dev-$1" >/dev/null 2>&1
}

# Those of the wanted that other-postgres.sh brings, for tests only: nobody's server is there.
others() {
    local major
    if [ -n "${PG_CONFIG:-}" ] || [ "$PURPOSE" = building ] || ! have apt-get; then return; fi
    for major in "${WANTED[@]}"; do
        debian_has "$major" || echo "$major"
    done
}

# The headers of PostgreSQL; the clang that pgrx reads them with; what cargo-pgrx itself links; cmake for the solver.
packages_to_build() {
    local major
    for major in "${WANTED[@]}"; do
        if debian_has "$major"; then echo "postgresql-server-dev-$major"; fi
    done
    echo clang gcc g++ libc6-dev make cmake pkg-config libssl-dev
}

# PostgreSQL itself, and pg_cron, which a test uses; postgresql-common, which makes the user postgres; shellcheck for
# `make lint`; debootstrap for `make test-package`.
packages_to_test() {
    local major
    for major in "${WANTED[@]}"; do
        if debian_has "$major"; then echo "postgresql-$major" "postgresql-$major-cron"; fi
    done
    # What other-postgres.sh unpacks with.
    if [ -n "$OTHERS" ]; then echo patchelf unzip; fi
    echo postgresql-common shellcheck debootstrap
    # cargo-pgrx becomes the user postgres with it.
    if is_root; then echo sudo; fi
}

debian_packages() {
    packages_to_build
    if [ "$PURPOSE" = development ]; then packages_to_test; fi
}

is_installed() { dpkg-query -W -f '${Status}\n' "$1" 2>/dev/null | grep -q ' installed$'; }

missing_packages() {
    local package
    # shellcheck disable=SC2046 # words are wanted
    for package in $(debian_packages); do
        is_installed "$package" || echo "$package"
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

# Brings the others, all at the same time, and keeps what each said.
fetch_others() {
    local major
    mkdir -p "$OTHER"
    for major in $OTHERS; do
        if [ -e "$OTHER/$major/.complete" ]; then continue; fi
        say "fetching PostgreSQL $major"
        "$ROOT/scripts/other-postgres.sh" "$major" "$OTHER" >"$OTHER/$major.log" 2>&1 &
        FETCHES+=("$! $major")
    done
}

FETCHES=()
# Waits for them. One that fails ends the script if it is all that is wanted.
finish_fetches() {
    local fetch pid major status
    for fetch in ${FETCHES[@]+"${FETCHES[@]}"}; do
        read -r pid major <<<"$fetch"
        status=0
        wait "$pid" || status=$?
        if [ "$status" = 0 ]; then continue; fi
        cat "$OTHER/$major.log" >&2
        if [ ${#WANTED[@]} = 1 ]; then exit "$status"; fi
        say "going on without PostgreSQL $major"
    done
}

install_cargo_pgrx() {
    if [ "$(cargo pgrx --version 2>/dev/null)" = "cargo-pgrx $PGRX_VERSION" ]; then return; fi
    say "installing cargo-pgrx $PGRX_VERSION (about two minutes)"
    # Unoptimized: it compiles in a fifth of the time, and its own work is small.
    CARGO_PROFILE_DEV_DEBUG=0 cargo install cargo-pgrx --version "$PGRX_VERSION" --locked --debug
}

# Does pgrx know a working pg_config of this major version?
pgrx_knows() {
    local config
    config=$(sed -n "s/^pg$1 *= *\"\(.*\)\"/\1/p" "${PGRX_HOME:-$HOME/.pgrx}/config.toml" 2>/dev/null) || return 1
    [ -x "$config" ] && [ "$(major_of "$config")" = "$1" ]
}

# `cargo pgrx init` writes its configuration anew, and that recompiles pgrx for every major version: once for all.
tell_pgrx_about_postgres() {
    local major config new=()
    for major in "${WANTED[@]}"; do
        if pgrx_knows "$major"; then continue; fi
        config=$(PG_MAJOR=$major system_pg_config 2>/dev/null) || continue
        new+=("--pg$major" "$config")
    done
    if [ ${#new[@]} != 0 ]; then cargo pgrx init "${new[@]}"; fi
}

require_rust
OTHERS=$(others | paste -sd' ')
install_packages
fetch_others
install_cargo_pgrx
finish_fetches
tell_pgrx_about_postgres
