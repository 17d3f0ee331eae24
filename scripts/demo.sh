#!/usr/bin/env bash
# Makes the database clinic_demo anew, in the private server "demo", and shows in it
# what the extension does. `make psql` looks around in it afterwards.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

"$ROOT/scripts/cluster.sh" start demo
eval "$("$ROOT/scripts/cluster.sh" env demo)"
export PSQL_PAGER=''
psql() { "$PG_BINDIR/psql" --no-psqlrc --set ON_ERROR_STOP=1 "$@"; }

PGOPTIONS='--client-min-messages=warning' psql --quiet --command 'drop database if exists clinic_demo with (force)' --command 'create database clinic_demo'
export PGDATABASE=clinic_demo
# The data quietly, then what there is to see.
psql --quiet --file demo/clinic.sql
psql --file demo/show.sql
