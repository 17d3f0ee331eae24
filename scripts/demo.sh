#!/usr/bin/env bash
# Makes the databases clinic_demo, clinic_demo_roster and clinic_demo_rounds anew, in the private server "demo",
# and shows in them what the extension does. `make psql` looks around in the first afterward.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

"$ROOT/scripts/cluster.sh" start demo
eval "$("$ROOT/scripts/cluster.sh" env demo)"
export PSQL_PAGER=''
psql() { "$PG_BINDIR/psql" --no-psqlrc --set ON_ERROR_STOP=1 "$@"; }

# show DATABASE DATA PICTURE: the data quietly, then what there is to see.
show() {
    PGOPTIONS='--client-min-messages=warning' psql --quiet \
        --command "drop database if exists $1 with (force)" --command "create database $1"
    psql --quiet --dbname "$1" --file "$2"
    psql --dbname "$1" --file "$3"
}
show clinic_demo demo/clinic.sql demo/show.sql
show clinic_demo_roster demo/roster.sql demo/show_roster.sql
show clinic_demo_rounds demo/rounds.sql demo/show_rounds.sql
