#!/usr/bin/env bash
# Runs test suites and adds up what they report.
#
#   run-tests.sh [SUITE …]     lint core solver pgrx regress isolation system torture clients package; all but lint by default
#   TESTS="name …"             only these: those of regress and isolation by name or folder/,
#                              those of system by their file (names) or a part of their name,
#                              other Rust tests by a part of their name; of torture, cases by a part of their title
#
# Ends with a table, and as the very last line "N passed, N failed, N skipped"; both are kept in $WORK/log/summary.
# Fails when anything failed, or nothing ran.
#
# What can't run here isn't passed: it prints "skipped: NAME: REASON" and is counted as skipped.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"
# shellcheck source-path=SCRIPTDIR source=regress.sh
source "$(dirname "$0")/regress.sh"
# shellcheck source-path=SCRIPTDIR source=staging.sh
source "$(dirname "$0")/staging.sh"

TESTS=${TESTS:-}
LOGS=$WORK/log
RESULTS=$WORK/results
SUITES="core solver pgrx regress isolation system torture clients package"

# --- the suites: each prints what its runner prints and fails as it fails -------

suite_lint() { "$ROOT/scripts/lint.sh"; }

# The tests of a package that needs no server. Their random cases are the same each time, so that what is green here is
# green there; who asks for a number of cases asks for others than these.
run_pure_tests() {
    local package=$1
    if [ -z "${PROPTEST_CASES:-}" ]; then
        export PROPTEST_RNG_SEED=${PROPTEST_RNG_SEED:-20261128}
    fi
    # shellcheck disable=SC2086 # words are wanted
    if cargo nextest --version >/dev/null 2>&1; then
        cargo nextest run -p "$package" --no-fail-fast --no-tests=pass $TESTS
    else
        cargo test -p "$package" --lib --tests --no-fail-fast -- $TESTS
    fi
}

suite_core() {
    run_pure_tests pg_clinic_core
    run_pure_tests pg_clinic_memory
    # The examples in the documentation are tests too, which nextest doesn't run.
    # shellcheck disable=SC2086 # words are wanted
    cargo test -p pg_clinic_core --doc -- $TESTS
}

# The first time, HiGHS is compiled: some minutes.
suite_solver() { run_pure_tests pg_clinic_solver; }

# #[pg_test] functions: pgrx installs a test build and starts a server of its own.
suite_pgrx() { with_build_lock run_pgrx_tests; }

run_pgrx_tests() {
    local bin pgdata=$WORK/pgrx-data
    bin=$(private_postgres pgrx)
    # Compile with pgrx's usual configuration: with another one it compiles anew.
    cargo test -p pg_clinic --no-default-features --features "pg$PG_MAJOR pg_test" --no-run
    mkdir -p "$WORK/pgrx-home"
    printf '[configs]\npg%s = "%s"\n' "$PG_MAJOR" "$bin/pg_config" >"$WORK/pgrx-home/config.toml"
    server_directory "$pgdata"
    if is_root; then export CARGO_PGRX_TEST_RUNAS=$SERVER_USER; fi
    USER=$(id -un) PGRX_HOME=$WORK/pgrx-home CARGO_PGRX_TEST_PGDATA=$pgdata \
        cargo pgrx test "pg$PG_MAJOR" --package pg_clinic "${TESTS%% *}"
}

# run_regress PROGRAM SUITE DIRECTORY KIND OPTION …: with the tests named in $TESTS, else the schedule's.
run_regress() {
    local program=$1 suite=$2 directory=$3 kind=$4 out=$RESULTS/$2 tests chosen
    shift 4
    prepare_files "$directory" "$kind" "$out"
    if [ -n "$TESTS" ]; then
        chosen=$(chosen_tests "$directory" "$kind" | runnable_names "$directory" "$kind")
        # shellcheck disable=SC2206 # words are wanted
        tests=($chosen)
        # Those of tests/regress find what the first of them makes.
        if [ "$suite" = regress ]; then tests=(setup "${tests[@]}"); fi
    else
        require_schedule "$directory" "$kind"
        write_schedule "$directory" "$kind" "$out"
        tests=(--schedule "$out/schedule")
    fi
    "$program" --bindir "$PG_BINDIR" --host "$PGHOST" --port "$PGPORT" --user "$PGUSER" \
        --inputdir "$directory" --outputdir "$out" "$@" "${tests[@]}" || {
        cat "$out/regression.diffs" 2>/dev/null
        return 1
    }
}

