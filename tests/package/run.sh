#!/usr/bin/env bash
# Tests of what users install: `make install` under a server that is in use, the Debian package in a bare Debian, the
# sources for PGXN, the images' files.
#
#   run.sh [TEST …]     all by default
#
# Needs no server, makes its own. The last line is "package: N passed, N failed, N skipped".
# What traps call isn't unreachable.
# shellcheck disable=SC2317
# shellcheck source-path=SCRIPTDIR source=../../scripts/common.sh
source "$(dirname "$0")/../../scripts/common.sh"
# shellcheck source-path=SCRIPTDIR source=../../scripts/staging.sh
source "$(dirname "$0")/../../scripts/staging.sh"

HERE=$ROOT/tests/package
SCRATCH=$WORK/package
LOG=$SCRATCH/all.log
VERSION=$(sed -n '/^\[workspace.package\]/,/^$/s/^version = "\(.*\)"/\1/p' Cargo.toml)

# Each test is a function of its own shell: `fail` ends it, `skip` too.
fail() {
    echo "$*"
    exit 1
}
skip() {
    echo "because: $*"
    exit "$CANNOT_RUN"
}

# --- installing while sessions come and go ----------------------------------------------

# New sessions, one after the other, until the file is gone; a line each, and what failed.
sessions() {
    local socket=$1 until=$2
    while [ -e "$until" ]; do
        as_server "$BIN/psql" -XqAt -h "$socket" -U postgres -d sessions -v ON_ERROR_STOP=1 \
            -c "select 'answered' from next_available('General Checkup') limit 1" 2>&1
    done
}

# A server of this test's own tree of programs, so that no other test meets what it installs.
test_installing() {
    local round log=$SCRATCH/sessions.log loops=() count
    home=$SCRATCH/server staged=$SCRATCH/staged
    BIN=$(private_postgres package)
    stage dev "$staged"
    put_in_place "$staged" "$BIN/pg_config"
    mkdir -p "$home"
    server_directory "$home"
    as_server rm -rf "$home/data"
    as_server "$BIN/initdb" -D "$home/data" -U postgres --auth=trust --encoding=UTF8 --no-locale --no-sync >/dev/null
    as_server "$BIN/pg_ctl" start -w -D "$home/data" -l "$home/log" -o "-c listen_addresses= -c fsync=off -k $home" \
        </dev/null >/dev/null
    stop_server() {
        as_server "$BIN/pg_ctl" stop -m immediate -D "$home/data" || true
        rm -rf "$home" "$staged"
    }
    trap stop_server EXIT
    as_server "$BIN/psql" -Xq -h "$home" -U postgres -d postgres -c 'create database sessions'
    as_server "$BIN/psql" -XqAt -h "$home" -U postgres -d sessions -v ON_ERROR_STOP=1 <"$HERE/clinic.sql"
    touch "$SCRATCH/until"
    sessions "$home" "$SCRATCH/until" >"$log" &
    loops+=("$!")
    sessions "$home" "$SCRATCH/until" >"$log.2" &
    loops+=("$!")
    for round in $(seq 30); do
        put_in_place "$staged" "$BIN/pg_config" || fail "round $round"
    done
    rm "$SCRATCH/until"
    wait "${loops[@]}"
    cat "$log.2" >>"$log"
    if grep -v '^answered$' "$log" | head -n 5 | grep .; then fail "a session met an installation"; fi
    count=$(grep -c . "$log")
    echo "$count sessions, 30 installations"
    [ "$count" -ge 50 ] || fail "too few sessions to have met any"
    # Nothing half is left behind.
    if find "$("$BIN/pg_config" --pkglibdir)" "$("$BIN/pg_config" --sharedir)" -name '*.new' | grep .; then fail "left over"; fi
}

# --- the Debian package --------------------------------------------------------------------

# Which Debian has this PostgreSQL.
debian_of() {
    case $1 in
        15) echo bookworm ;;
        17) echo trixie ;;
        18) echo forky ;;
    esac
}

# make_debian SUITE DIRECTORY: as little as PostgreSQL takes.
make_debian() {
    local mirror log=$SCRATCH/debootstrap.log
    # shellcheck disable=SC2016 # apt's, not the shell's
    mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -m 1 '/debian$') || skip "no mirror of Debian is known"
    debootstrap --variant=minbase --include="postgresql-$PG_MAJOR" "$1" "$2" "$mirror" \
        /usr/share/debootstrap/scripts/sid >"$log" 2>&1 || {
        tail -n 5 "$log"
        if grep -Eq 'Failed getting release file|Invalid Release|Couldn.t download' "$log"; then skip "Debian $1 at $mirror can't be had"; fi
        fail "no bare Debian"
    }
}

