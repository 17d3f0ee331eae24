#!/usr/bin/env bash
# accept.sh regress|isolation
# Takes what the last run of one suite printed as what is expected from now on. Read
# it (`git diff`): an expectation that nobody read is worth nothing.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"
# shellcheck source-path=SCRIPTDIR source=regress.sh
source "$(dirname "$0")/regress.sh"

# Tests that are gone leave their last result behind: only those that there are.
accept() {
    local results=$WORK/results/$1/results expected=$2/expected name
    for name in $(test_names "$2" "$3"); do
        if ! [ -e "$results/$name.out" ] || cmp -s "$results/$name.out" "$expected/$name.out"; then continue; fi
        cp "$results/$name.out" "$expected/$name.out"
        echo "accepted $expected/$name.out"
    done
}

case ${1:-} in
    regress) accept regress tests/regress sql ;;
    isolation) accept isolation tests/isolation spec ;;
    *) die "usage: accept.sh regress|isolation" ;;
esac