pgxs_test_directory() { echo "$(dirname "$("$PG_BINDIR/pg_config" --pgxs)")/../test"; }

suite_regress() {
    run_regress "$(pgxs_test_directory)/regress/pg_regress" regress tests/regress sql --dbname pg_clinic_regress
}

suite_isolation() {
    run_regress "$(pgxs_test_directory)/isolation/pg_isolation_regress" isolation tests/isolation spec \
        --dbname pg_clinic_isolation --load-extension btree_gist --load-extension pg_clinic
}

# Words of $TESTS that are files of tests/system/tests run those files, the others are parts of tests' names.
suite_system() {
    local word files=() names=() status=0
    for word in $TESTS; do
        if [ -e "tests/system/tests/$word.rs" ] || [ -e "tests/system/tests/$word/main.rs" ]; then
            files+=(--test "$word")
        else
            names+=("$word")
        fi
    done
    # The second run is wanted even where the first fails.
    if [ "${#files[@]}" -gt 0 ]; then run_system_tests "${files[@]}" || status=1; fi
    if [ "${#names[@]}" -gt 0 ] || [ "${#files[@]}" = 0 ]; then run_system_tests -- "${names[@]}" || status=1; fi
    return "$status"
}

run_system_tests() { cargo test -p pg_clinic_system_tests --no-fail-fast "$@"; }

# The fault run, and the cases of tests/torture/README.md; with $TESTS only the cases whose titles have one of the words.
suite_torture() {
    # shellcheck disable=SC2086 # words are wanted
    if [ -n "$TESTS" ]; then
        cargo test -p pg_clinic_torture --test cases -- $TESTS
    else
        cargo test -p pg_clinic_torture --no-fail-fast
    fi
}

# Drivers of other languages; it reports as its last line "clients: N passed, N failed, N skipped".
suite_clients() { "$ROOT/tests/clients/run.sh"; }

# What users install; the same last line, "package: …". $TESTS names tests of it.
# shellcheck disable=SC2086 # words are wanted
suite_package() { "$ROOT/tests/package/run.sh" $TESTS; }

# Not tests, but what the last four stand on.
suite_install() {
    install_privately test
    "$ROOT/scripts/cluster.sh" start test
}

# --- what they share -------------------------------------------------------------

LOCKED=
# One run per checkout at a time: two would drop each other's databases, or
# replace the library under each other.
take_lock() {
    if [ -n "$LOCKED" ] || ! have flock; then return; fi
    exec 9>"$WORK/lock"
    flock -n 9 || {
        say "waiting for another run of the tests in this checkout"
        flock 9
    }
    LOCKED=yes
}

