#!/usr/bin/env bash
# Measures rounds on the private server "bench": plan_rounds in the core and in SQL with its trace stored, replan_rounds,
# explain_visit, and the bytes of the trace beside those of the plan alone. Aims stand beside the results; none makes it
# fail. Tests say whether the assignments are right: they compare them with a naive oracle that walks minute by
# minute (src/core/tests/core/rounds).
#
#   bench-rounds.sh         a minute or two
#   QUICK=1 bench-rounds.sh the small team only
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

QUICK=${QUICK:-}
# Clients, workers, areas.
SIZES=("500 12 6" "5000 120 60")
RUNS=9
if [ -n "$QUICK" ]; then SIZES=("500 12 6") RUNS=3; fi
# The dev build on the test server shows whether the script works, not how fast anything is.
CLUSTER=${CLUSTER:-bench}
DAY=2029-06-07

"$ROOT/scripts/cluster.sh" start "$CLUSTER"
eval "$("$ROOT/scripts/cluster.sh" env "$CLUSTER")"
export PGDATABASE=rounds_bench PGOPTIONS='-c client_min_messages=warning' PSQL_PAGER=''
psql() { "$PG_BINDIR/psql" --no-psqlrc --quiet --set ON_ERROR_STOP=1 "$@"; }
ask() { psql --no-align --tuples-only --field-separator ' ' --command "$1"; }
row() { printf '%-44s %12s %12s  %s\n' "$@"; }

# median QUERY: of $RUNS runs in one session after one that counts for nothing, in milliseconds as the server takes them.
median() {
    psql --no-align --tuples-only --set query="$1" --set runs="$RUNS" --set clinic="$CLINIC" <<'SQL'
select set_config('pg_clinic.clinic_id', :'clinic', false) \g /dev/null
select set_config('bench.query', :'query', false), set_config('bench.runs', :'runs', false) \g /dev/null
create temporary table timing (ms double precision);
do $$
declare began timestamptz;
begin
  for run in 0 .. current_setting('bench.runs')::integer loop
    began := clock_timestamp();
    execute current_setting('bench.query');
    if run > 0 then
      insert into timing values (1000 * extract(epoch from clock_timestamp() - began));
    end if;
  end loop;
end $$;
select round(percentile_cont(0.5) within group (order by ms)::numeric, 1) from timing;
SQL
}

# The bytes of the rows of the newest plan, as tables of their own with the same indexes take them.
bytes_of() {
    local table condition tables=("$@")
    for table in "${tables[@]}"; do
        condition="clinic_id = $CLINIC and plan_id = $PLAN"
        if [ "$table" = plans ]; then condition="clinic_id = $CLINIC and id = $PLAN"; fi
        echo "create temporary table copy_of_$table (like clinic.$table including indexes including storage);
              insert into copy_of_$table select * from clinic.$table where $condition;"
    done
    echo "select $(printf "pg_total_relation_size('copy_of_%s') + " "${tables[@]}") 0;"
}

measure() {
    local clients=$1 workers=$2 areas=$3 core replan plan trace alone first=$4
    psql --set clients="$clients" --set workers="$workers" --set areas="$areas" --file bench/rounds/team.sql
    CLINIC=$(ask 'select max(id) from clinic.clinics')
    read -r core replan <<<"$("$TIMING" "$clients" plain)"
    say "$clients clients, $workers workers, $areas areas"
    row '' time aim ''
    row 'plan, in the core, trace made' "$core ms" "$5" ''
    row 'plan anew, in the core' "$replan ms" '' ''
    plan=$(median "select from plan_rounds('$DAY')")
    row 'plan_rounds(), trace stored' "$plan ms" '' "$(
        ask "select format('%s visits, %s placed, %s exceptions', count(*), count(*) filter (where decision <> 'unplaced'),
               count(*) filter (where decision = 'unplaced'))
             from clinic.visit_trace where clinic_id = $CLINIC and plan_id = (select max(id) from clinic.plans)"
    )"
    PLAN=$(ask 'select max(id) from clinic.plans')
    row 'explain_visit()' "$(median "select explain_visit($PLAN, (select max(id) - 7 from clinic.clients))") ms" '20 ms' ''
    ask "set pg_clinic.clinic_id = $CLINIC; select from promote_plan($PLAN, 'bench')" >/dev/null
    row "replan_rounds(), one of $workers ill at 9" "$(
        median "select count(*) from replan_rounds('$DAY', '$DAY 09:00+00', array[(select max(id) from clinic.staff)])"
    ) ms" '' ''
    trace=$(ask "$(bytes_of visit_trace smoothing_moves exceptions)")
    alone=$(ask "$(bytes_of plans plan_assignments)")
    row 'trace beside the plan alone, bytes' "$trace" "2.00 x" \
        "$(awk "BEGIN { printf \"%.2f x of %d\", $trace / $alone, $alone }")"
    if [ "$first" != "$core" ] && [ -n "$first" ]; then
        row 'growth in the core' "$(awk "BEGIN { printf \"%.1f x\", $core / $first }")" '10 x' 'of ten times the size'
    fi
    FIRST=${FIRST:-$core}
}

say 'compiling the core for its own timing'
cargo build --quiet --release -p pg_clinic_core --example rounds_timing
TIMING=$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/release/examples/rounds_timing
psql --dbname postgres --command 'drop database if exists rounds_bench with (force)' --command 'create database rounds_bench'
psql --command 'create extension pg_clinic cascade'
FIRST='' AIM='20 ms'
for size in "${SIZES[@]}"; do
    # shellcheck disable=SC2086 # words are wanted
    measure $size "$FIRST" "$AIM"
    AIM='200 ms'
done
