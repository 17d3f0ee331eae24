#!/usr/bin/env bash
# Measures the installed release build on the private server "bench", which keeps PostgreSQL's durable defaults, and
# prints one table: find_slots against an expert's plain SQL and against the bare reads, growth with history, bookings
# a second. A timing never makes it fail; contenders whose answers differ do.
#
#   bench.sh         some minutes; the longest part is loading a million bookings
#   BIG=1 bench.sh   ten million as well: the better part of an hour and 10 GB of disk
#   QUICK=1 bench.sh no million, short runs: to see that it works, not how fast
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

BIG=${BIG:-}
QUICK=${QUICK:-}
# Databases: the clinics as they are, and copies with so many bookings of history.
HISTORIES=(1e4 1e6)
ROUNDS=10           # visits of each database, in turns
REPETITIONS=11      # of a quick question, each visit
SLOW_REPETITIONS=8  # of case 2, every third visit
RUNS=9              # of pgbench for each figure
RUN_SECONDS=1
if [ -n "$BIG" ]; then HISTORIES+=(1e7); fi
if [ -n "$QUICK" ]; then HISTORIES=(1e4) ROUNDS=1 SLOW_REPETITIONS=3 RUNS=1; fi

"$ROOT/scripts/cluster.sh" start bench
eval "$("$ROOT/scripts/cluster.sh" env bench)"
# An expert switches just-in-time compilation off for queries this short.
export PGOPTIONS='-c jit=off -c client_min_messages=warning' PSQL_PAGER=''

BASE=clinic_bench
psql() { "$PG_BINDIR/psql" --no-psqlrc --quiet --set ON_ERROR_STOP=1 "$@"; }
ask() { psql --no-align --tuples-only --field-separator ' ' --command "$2" "$1"; }
history_database() { echo "${BASE}_$1"; }

# drop_databases PATTERN
drop_databases() {
    local database
    for database in $(ask postgres "select datname from pg_database where datname ~ '$1'"); do
        psql --command "drop database $database with (force)" postgres
    done
}

make_base() {
    psql --command "create database $BASE" postgres
    psql --command 'create extension pg_clinic cascade' "$BASE"
    psql --file bench/clinics.sql --file bench/expert.sql --file bench/floor.sql --file bench/measure.sql "$BASE"
    psql "$BASE" <<'SQL'
insert into bench.question (name, clinic_id, from_date, to_date, max_results)
select 'day', clinic_id, current_date + 7, current_date + 7, null from bench.clinic where providers = 5
union all
select 'month', clinic_id, current_date + 1, current_date + 30, 20 from bench.clinic where providers = 50;
SQL
}

# add_history DATABASE CLINIC BOOKINGS: as many bookings before today. Two sessions share the dates and the work.
add_history() {
    local database=$1 clinic=$2 days half first second
    # The clinic books 90 places a day.
    days=$(($3 / 90 + 1)) half=$(($3 / 180))
    psql --command "call bench.book($clinic, current_date - $days, current_date - $half - 1)" "$database" &
    first=$!
    psql --command "call bench.book($clinic, current_date - $half, current_date - 1)" "$database" &
    second=$!
    wait "$first" && wait "$second"
}

make_histories() {
    local history database small tenant
    small=$(ask "$BASE" 'select clinic_id from bench.clinic where providers = 5')
    for history in "${HISTORIES[@]}"; do
        database=$(history_database "$history")
        say "loading a history of $history bookings"
        psql --command "create database $database template $BASE" postgres
        case $history in
            1e4) add_history "$database" "$small" 10000 ;;
            1e6) add_history "$database" "$small" 1000000 ;;
            # Three hundred years of one clinic are no clinic: the rest belongs to nine others.
            1e7)
                add_history "$database" "$small" 1000000
                for tenant in {1..9}; do
                    tenant=$(ask "$database" "select bench.add_clinic('tenant $tenant', 5, 8, 1, 36, '08:00', 6, 3)")
                    add_history "$database" "$tenant" 1000000
                done
                ;;
        esac
        psql --command 'vacuum (analyze)' "$database"
    done
}