test_deb() {
    local suite deb doc word
    chroot=$SCRATCH/debian
    suite=$(debian_of "$PG_MAJOR")
    [ -n "$suite" ] || skip "no Debian has PostgreSQL $PG_MAJOR"
    is_root || skip "a bare Debian takes root"
    have debootstrap || skip "debootstrap isn't installed"
    deb=$("$ROOT/scripts/package.sh" deb dev)
    rm -rf "$chroot"
    make_debian "$suite" "$chroot"
    inside() { chroot "$chroot" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"; }
    stop_debian() {
        # Without /proc Debian's own pg_ctlcluster doesn't know the server again.
        inside runuser -u postgres -- "/usr/lib/postgresql/$PG_MAJOR/bin/pg_ctl" stop -m immediate \
            -D "/var/lib/postgresql/$PG_MAJOR/main" || true
        rm -rf "$chroot"
    }
    trap stop_debian EXIT
    cp "$deb" "$chroot/pg_clinic.deb"
    inside dpkg --install /pg_clinic.deb
    inside dpkg --verify "postgresql-$PG_MAJOR-pg-clinic"
    # Not the machine's network: other servers may have the port.
    inside pg_ctlcluster "$PG_MAJOR" main start -- -o '-c listen_addresses='
    inside runuser -u postgres -- createdb --template template0 --encoding UTF8 --locale C.UTF-8 clinic
    inside runuser -u postgres -- psql -XqAt -v ON_ERROR_STOP=1 clinic <"$HERE/clinic.sql" | tee "$SCRATCH/deb.out"
    grep -qx 'found 3' "$SCRATCH/deb.out" || fail "no slot was found"
    # Each license that is named has a paragraph of its own (DEP-5), and there are notices of what is linked in.
    doc=$chroot/usr/share/doc/postgresql-$PG_MAJOR-pg-clinic
    for word in $(sed -n 's/^License: //p' "$doc/copyright" | sed 's/ or / /g; s/, and / /g' | tr ' ' '\n' | sort -u); do
        grep -A1 -x "License: $word" "$doc/copyright" | grep -q '^ ' || fail "the copyright file doesn't say what $word is"
    done
    compgen -G "$doc/licenses/highs-sys-*/LICENSE.txt" >/dev/null || fail "HiGHS's notice is missing"
    # It goes as it came. The database keeps its tables.
    inside dpkg --purge "postgresql-$PG_MAJOR-pg-clinic"
    if find "$chroot/usr" -name '*pg_clinic*' | grep .; then fail "left behind"; fi
    inside runuser -u postgres -- psql -XqAt clinic -c 'select count(*) from clinic.bookings' | grep -qx 1 || fail "the booking is gone"
}

# --- sources and images -----------------------------------------------------------------------

test_dist() {
    local zip root=$SCRATCH/dist meta file
    zip=$("$ROOT/scripts/package.sh" dist)
    rm -rf "$root"
    mkdir -p "$root"
    # What PGXN asks for: one folder, named by name and version, META.json in it.
    python3 -m zipfile --extract "$zip" "$root"
    [ "$(ls "$root")" = "pg_clinic-$VERSION" ] || fail "the archive has $(ls "$root")"
    meta=$root/pg_clinic-$VERSION/META.json
    file=$(python3 - "$meta" "$VERSION" <<'PYTHON'
import json, sys
meta = json.load(open(sys.argv[1]))
missing = {"name", "version", "abstract", "maintainer", "license", "provides", "meta-spec"} - meta.keys()
assert not missing, missing
assert meta["version"] == sys.argv[2] == meta["provides"]["pg_clinic"]["version"], meta["version"]
print(meta["provides"]["pg_clinic"]["file"])
PYTHON
    )
    for file in "$file" Makefile Cargo.lock scripts/install.sh sql/functions/setup.sql; do
        [ -e "$root/pg_clinic-$VERSION/$file" ] || fail "$file is missing"
    done
    # A build from it finds all that cargo wants.
    (cd "$root/pg_clinic-$VERSION" && cargo metadata --format-version 1 --offline --locked >/dev/null)
    rm -rf "$root"
}

# What the Dockerfiles copy is what `make deb` and `make image` make. Docker itself can't run here.
test_images() {
    local image source
    "$ROOT/scripts/package.sh" deb dev >/dev/null
    image=$("$ROOT/scripts/package.sh" image dev)
    (cd "$image" && find . -type f | sort) >"$SCRATCH/image.files"
    # Scripts of updates come besides.
    grep -vE 'pg_clinic--[0-9.]+--[0-9.]+\.sql' "$SCRATCH/image.files" |
        diff - <(printf './%s\n' lib/pg_clinic.so "share/extension/pg_clinic--$VERSION.sql" share/extension/pg_clinic.control) ||
        fail "the image has other files"
    # shellcheck disable=SC2013 # each is a word
    for source in $(sed -n "s/^COPY \([^ ]*\) .*/\1/p" packaging/Dockerfile* | sed "s/\${PG_MAJOR}/$PG_MAJOR/"); do
        compgen -G "$ROOT/target/packages/${source/image-18/image-$PG_MAJOR}" >/dev/null || fail "nothing makes $source"
    done
    if grep -vE '^(#|$|ARG PG_MAJOR|FROM |COPY |RUN )' packaging/Dockerfile*; then fail "unknown to this test"; fi
}

# --- running --------------------------------------------------------------------------------------

run_test() {
    local status=0 started=$SECONDS
    set +e
    (
        set -e
        "test_$1"
    ) >"$SCRATCH/$1.log" 2>&1
    status=$?
    set -e
    case $status in
        0) echo "ok $1 ($((SECONDS - started)) s)" ;;
        "$CANNOT_RUN") echo "skipped: $1: $(sed -n 's/^because: //p' "$SCRATCH/$1.log" | tail -n 1)" ;;
        *)
            tail -n 30 "$SCRATCH/$1.log"
            echo "FAIL $1"
            ;;
    esac
}

count() { grep -c "^$1 " "$LOG" || true; }

if [ $# = 0 ]; then set -- installing deb dist images; fi
mkdir -p "$SCRATCH"
: >"$LOG"
for name in "$@"; do run_test "$name" | tee -a "$LOG"; done
passed=$(count ok) failed=$(count FAIL) skipped=$(count skipped:)
echo "package: $passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ $((passed + skipped)) -gt 0 ]
