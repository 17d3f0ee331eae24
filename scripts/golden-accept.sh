#!/usr/bin/env bash
# golden-accept.sh golden|isolation
# Takes what the last run of one suite printed as what is expected from now on. Read
# it (`git diff`): an expectation that nobody read is worth nothing.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

accept() {
    local results=$WORK/results/$1/results expected=$2/expected file name
    while read -r file; do
        name=${file#"$results"/}
        # A test that is gone leaves its last result behind.
        [ -e "$2/${3}s/${name%.out}.$3" ] || [ -e "$2/$3/${name%.out}.$3" ] || continue
        if cmp -s "$file" "$expected/$name"; then continue; fi
        cp "$file" "$expected/$name"
        echo "accepted $expected/$name"
    done < <(find "$results" -name '*.out')
}

case ${1:-} in
    golden) accept golden tests/regress sql ;;
    isolation) accept isolation tests/isolation spec ;;
    *) die "usage: golden-accept.sh golden|isolation" ;;
esac