check_answers() {
    local history
    psql --command "call bench.check('day')" --command "call bench.check('month')" "$BASE"
    for history in "${HISTORIES[@]}"; do
        psql --command "call bench.check('day')" "$(history_database "$history")"
    done
}

# Databases in turns: what else the machine does then hits all of them alike.
measure_questions() {
    local round history database
    for ((round = 1; round <= ROUNDS; round++)); do
        psql --command "call bench.measure('base', 'day', $REPETITIONS)" "$BASE"
        for history in "${HISTORIES[@]}"; do
            database=$(history_database "$history")
            psql --command "call bench.measure('$history', 'day', $REPETITIONS)" "$database"
        done
        if ((round % 3 == 1)); then
            psql --command "call bench.measure('base', 'month', $SLOW_REPETITIONS)" "$BASE"
        fi
    done
    for history in "${HISTORIES[@]}"; do
        psql --command 'copy bench.timing to stdout' "$(history_database "$history")" |
            psql --command 'copy bench.timing from stdin' "$BASE"
    done
}

RUN=0
# pgbench_run ROUND CONTENDER CLIENTS COMMITS(on|off) DAYS(spread|same) DATES
pgbench_run() {
    local round=$1 contender=$2 clients=$3 commits=$4 days=$5 dates=$6 same_day=0 tps place
    RUN=$((RUN + 1))
    if [ "$days" = same ]; then same_day=1; fi
    read -ra place <<<"$PLACE"
    # What one run leaves to be written to disk mustn't slow the next one down.
    psql --command checkpoint "$BASE"
    tps=$(
        PGOPTIONS="$PGOPTIONS -c synchronous_commit=$commits" "$PG_BINDIR/pgbench" --no-vacuum --protocol prepared \
            --client "$clients" --jobs "$clients" --time "$RUN_SECONDS" \
            --define i=-1 --define run="$RUN" --define dates="$dates" --define same_day="$same_day" \
            --define first_day="$FIRST_DAY" --define clinic="${place[0]}" --define first_provider="${place[1]}" \
            --define first_room="${place[2]}" --define type="${place[3]}" \
            --file <(cat bench/pgbench/place.sql "bench/pgbench/$contender.sql") "$BASE" |
            awk '/^tps = / { print $3 }'
    )
    psql --command "insert into bench.run
                    values ($RUN, $round, '$contender', $clients, '$commits', '$days', $tps)" "$BASE"
}

measure_throughput() {
    local round clients commits days contender dates=0
    PLACE=$(psql --file bench/throughput.sql "$BASE")
    FIRST_DAY=$(ask "$BASE" "select current_date + 40 - date '2000-01-01'")
    for ((round = 1; round <= RUNS; round++)); do
        while read -r clients commits days; do
            # Both ways to write the plain row use the same dates, to be compared; book_slot has its own.
            for contender in bare_insert raw_insert; do
                pgbench_run "$round" "$contender" "$clients" "$commits" "$days" "$dates"
            done
            pgbench_run "$round" book_slot "$clients" "$commits" "$days" $((dates + 1))
            dates=$((dates + 2))
        done <<'SETTINGS'
1 on spread
2 on spread
2 on same
1 off spread
2 off spread
SETTINGS
    done
    psql --command 'call bench.check_derived()' "$BASE"
}

say "making the clinics"
drop_databases "^$BASE(_|\$)"
make_base
make_histories
say "comparing the answers"
check_answers
say "asking"
measure_questions
# They only take space now. What is left shows what was measured: psql on the bench cluster, database clinic_bench.
drop_databases "^${BASE}_"
say "booking"
measure_throughput
psql --file bench/report.sql "$BASE"
