#!/usr/bin/env bash
# Runs the client tests against a server that has pg_clinic: see README.md.
#
#   run.sh [CLIENT …]     psycopg asyncpg sqlalchemy django node-postgres prisma postgraphile; all by default
#
# PGHOST, PGPORT and PGUSER tell the server, as `scripts/cluster.sh env test` prints them. The last line is
# "clients: N passed, N failed, N skipped"; fails when a test failed, or there was none.
# shellcheck source-path=SCRIPTDIR source=../../scripts/common.sh
source "$(dirname "$0")/../../scripts/common.sh"

HERE=$ROOT/tests/clients
INSTALLED=$WORK/clients
# Not in $WORK/log, where run-tests.sh keeps what this script prints.
LOG=$INSTALLED/all.log
TEMPLATE=pg_clinic_clients
[ -n "${PGHOST:-}" ] || die "PGHOST doesn't name a server; after make start, scripts/cluster.sh env test tells one"
if [ -n "${PG_BINDIR:-}" ]; then PATH=$PG_BINDIR:$PATH; fi
export PGDATABASE=postgres
unset PGOPTIONS PGSERVICE
# node-postgres reads a date as local midnight.
export TZ=UTC
export PYTHONDONTWRITEBYTECODE=1
export NODE_PATH=$INSTALLED/node/node_modules CLIENT_GENERATED=$INSTALLED/node/generated

# --- installing the drivers -------------------------------------------------------

install_python() {
    python3 -m venv "$INSTALLED/python" &&
        timeout 180 "$INSTALLED/python/bin/pip" install --quiet --disable-pip-version-check \
            --retries 1 --timeout 15 --only-binary :all: -r "$HERE/requirements.txt"
}

# No package runs a script of its own when it is installed: Prisma's would download engines that nothing here needs.
install_node() {
    cp "$HERE"/node/{package.json,package-lock.json,schema.prisma} "$INSTALLED/node" &&
        cd "$INSTALLED/node" &&
        timeout 240 npm ci --ignore-scripts --no-audit --no-fund --fetch-retries 1 --fetch-timeout 30000 &&
        # Unless a schema engine is named, one is downloaded, although generating a client doesn't run it.
        PRISMA_SCHEMA_ENGINE_BINARY=$(type -P true) CHECKPOINT_DISABLE=1 PRISMA_HIDE_UPDATE_MESSAGE=1 \
            timeout 60 node_modules/.bin/prisma generate --no-hints --schema schema.prisma
}

# Whether an installer's log says that its registry wasn't reached, rather than that our list is wrong.
is_unreachable() {
    grep -Eqi 'ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|NewConnectionError|ConnectTimeout|ReadTimeout|ProxyError' "$1"
}

# install python|node FILE …: installs what the files list, once for each content of theirs. Sets MISSING[kind] to why
# it can't be had; an installer that fails though its registry is there is a failure.
declare -A MISSING=([python]='' [node]='')
install() {
    local kind=$1 log=$INSTALLED/$1.log stamp status=0
    stamp=$(cat "${@:2}" | cksum)
    if [ "$(cat "$INSTALLED/$kind/.installed" 2>/dev/null)" = "$stamp" ]; then return; fi
    say "installing the $kind drivers"
    rm -rf "${INSTALLED:?}/$kind"
    mkdir -p "$INSTALLED/$kind"
    ("install_$kind") >"$log" 2>&1 || status=$?
    if [ $status = 0 ]; then
        echo "$stamp" >"$INSTALLED/$kind/.installed"
    elif [ $status = 124 ] || is_unreachable "$log"; then
        MISSING[$kind]="the registry of the $kind drivers can't be reached"
    else
        tail -n 20 "$log"
        die "the $kind drivers can't be installed; all of $log"
    fi
}

install_all() {
    if ! python3 -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        MISSING[python]='there is no Python 3.11 with venv'
    else
        install python "$HERE/requirements.txt"
    fi
    if ! have npm || ! node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null; then
        MISSING[node]='there is no Node.js 20 with npm'
    else
        install node "$HERE"/node/{package.json,package-lock.json,schema.prisma}
    fi
}

# --- running ------------------------------------------------------------------------

sql() { psql --no-psqlrc --quiet --tuples-only --set ON_ERROR_STOP=1 "$@"; }

drop() { sql --command "set client_min_messages to warning" --command "drop database if exists $1 with (force)"; }

# Two copies of the fixture for a client, in another time zone than the server, the clinic and the client's own.
copy_databases() {
    local number
    for number in 1 2; do
        drop "$1_$number"
        sql --command "create database $1_$number template $TEMPLATE" \
            --command "alter database $1_$number set timezone = 'America/New_York'"
    done
}

# client NAME python|node COMMAND …
client() {
    local name=$1 kind=$2 log=$INSTALLED/$1.log number
    if [ -n "$ONLY" ] && [[ " $ONLY " != *" $name "* ]]; then return; fi
    if [ -n "${MISSING[$kind]}" ]; then
        echo "skipped: $name: ${MISSING[$kind]}"
        return
    fi
    export CLIENT_DATABASE=${TEMPLATE}_${name//-/_}
    copy_databases "$CLIENT_DATABASE"
    timeout 120 "${@:3}" 2>&1 | tee "$log" || true
    # Its last word, without which it ended early, whatever its status.
    if ! grep -q '^done ' "$log"; then echo "FAIL $name: ended before its last test"; fi
    for number in 1 2; do drop "${CLIENT_DATABASE}_$number"; done
}

run_all() {
    local python=$INSTALLED/python/bin/python
    client psycopg python "$python" "$HERE/python/psycopg_client.py"
    client asyncpg python "$python" "$HERE/python/asyncpg_client.py"
    client sqlalchemy python "$python" "$HERE/python/sqlalchemy_client.py"
    client django python "$python" "$HERE/python/django_client.py"
    client node-postgres node node "$HERE/node/pg_client.js"
    client prisma node node "$HERE/node/prisma_client.js"
    client postgraphile node node "$HERE/node/postgraphile_client.js"
}

count() { grep -c "^$1 " "$LOG" || true; }

ONLY=$*
mkdir -p "$INSTALLED"
install_all
say "making the database"
drop "$TEMPLATE"
sql --command "create database $TEMPLATE"
sql --dbname "$TEMPLATE" --file "$HERE/fixture.sql" >/dev/null
run_all 2>&1 | tee "$LOG"
drop "$TEMPLATE"

passed=$(count ok)
failed=$(count FAIL)
skipped=$(count skipped:)
echo "clients: $passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ $((passed + skipped)) -gt 0 ]
