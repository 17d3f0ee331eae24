#!/usr/bin/env bash
# install.sh                 release build, into the machine's PostgreSQL (PG_CONFIG chooses which)
# install.sh build           only compiles it, dev profile
# install.sh test|release    a dev or release build, into a private PostgreSQL (see common.sh)
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

install_for_users() {
    local config sudo=() as=()
    config=$(system_pg_config)
    if ! [ -w "$("$config" --pkglibdir)" ] || ! [ -w "$("$config" --sharedir)/extension" ]; then
        sudo=(--sudo)
        as=(sudo)
    fi
    # A running server has the library mapped: written over, it would take the server down; removed, it lives on there.
    "${as[@]}" rm -f "$("$config" --pkglibdir)/pg_clinic.so"
    cargo pgrx install --package pg_clinic --release "${sudo[@]}" --pg-config "$config"
}

case ${1:-} in
    '') install_for_users ;;
    build) cargo build --lib --no-default-features --features "pg$PG_MAJOR" ;;
    test | release) install_privately "$1" ;;
    *) die "usage: install.sh [build|test|release]" ;;
esac
