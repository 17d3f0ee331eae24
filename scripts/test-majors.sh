#!/usr/bin/env bash
# Runs the tests on every PostgreSQL that pg_clinic supports and adds up what they report.
#
#   test-majors.sh         every suite on each
#   test-majors.sh ci      what CI runs: 15 everything, 16 to 18 what depends on the server, and of those system and torture on 18 only,
#                          since the oldest and the newest differ most
#
# No code depends on the major version, so lint, core and solver run once; drivers of other languages talk to 15 only, and CI
# makes the packages of 15 only.
# The very last line is "N passed, N failed, N skipped". A PostgreSQL that can't be had here is skipped, suite by suite.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"
# They are of one major version.
unset PG_CONFIG TESTS

FIRST=15
case ${1:-} in
    '') OF_EACH="pgrx regress isolation system torture package" OF_NEWEST='' ;;
    ci) OF_EACH="pgrx regress isolation" OF_NEWEST=" system torture" ;;
    *) die "usage: test-majors.sh [ci]" ;;
esac

suites_of() {
    case $1 in
        "$FIRST") echo lint core solver pgrx regress isolation system torture clients package ;;
        18) echo "$OF_EACH$OF_NEWEST" ;;
        *) echo "$OF_EACH" ;;
    esac
}

summary_of() { echo "$PRIVATE/$1/log/summary"; }

# Runs a major version's suites; what they print goes to the caller's output.
run_major() {
    local major=$1 status=0
    rm -f "$(summary_of "$major")"
    # shellcheck disable=SC2046 # words are wanted
    PG_MAJOR=$major "$ROOT/scripts/run-tests.sh" $(suites_of "$major") || status=$?
    return "$status"
}

TABLE=
PASSED=0
FAILED=0
SKIPPED=0

# count_major MAJOR STATUS: adds what a run reported and keeps its table.
count_major() {
    local major=$1 status=$2 summary passed=0 failed=0 skipped=0
    summary=$(summary_of "$major")
    if [ -e "$summary" ]; then
        read -r passed _ failed _ skipped _ < <(tail -n 1 "$summary" | tr -d ',')
        TABLE+=$(sed '$d' "$summary")$'\n'
    fi
    # What ends otherwise than its summary says, or without one, is a failure.
    if [ "$failed" = 0 ] && { [ "$status" != 0 ] || ! [ -e "$summary" ]; }; then
        failed=1
        TABLE+="$major ended with status $status: 1 failed"$'\n'
    fi
    PASSED=$((PASSED + passed)) FAILED=$((FAILED + failed)) SKIPPED=$((SKIPPED + skipped))
}

# skip_major MAJOR REASON
skip_major() {
    local suite
    for suite in $(suites_of "$1"); do
        TABLE+=$(printf '%s %-10s %5d passed %5d failed %5d skipped' "$1" "$suite" 0 0 1)$'\n'
        SKIPPED=$((SKIPPED + 1))
    done
    TABLE+="               skipped: PostgreSQL $1: $2"$'\n'
}

# fail_major MAJOR REASON
fail_major() {
    TABLE+="$1 failed: $2"$'\n'
    FAILED=$((FAILED + 1))
}

# The major versions beside the first that are ready to be tested.
READY=()
# Asks for each by itself what the setup of all went on without.
find_ready() {
    local major status log=$PRIVATE/setup.log
    for major in $MAJORS; do
        if [ "$major" = "$FIRST" ]; then continue; fi
        status=0
        PG_MAJOR=$major "$ROOT/scripts/setup.sh" >"$log" 2>&1 || status=$?
        case $status in
            0) READY+=("$major") ;;
            "$CANNOT_RUN") skip_major "$major" "$(tail -n 1 "$log")" ;;
            *) fail_major "$major" "$(tail -n 1 "$log")" ;;
        esac
    done
}

# The others at the same time: isolation mostly waits, and builds queue for each other (with_build_lock).
run_others() {
    local major index status pids=()
    say "PostgreSQL ${READY[*]} at the same time; what they print follows"
    for major in "${READY[@]}"; do
        mkdir -p "$PRIVATE/$major/log"
        run_major "$major" >"$PRIVATE/$major/log/all.log" 2>&1 &
        pids+=("$!")
    done
    for index in "${!READY[@]}"; do
        major=${READY[$index]} status=0
        wait "${pids[$index]}" || status=$?
        cat "$PRIVATE/$major/log/all.log"
        count_major "$major" "$status"
    done
}

main() {
    local status=0 others
    run_major "$FIRST" || status=$?
    count_major "$FIRST" "$status"
    others=$SECONDS
    find_ready
    if [ ${#READY[@]} != 0 ]; then run_others; fi
    printf '\n%s' "$TABLE"
    echo "the other major versions took $((SECONDS - others)) s"
    echo "$PASSED passed, $FAILED failed, $SKIPPED skipped"
    [ "$FAILED" = 0 ] && [ "$PASSED" -gt 0 ]
}
main
