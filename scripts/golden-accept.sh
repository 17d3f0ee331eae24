#!/usr/bin/env bash
# Takes what the last runs of the golden tests and isolation specs printed as what
# is expected from now on. Look at `git diff` afterwards.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

accept() {
    local results=$WORK/results/$1/results expected=$2/expected file name
    for file in "$results"/*.out; do
        [ -e "$file" ] || continue
        name=$(basename "$file")
        # A test that is gone leaves its last result behind.
        [ -e "$2/${3}s/${name%.out}.$3" ] || [ -e "$2/$3/${name%.out}.$3" ] || continue
        if cmp -s "$file" "$expected/$name"; then continue; fi
        cp "$file" "$expected/$name"
        echo "accepted $expected/$name"
    done
}

accept golden tests/regress sql
accept isolation tests/isolation spec
