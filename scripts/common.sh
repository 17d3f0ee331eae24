# shellcheck shell=bash
# What the other scripts share; sourced, never run.
#
# Nothing here or in the other scripts touches the machine's own PostgreSQL
# server or, but for `make dev-setup` and `make install`, its files: tests and demo
# run on private copies (see private_postgres) in $WORK. So several checkouts,
# and several people in one checkout, don't get in each other's way.

set -euo pipefail
# The server may be another OS user than the one who runs the scripts.
umask 022

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$ROOT"

# The PostgreSQL major versions that pg_clinic supports, newest first.
MAJORS="18 17 16 15"
# The exit status of what can't run on this machine, as opposed to what fails.
# shellcheck disable=SC2034 # used by other scripts
CANNOT_RUN=77
# shellcheck disable=SC2034 # used by setup.sh
PGRX_VERSION=0.18.1
# build.rs keeps pgrx's ELF section; cargo-pgrx's own way would recompile all
# dependencies. .cargo/config.toml says so too, but cargo-pgrx itself isn't
# given what stands there.
export CARGO_PGRX_DISABLE_GC_SECTIONS_WORKAROUND=1

say() { printf '\033[1m%s\033[0m\n' "==> $*"; }
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }
is_root() { [ "$(id -u)" = 0 ]; }

