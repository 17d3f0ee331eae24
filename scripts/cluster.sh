#!/usr/bin/env bash
# A private PostgreSQL server per purpose, inside the checkout.
#
#   cluster.sh start [NAME]   make it if need be and start it; quick if it runs
#   cluster.sh stop [NAME]
#   cluster.sh stop all       every one of every major version
#   cluster.sh status
#   cluster.sh env [NAME]     its address as `export …` lines, for eval
#   cluster.sh psql [NAME] …  psql on it
#   cluster.sh destroy        stop all, remove all their files
#
# NAME is test (default), demo or bench. Each listens on a Unix socket only, in a
# directory that only the server's user (and root) can enter: that is what guards
# it, so it asks for no password (--auth=trust).
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

home_of() { echo "$WORK/cluster/$1"; }

settings_of() {
    cat <<SETTINGS
listen_addresses = ''
unix_socket_directories = '$(home_of "$1")/socket'
log_line_prefix = '%m [%p] %d '
timezone = 'UTC'
log_timezone = 'UTC'
SETTINGS
    # demo and bench keep PostgreSQL's own, durable defaults. So do the limits that
    # tests are meant to feel everywhere: max_connections, max_locks_per_transaction …
    if [ "$1" = test ]; then
        cat <<'SETTINGS'
# Nothing here outlives a crash of the machine, nor needs to.
fsync = off
full_page_writes = off
# Its locks and those of a test's DDL can meet in a deadlock, and statistics that come at any time change plans.
autovacuum = off
# The standby test makes a base backup and streams.
wal_level = replica
max_wal_senders = 10
SETTINGS
    fi
}

is_running() { as_server "$BIN/pg_ctl" status -D "$(home_of "$1")/data" >/dev/null 2>&1; }

create() {
    local home
    home=$(home_of "$1")
    mkdir -p "$(dirname "$home")"
    server_directory "$home"
    server_directory "$home/socket"
    server_directory "$home/scratch"
    if as_server test -f "$home/data/PG_VERSION"; then return; fi
    say "making the cluster $1"
    # Half a cluster, from an interrupted run, is no cluster.
    as_server rm -rf "$home/data" "$home/data.new"
    as_server "$BIN/initdb" -D "$home/data.new" -U postgres --auth=trust --encoding=UTF8 --no-locale --no-sync >/dev/null
    echo "include 'pg_clinic.conf'" | as_server tee -a "$home/data.new/postgresql.conf" >/dev/null
    as_server mv "$home/data.new" "$home/data"
}

start() {
    local home settings
    home=$(home_of "$1")
    create "$1"
    settings=$(settings_of "$1")
    if is_running "$1"; then
        if [ "$(as_server cat "$home/data/pg_clinic.conf")" = "$settings" ]; then return; fi
        stop "$1"
    fi
    echo "$settings" | as_server tee "$home/data/pg_clinic.conf" >/dev/null
    # The server outlives this script: it must not hold on to our terminal, or to a
    # lock that a caller has open.
    (
        cd "$home"
        as_server "$BIN/pg_ctl" start -w -t 60 -D "$home/data" -l "$home/log" </dev/null >/dev/null 9>&-
    ) || {
        as_server tail -n 30 "$home/log" >&2
        die "the cluster $1 didn't start; the end of its log is above"
    }
}

stop() {
    local home
    home=$(home_of "$1")
    if ! [ -d "$home" ] || ! is_running "$1"; then return 0; fi
    as_server "$BIN/pg_ctl" stop -m fast -w -D "$home/data" >/dev/null
    echo "stopped $1"
}

status() {
    local cluster
    for cluster in test demo bench; do
        if [ -d "$(home_of "$cluster")" ] && is_running "$cluster"; then
            echo "$cluster: running, PGHOST=$(home_of "$cluster")/socket"
        else
            echo "$cluster: stopped"
        fi
    done
}

print_env() {
    local home
    home=$(home_of "$1")
    cat <<ENV
export PGHOST='$home/socket' PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
export PG_BINDIR='$BIN' PG_CLINIC_SCRATCH='$home/scratch' PG_CLINIC_RUN_AS='$(if is_root; then echo "$SERVER_USER"; fi)'
ENV
}

stop_all() {
    local major cluster
    for major in $MAJORS; do
        WORK=$PRIVATE/$major
        for cluster in test demo bench; do
            BIN=$(bin_of "$cluster")
            if [ -n "$BIN" ]; then stop "$cluster"; fi
        done
    done
}

# The programs of a cluster, if they are there: stopping must not make them.
bin_of() {
    find "$WORK/postgres/$(tree_of_cluster "$1")" -type f -name pg_ctl -printf '%h' 2>/dev/null || true
}

command=${1:-}
name=${2:-test}
case $name in test | demo | bench | all) ;; *) die "no such cluster: $name (test, demo, bench)" ;; esac
BIN=$(bin_of "$name")

case $command in
    start)
        BIN=$(private_postgres "$(tree_of_cluster "$name")")
        start "$name"
        ;;
    stop) if [ "$name" = all ]; then stop_all; elif [ -n "$BIN" ]; then stop "$name"; fi ;;
    status) status ;;
    env) print_env "$name" ;;
    psql)
        shift $(($# < 2 ? $# : 2))
        eval "$(print_env "$name")"
        exec "$BIN/psql" "$@"
        ;;
    destroy)
        stop_all
        rm -rf "$PRIVATE"
        ;;
    *) die "usage: cluster.sh start|stop|status|env|psql|destroy [test|demo|bench]" ;;
esac
