#!/usr/bin/env bash
# The golden tests against a server that runs already and has the extension
# installed: the one that PGHOST, PGPORT and PGUSER say, as with PGXS.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

config=$(system_pg_config)
out=$WORK/results/installcheck
# pg_regress makes no directories for what the tests in folders print.
find tests/regress/sql -type d -printf "$out/results/%P\0" | xargs -0 mkdir -p
"$(dirname "$("$config" --pgxs)")/../test/regress/pg_regress" --bindir "$("$config" --bindir)" \
    --inputdir tests/regress --outputdir "$out" --dbname contrib_regression --schedule tests/regress/schedule || {
    cat "$out/regression.diffs" 2>/dev/null
    exit 1
}
