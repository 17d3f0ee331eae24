#!/usr/bin/env bash
# freeze.sh: keeps what the version of Cargo.toml is, once it is released, in sql/upgrade/released/VERSION: the install script,
# and databases of that version's own making, which the tests upgrade ever after. Nothing of it is changed again; the check
# is `sha256sum --check` in `make lint`. To be run on a build of exactly what is released; then give Cargo.toml the next version.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

RELEASED=$ROOT/sql/upgrade/released
VERSION=$(sed -n '/^\[workspace.package\]/,/^$/s/^version = "\(.*\)"/\1/p' Cargo.toml)
TO=$RELEASED/$VERSION
[ ! -e "$TO" ] || die "$VERSION is frozen already"
eval "$("$ROOT/scripts/cluster.sh" env test)"
export PGOPTIONS='--client-min-messages=warning'
run() { as_server env PGHOST="$PGHOST" PGUSER="$PGUSER" PGOPTIONS="$PGOPTIONS" "$PG_BINDIR/$1" "${@:2}"; }

# keep NAME: the database that the SQL read makes, as pg_dump writes it. Lines that only new minor versions of psql know are left out.
keep() {
    local database=pg_clinic_freeze
    run psql -Xq -d postgres -c "drop database if exists $database" -c "create database $database"
    run psql -Xq -v ON_ERROR_STOP=1 -d "$database" >/dev/null
    run pg_dump --no-owner -d "$database" | grep -vE '^\\(un)?restrict ' | gzip -9n >"$TO/$1.sql.gz"
    run psql -Xq -d postgres -c "drop database $database"
}

mkdir -p "$TO"
cp "$("$PG_BINDIR/pg_config" --sharedir)/extension/pg_clinic--$VERSION.sql" "$TO"
keep demo <demo/clinic.sql
{
    echo 'create extension pg_clinic cascade;'
    sed 's/@size@/1/g' tests/system/busy/clinic.sql
} | keep busy
cd "$RELEASED"
sha256sum "$VERSION"/* >>SHA256SUMS
# And the way to it.
for file in ../steps/*.sql ../pg_clinic--*--*.sql; do
    if [ -e "$file" ] && ! grep -q " $file\$" SHA256SUMS; then sha256sum "$file" >>SHA256SUMS; fi
done
say "$VERSION is frozen in sql/upgrade/released/$VERSION"
