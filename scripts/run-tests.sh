#!/usr/bin/env bash
# Runs test suites and adds up what they report.
#
#   run-tests.sh [SUITE …]     lint core solver pgrx golden isolation system; all but lint by default
#   TESTS="name …"             only these: golden tests and isolation specs by name,
#                              Rust tests by a part of theirs
#
# Ends with a table, and as the very last line "N passed, N failed". Fails when
# anything failed, or nothing ran.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

TESTS=${TESTS:-}
LOGS=$WORK/log
RESULTS=$WORK/results

# --- the suites: each prints what its runner prints and fails as it fails -------

suite_lint() { "$ROOT/scripts/lint.sh"; }

# The tests of a package that needs no server.
run_pure_tests() {
    local package=$1
    # shellcheck disable=SC2086 # words are wanted
    if cargo nextest --version >/dev/null 2>&1; then
        cargo nextest run -p "$package" --no-fail-fast --no-tests=pass $TESTS
    else
        cargo test -p "$package" --lib --tests --no-fail-fast -- $TESTS
    fi
}

suite_core() {
    run_pure_tests pg_clinic_core
    # The examples in the documentation are tests too, which nextest doesn't run.
    # shellcheck disable=SC2086 # words are wanted
    cargo test -p pg_clinic_core --doc -- $TESTS
}

# The first time, HiGHS is compiled: some minutes.
suite_solver() { run_pure_tests pg_clinic_solver; }

# #[pg_test] functions: pgrx installs a test build and starts a server of its own.
suite_pgrx() {
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

# What PostgreSQL's own regression programs need to test a running server.
regress_options() {
    local out=$RESULTS/$1
    mkdir -p "$out"
    rm -f "$out/regression.diffs"
    OPTIONS=(--bindir "$PG_BINDIR" --host "$PGHOST" --port "$PGPORT" --user "$PGUSER" --outputdir "$out")
}

# The names of a directory's tests, as PostgreSQL's programs want them: slots/find_basics.
test_names() {
    local directory=$1 kind=$2
    if [ -d "$directory/${kind}s" ]; then directory+=/${kind}s; else directory+=/$kind; fi
    find "$directory" -name "*.$kind" -printf '%P\n' | sed "s/\.$kind\$//" | sort
}

# Without an expected file the programs stop at once; with an empty one they show
# what a new test printed. They make no directory for what a test in a folder prints.
prepare_files() {
    local directory=$1 kind=$2 name
    for name in $(test_names "$directory" "$kind"); do
        mkdir -p "$(dirname "$directory/expected/$name")" "$(dirname "$RESULTS/$3/results/$name")"
        [ -e "$directory/expected/$name.out" ] || : >"$directory/expected/$name.out"
    done
}

# A test that no schedule names would never run, and nobody would notice.
require_schedule() {
    if [ -n "$TESTS" ]; then return; fi
    local directory=$1 kind=$2 name missing=
    for name in $(test_names "$directory" "$kind"); do
        grep -Eq "^test:(.* )? *$name( |\$)" "$directory/schedule" || missing+=" $name"
    done
    [ -z "$missing" ] || die "not in $directory/schedule:$missing"
}

# Those that $TESTS names: find_basics, slots/find_basics, or slots/ for all of slots.
chosen_tests() {
    local directory=$1 kind=$2 word
    for word in $TESTS; do
        case $word in */) word="^$word" ;; *) word="(^|/)$word\$" ;; esac
        test_names "$directory" "$kind" | grep -E "$word" ||
            die "no test in $directory fits $word"
    done
}