# The major version of a pg_config.
major_of() { "$1" --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/'; }

# What to build for if nobody says: the newest supported version that is installed with its headers, else the newest
# whose server is, else the newest that this Debian has, else that of the pg_config in PATH.
default_major() {
    local major package known
    for package in postgresql-server-dev postgresql; do
        for major in $MAJORS; do
            if [ -e "/var/lib/dpkg/info/$package-$major.list" ]; then echo "$major" && return; fi
        done
    done
    if have apt-cache; then
        known=$(apt-cache pkgnames postgresql-server-dev-)
        for major in $MAJORS; do
            if grep -qx "postgresql-server-dev-$major" <<<"$known"; then echo "$major" && return; fi
        done
    fi
    if have pg_config; then major_of pg_config; else echo 15; fi
}

# The major version to build for: PG_CONFIG says it, else PG_MAJOR, else the machine. Both may be given if they agree.
if [ -n "${PG_CONFIG:-}" ]; then
    have "$PG_CONFIG" || die "PG_CONFIG=$PG_CONFIG isn't a program"
    PG_MAJOR=${PG_MAJOR:-$(major_of "$PG_CONFIG")}
    [ "$(major_of "$PG_CONFIG")" = "$PG_MAJOR" ] || die "PG_CONFIG is of $("$PG_CONFIG" --version), PG_MAJOR says $PG_MAJOR"
fi
# shellcheck disable=SC2034 # used by setup.sh
PG_MAJOR_IS_GIVEN=${PG_MAJOR:+yes}
# Exported, so that a script's own scripts needn't find it out again.
export PG_MAJOR=${PG_MAJOR:-$(default_major)}
[[ " $MAJORS " == *" $PG_MAJOR "* ]] || die "pg_clinic runs on PostgreSQL 15 to 18, not on $PG_MAJOR"

# Run a command as root.
as_root() {
    if is_root; then "$@"; else sudo "$@"; fi
}

# PostgreSQL refuses to run as root. Then its server runs as `postgres`, the user
# that the Debian package makes; otherwise simply as whoever runs the scripts.
if is_root; then SERVER_USER=postgres; else SERVER_USER=$(id -un); fi
# With RUST_BACKTRACE: no error may show what it has Rust collect.
as_server() {
    if is_root; then
        env RUST_BACKTRACE=1 runuser -u "$SERVER_USER" -- "$@"
    else
        env RUST_BACKTRACE=1 "$@"
    fi
}

# A directory that belongs to the server's user, entered by nobody else.
server_directory() {
    mkdir -p "$1"
    if is_root; then chown "$SERVER_USER:" "$1"; fi
    chmod 700 "$1"
}

# The pg_config to use: $PG_CONFIG, else Debian's, else what other-postgres.sh brought, else the first in PATH; of the
# wanted major version, or none: built with another one's headers the library wouldn't load.
system_pg_config() {
    local candidate
    for candidate in "${PG_CONFIG:-}" "/usr/lib/postgresql/$PG_MAJOR/bin/pg_config" "$(other_pg_config)" pg_config; do
        if [ -n "$candidate" ] && have "$candidate" && [ "$(major_of "$candidate")" = "$PG_MAJOR" ]; then
            command -v "$candidate"
            return
        fi
    done
    die "no pg_config of PostgreSQL $PG_MAJOR found: run \`make dev-setup\`, or say PG_CONFIG=/path/to/pg_config"
}

# The pg_config that other-postgres.sh brought for this major version, if it did.
other_pg_config() {
    if [ -e "$OTHER/$PG_MAJOR/.complete" ]; then "$ROOT/scripts/other-postgres.sh" "$PG_MAJOR" "$OTHER"; fi
}

# Where everything private of all major versions lives: .cluster in the checkout, unless the server's
# user can't get there (a checkout in /root) or the path is too long for a Unix
# socket (107 bytes); then /var/tmp.
work_directory() {
    local work=$ROOT/.cluster
    if [ ${#work} -gt 50 ] || ! as_server test -x "$ROOT"; then
        work=/var/tmp/pg_clinic-$(id -u)-$(printf '%s' "$ROOT" | cksum | cut -d' ' -f1)
    fi
    mkdir -p "$work"
    # /var/tmp is everybody's: somebody else may have made the directory.
    [ -O "$work" ] || die "$work belongs to another user"
    echo "$work"
}

# private_postgres NAME: make, or refresh, a private copy of the installed
# PostgreSQL, and print the directory of its programs.
#
# PostgreSQL finds its files relative to its programs, so a copy works anywhere,
# and an extension can be installed into it without being root and without
# disturbing anything else. 60 MB, a fraction of a second.
private_postgres() {
    local tree=$WORK/postgres/$1 config prefix stamp directory
    config=$(system_pg_config)
    local bin lib share include
    bin=$("$config" --bindir) lib=$("$config" --pkglibdir)
    share=$("$config" --sharedir) include=$("$config" --includedir-server)
    prefix=$(common_prefix "$bin" "$lib" "$share" "$include")
    # Our own files in the machine's directories are no reason to copy again.
    stamp=$(find "$bin" "$lib" "$share" -not -name 'pg_clinic*' -type f -printf '%p %s %T@\n' | sort | cksum)
    if [ "$(cat "$tree/.copied" 2>/dev/null)" != "$stamp" ]; then
        stop_clusters_of "$1"
        rm -rf "$tree"
        for directory in "$bin" "$lib" "$share"; do
            mkdir -p "$tree/${directory#"$prefix"}"
            cp -a "$directory/." "$tree/${directory#"$prefix"}"
        done
        find "$tree" -name 'pg_clinic*' -delete
        mkdir -p "$(dirname "$tree/${include#"$prefix"}")"
        ln -sfn "$include" "$tree/${include#"$prefix"}"
        echo "$stamp" >"$tree/.copied"
    fi
    echo "$tree/${bin#"$prefix"}"
}

# The longest directory that all arguments lie in, with a slash at its end.
common_prefix() {
    local prefix=$1/ path
    for path in "$@"; do
        while [ "${path#"$prefix"}" = "$path" ]; do prefix=$(dirname "$prefix")/ prefix=${prefix/\/\//\/}; done
    done
    echo "$prefix"
}

# Which private PostgreSQL a cluster runs on: tests on a quickly built one,
# the rest on the release build.
tree_of_cluster() {
    if [ "$1" = test ]; then echo test; else echo release; fi
}

stop_clusters_of() {
    local cluster
    for cluster in test demo bench; do
        if [ "$(tree_of_cluster "$cluster")" = "$1" ]; then "$ROOT/scripts/cluster.sh" stop "$cluster" >&2; fi
    done
}

# with_build_lock COMMAND …: one build for a server at a time in this checkout. All major versions build the same file
# of the target directory, so one's could be replaced before it is installed.
with_build_lock() {
    have flock || {
        "$@"
        return
    }
    (
        flock 8
        "$@" 8>&-
    ) 8>"$PRIVATE/build.lock"
}

PRIVATE=$(work_directory)
# This major version's part of it, and the servers that other-postgres.sh brings.
WORK=$PRIVATE/$PG_MAJOR
OTHER=$PRIVATE/other
mkdir -p "$WORK"
