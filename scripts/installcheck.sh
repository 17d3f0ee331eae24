#!/usr/bin/env bash
# The tests of tests/regress against a server that runs already and has the extension
# installed: the one that PGHOST, PGPORT and PGUSER say, as with PGXS.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"
# shellcheck source-path=SCRIPTDIR source=regress.sh
source "$(dirname "$0")/regress.sh"

config=$(system_pg_config)
out=$WORK/results/installcheck
prepare_files tests/regress sql "$out"
write_schedule tests/regress sql "$out"
"$(dirname "$("$config" --pgxs)")/../test/regress/pg_regress" --bindir "$("$config" --bindir)" \
    --inputdir tests/regress --outputdir "$out" --dbname contrib_regression \
    --schedule "$out/schedule" || {
    cat "$out/regression.diffs" 2>/dev/null
    exit 1
}
