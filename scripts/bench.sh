#!/usr/bin/env bash
# Measures the installed release build on the private server "bench", which keeps PostgreSQL's durable defaults, and
# prints one table: find_slots against an expert's plain SQL and against the bare reads, growth with history, bookings
# a second, what events cost them, find_backfill and utilization in a busy year. A timing never makes it fail; contenders
# whose answers differ do.
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
YEAR_DAYS=366 CANCELLED=100000 WAITING=10000
YEAR_REPETITIONS=40
if [ -n "$BIG" ]; then HISTORIES+=(1e7); fi
if [ -n "$QUICK" ]; then
    HISTORIES=(1e4) ROUNDS=1 SLOW_REPETITIONS=3 RUNS=1 YEAR_DAYS=30 CANCELLED=10000 WAITING=1000 YEAR_REPETITIONS=8
fi

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
    psql --file bench/clinics.sql --file bench/expert.sql --file bench/floor.sql --file bench/measure.sql \
        --file bench/year.sql "$BASE"
    psql "$BASE" <<'SQL'
insert into bench.question (name, clinic_id, from_date, to_date, max_results)
select 'day', clinic_id, current_date + 7, current_date + 7, null from bench.clinic where providers = 5
union all
select 'month', clinic_id, current_date + 1, current_date + 30, 20 from bench.clinic where providers = 50;
SQL
}

# add_history DATABASE CLINIC BOOKINGS: as many bookings before today.
add_history() {
    # The clinic books 90 places a day.
    add_dates "$1" "$2" $(($3 / 90 + 1))
}

# add_dates DATABASE CLINIC DAYS: books so many days before today. Two sessions share the dates and the work.
add_dates() {
    local database=$1 clinic=$2 days=$3 half=$(($3 / 2)) first second
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

# A database whose large clinic has a past of a year, and patients who cancelled or wait.
make_year() {
    local large
    YEAR=$(history_database year)
    say "loading a year of 50 providers"
    psql --command "create database $YEAR template $BASE" postgres
    large=$(ask "$YEAR" 'select clinic_id from bench.clinic where providers = 50')
    add_dates "$YEAR" "$large" "$YEAR_DAYS"
    psql --command "call bench.add_claims($large, $CANCELLED, $WAITING)" --command 'vacuum (analyze)' "$YEAR"
    YEAR_QUESTION="$large, current_date - $YEAR_DAYS, current_date - 1"
    psql --command "call bench.check_year($YEAR_QUESTION)" "$YEAR"
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
    psql --command "call bench.measure_year($YEAR_QUESTION, $YEAR_REPETITIONS)" "$YEAR"
    for history in "${HISTORIES[@]}" year; do
        psql --command 'copy bench.timing to stdout' "$(history_database "$history")" |
            psql --command 'copy bench.timing from stdin' "$BASE"
    done
}

RUN=0
# pgbench_run ROUND CONTENDER CLIENTS COMMITS(on|off) DAYS(spread|same) DATES; a contender "… without events" is one that
# switches them off.
pgbench_run() {
    local round=$1 contender=$2 clients=$3 commits=$4 days=$5 dates=$6 same_day=0 events=on tps place
    RUN=$((RUN + 1))
    if [ "$days" = same ]; then same_day=1; fi
    if [ "$contender" != "${contender% without events}" ]; then events=off; fi
    read -ra place <<<"$PLACE"
    # What one run leaves to be written to disk mustn't slow the next one down.
    psql --command checkpoint "$BASE"
    tps=$(
        PGOPTIONS="$PGOPTIONS -c synchronous_commit=$commits -c pg_clinic.events=$events" "$PG_BINDIR/pgbench" --no-vacuum --protocol prepared \
            --client "$clients" --jobs "$clients" --time "$RUN_SECONDS" \
            --define i=-1 --define run="$RUN" --define dates="$dates" --define same_day="$same_day" \
            --define first_day="$FIRST_DAY" --define clinic="${place[0]}" --define first_provider="${place[1]}" \
            --define first_room="${place[2]}" --define type="${place[3]}" \
            --file <(cat bench/pgbench/place.sql "bench/pgbench/${contender% without events}.sql") "$BASE" |
            awk '/^tps = / { print $3 }'
    )
    psql --command "insert into bench.run
                    values ($RUN, $round, '$contender', $clients, '$commits', '$days', $tps)" "$BASE"
}

measure_throughput() {
    # book_slot's dates are within the booking horizon, those of plain rows beyond it.
    local round clients commits days contender dates=0 plain_dates=200
    PLACE=$(psql --file bench/throughput.sql "$BASE")
    FIRST_DAY=$(ask "$BASE" "select current_date + 40 - date '2000-01-01'")
    for ((round = 1; round <= RUNS; round++)); do
        while read -r clients commits days; do
            # Both ways to write the plain row use the same dates, to be compared; the others have their own.
            for contender in bare_insert raw_insert; do
                pgbench_run "$round" "$contender" "$clients" "$commits" "$days" "$plain_dates"
            done
            pgbench_run "$round" book_slot "$clients" "$commits" "$days" "$dates"
            plain_dates=$((plain_dates + 1)) dates=$((dates + 1))
            if [ "$commits $days" = 'off spread' ]; then
                pgbench_run "$round" 'raw_insert without events' "$clients" "$commits" "$days" "$plain_dates"
                pgbench_run "$round" 'book_slot without events' "$clients" "$commits" "$days" "$dates"
                plain_dates=$((plain_dates + 1)) dates=$((dates + 1))
            fi
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
make_year
say "comparing the answers"
check_answers
say "asking"
measure_questions
# They only take space now. What is left shows what was measured: psql on the bench cluster, database clinic_bench.
drop_databases "^${BASE}_"
say "booking"
measure_throughput
psql --file bench/report.sql "$BASE"