# Reads a suite's log, prints "passed failed skipped". It knows the last words of cargo test, nextest, pg_regress
# (PostgreSQL 15's and, from 16, TAP), tests/clients and tests/package.
count() {
    awk -v suite="$2" '
        # Rust has no word for a skipped test: it is among those that passed.
        /^skipped: / {
            skipped++
            if (suite ~ /^(core|solver|pgrx|system)$/) passed--
        }
        /^(clients|package): [0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ {
            passed += $2
            failed += $4
            skipped = $6
        }
        /^test result: / {
            for (i = 1; i < NF; i++) {
                if ($(i + 1) ~ /^passed/) passed += $i
                if ($(i + 1) ~ /^failed/) failed += $i
            }
        }
        /^ *Summary \[.*tests? run:/ {
            sub(/.*tests? run:/, "")
            n = split($0, parts, ",")
            for (i = 1; i <= n; i++) {
                split(parts[i], words, " ")
                if (words[2] == "passed") passed += words[1]
                if (words[2] == "failed" || words[2] == "timed") failed += words[1]
            }
        }
        /^(#)? ?All [0-9]+ tests? passed/ {
            sub(/^#? ?All /, "")
            passed += $1
        }
        /^(#)? ?[0-9]+ of [0-9]+ tests? failed/ {
            sub(/^#? ?/, "")
            failed += $1
            passed += $3 - $1
        }
        END { print passed + 0, failed + 0, skipped + 0 }
    ' "$1"
}

TABLE=
ALL_PASSED=0
ALL_FAILED=0
ALL_SKIPPED=0
SUITE_FAILED=0

# Runs one suite, shows and keeps what it prints, and adds a line to the table.
# Never call it where bash looks at its status (`||`, `if`): that would switch off
# `set -e` in the suite as well.
run_suite() {
    local suite=$1 log=$LOGS/$1.log started=$SECONDS status passed failed skipped
    say "$suite (PostgreSQL $PG_MAJOR)"
    # A subshell, so that `set -e` holds in it although its failure is caught here;
    # without the lock's descriptor, so that no server keeps the lock.
    set +e
    (
        set -e
        "suite_$suite"
    ) 9>&- 2>&1 | tee "$log"
    status=${PIPESTATUS[0]}
    set -e
    read -r passed failed skipped <<<"$(count "$log" "$suite")"
    # What dies before it can report a failure is a failure.
    if [ "$status" != 0 ] && [ "$failed" = 0 ]; then failed=1; fi
    # So is a suite that found no tests, unless it has none or was asked for some by name.
    case $suite in lint | install) ;; *)
        if [ -z "$TESTS" ] && [ $((passed + failed + skipped)) = 0 ]; then
            echo "$suite: no tests ran"
            failed=1
        fi
        ;;
    esac
    ALL_PASSED=$((ALL_PASSED + passed))
    ALL_FAILED=$((ALL_FAILED + failed))
    ALL_SKIPPED=$((ALL_SKIPPED + skipped))
    TABLE+=$(printf '%s %-10s %5d passed %5d failed %5d skipped %5d s' "$PG_MAJOR" "$suite" \
        "$passed" "$failed" "$skipped" $((SECONDS - started)))$'\n'
    # The reasons stand below their suite.
    TABLE+=$(sed -n "s/^skipped: /               skipped: /p" "$log")
    TABLE=${TABLE%$'\n'}$'\n'
    SUITE_FAILED=$failed
}

INSTALLED=
need_server() {
    if [ -n "$INSTALLED" ]; then return; fi
    run_suite install
    INSTALLED=no
    if [ "$SUITE_FAILED" = 0 ]; then
        eval "$("$ROOT/scripts/cluster.sh" env test)"
        INSTALLED=yes
    fi
}

main() {
    local suite
    mkdir -p "$LOGS"
    rm -f "$LOGS/summary"
    for suite in "$@"; do
        case $suite in
            lint | core | solver) ;;
            pgrx | package) take_lock ;;
            regress | isolation | system | torture | clients)
                take_lock
                need_server
                # Without it there is nothing to test; its failure counts already.
                if [ "$INSTALLED" != yes ]; then continue; fi
                ;;
            *) die "no such suite: $suite (lint $SUITES)" ;;
        esac
        run_suite "$suite"
    done
    printf '%s' "$TABLE$ALL_PASSED passed, $ALL_FAILED failed, $ALL_SKIPPED skipped"$'\n' >"$LOGS/summary"
    echo
    cat "$LOGS/summary"
    [ "$ALL_FAILED" = 0 ] && [ "$ALL_PASSED" -gt 0 ]
}

# shellcheck disable=SC2086 # words are wanted
if [ $# = 0 ]; then set -- $SUITES; fi
main "$@"
