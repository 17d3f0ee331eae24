#!/usr/bin/env bash
# install.sh                 release build, into the machine's PostgreSQL (PG_CONFIG chooses which)
# install.sh build           only compiles it, dev profile
# install.sh test|release    a dev or release build, into a private PostgreSQL (see common.sh)
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"
# shellcheck source-path=SCRIPTDIR source=staging.sh
source "$(dirname "$0")/staging.sh"

case ${1:-} in
    '') install_for_users ;;
    build) cargo build --lib --no-default-features --features "pg$PG_MAJOR" ;;
    test | release) install_privately "$1" ;;
    *) die "usage: install.sh [build|test|release]" ;;
esac