# run_regress PROGRAM SUITE DIRECTORY KIND: with the tests named in $TESTS, else the schedule's.
run_regress() {
    local program=$1 suite=$2 directory=$3 tests=(--schedule "$3/schedule") chosen
    if [ -n "$TESTS" ]; then
        chosen=$(chosen_tests "$directory" "$4")
        # shellcheck disable=SC2206 # words are wanted
        tests=($chosen)
    fi
    # Golden tests find what the first of them makes.
    if [ -n "$TESTS" ] && [ "$suite" = golden ]; then tests=(setup "${tests[@]}"); fi
    "$program" "${OPTIONS[@]}" --inputdir "$directory" "${tests[@]}" || {
        cat "$RESULTS/$suite/regression.diffs" 2>/dev/null
        return 1
    }
}

pgxs_test_directory() { echo "$(dirname "$("$PG_BINDIR/pg_config" --pgxs)")/../test"; }

suite_golden() {
    regress_options golden
    prepare_files tests/regress sql golden
    OPTIONS+=(--dbname pg_clinic_golden)
    run_regress "$(pgxs_test_directory)/regress/pg_regress" golden tests/regress sql
    require_schedule tests/regress sql
}

suite_isolation() {
    regress_options isolation
    prepare_files tests/isolation spec isolation
    OPTIONS+=(--dbname pg_clinic_isolation --load-extension btree_gist --load-extension pg_clinic)
    run_regress "$(pgxs_test_directory)/isolation/pg_isolation_regress" isolation tests/isolation spec
    require_schedule tests/isolation spec
}

suite_system() {
    # shellcheck disable=SC2086 # words are wanted
    cargo test -p pg_clinic_system_tests --no-fail-fast -- $TESTS
}

# Not tests, but what the last three stand on.
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

# Reads a suite's log, prints "passed failed". It knows the last words of
# cargo test, nextest, and pg_regress (PostgreSQL 15's and, from 16, TAP).
count() {
    awk '
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
        END { print passed + 0, failed + 0 }
    ' "$1"
}

TABLE=
ALL_PASSED=0
ALL_FAILED=0
SUITE_FAILED=0

# Runs one suite, shows and keeps what it prints, and adds a line to the table.
# Never call it where bash looks at its status (`||`, `if`): that would switch off
# `set -e` in the suite as well.
run_suite() {
    local suite=$1 log=$LOGS/$1.log started=$SECONDS status passed failed
    say "$suite"
    # A subshell, so that `set -e` holds in it although its failure is caught here;
    # without the lock's descriptor, so that no server keeps the lock.
    set +e
    (
        set -e
        "suite_$suite"
    ) 9>&- 2>&1 | tee "$log"
    status=${PIPESTATUS[0]}
    set -e
    read -r passed failed <<<"$(count "$log")"
    # What dies before it can report a failure is a failure.
    if [ "$status" != 0 ] && [ "$failed" = 0 ]; then failed=1; fi
    # So is a suite that found no tests, unless it has none or was asked for some by name.
    case $suite in lint | install) ;; *)
        if [ -z "$TESTS" ] && [ $((passed + failed)) = 0 ]; then
            echo "$suite: no tests ran"
            failed=1
        fi
        ;;
    esac
    ALL_PASSED=$((ALL_PASSED + passed))
    ALL_FAILED=$((ALL_FAILED + failed))
    TABLE+=$(printf '%-10s %5d passed %5d failed %5d s' "$suite" "$passed" "$failed" $((SECONDS - started)))$'\n'
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
    for suite in "$@"; do
        case $suite in
            lint | core | solver) ;;
            pgrx) take_lock ;;
            golden | isolation | system)
                take_lock
                need_server
                # Without it there is nothing to test; its failure counts already.
                if [ "$INSTALLED" != yes ]; then continue; fi
                ;;
            *) die "no such suite: $suite (lint core solver pgrx golden isolation system)" ;;
        esac
        run_suite "$suite"
    done
    printf '\n%s' "$TABLE"
    echo "$ALL_PASSED passed, $ALL_FAILED failed"
    [ "$ALL_FAILED" = 0 ] && [ "$ALL_PASSED" -gt 0 ]
}

if [ $# = 0 ]; then set -- core solver pgrx golden isolation system; fi
main "$@"
