#!/usr/bin/env bash
# accept-shipped.sh: writes sql/shipped/clinic.tsv, what check_clinic() compares a clinic with, from a clinic just made by
# sql/schema and sql/functions; docs/reference.md, and the way there from the newest release. Read `git diff`, then build again: the library
# contains both.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

database=pg_clinic_shipped
eval "$(scripts/cluster.sh env test)"
ask() { as_server env PGHOST="$PGHOST" PGUSER="$PGUSER" PGDATABASE="$1" "$PG_BINDIR/psql" -XqAt -v ON_ERROR_STOP=1; }

ask postgres <<SQL
set client_min_messages = warning;
drop database if exists $database;
create database $database template template0 encoding 'UTF8';
SQL
# The schema of the extension is called as the placeholder for it, which so stands wherever a definition names it.
ask "$database" >/dev/null <<'SQL'
set client_min_messages = warning;
create extension btree_gist;
create schema "@extschema@";
create extension pg_clinic schema "@extschema@";
select "@extschema@".init_clinic('Shipped', 'UTC');
SQL
{
    # What src/pg/platform/shipped.rs pins.
    echo "set search_path = pg_catalog, pg_temp; set timezone = 'UTC'; set datestyle = 'ISO'; set intervalstyle = 'postgres';"
    printf '\\pset fieldsep \047\\t\047\n'
    echo "select kind, object, definition, comment from ("
    sed 's/[$]1/null::text/g' sql/shipped/catalog.sql
    echo ") as catalog;"
} | ask "$database" >sql/shipped/clinic.tsv.new
mv sql/shipped/clinic.tsv.new sql/shipped/clinic.tsv
{
    echo 'create temp table glossary (name text, meaning text); copy glossary from stdin;'
    sed '1,/^## Names/d' GLOSSARY.md | sed -n 's/^- \*\*\([a-z0-9_]*\)\*\*: \(.*\)$/\1\t\2/p'
    printf '\\.\n'
    cat sql/shipped/reference.sql
    echo ';'
} | ask "$database" >docs/reference.md.new
mv docs/reference.md.new docs/reference.md
"$ROOT/scripts/accept-upgrade.sh" "$database"
echo "drop database $database" | ask postgres
git diff --stat -- sql/shipped docs/reference.md
