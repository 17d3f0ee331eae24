#!/usr/bin/env bash
# Measures solve_roster beside OR-Tools CP-SAT (PyPI `ortools`, the model in tests/roster/cpsat.py) on the private server
# "bench": time to the proven optimum, the same objective to the unit; then the public nurse-rostering instances.
# A timing never makes it fail; another objective than the peer's, or than the known optimum, does.
#
#   bench-roster.sh         half an hour: the peer has two minutes for each of its four settings
#   PEER_SECONDS=20 …       the peer has less
#   QUICK=1 bench-roster.sh the smallest case and instance only
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

QUICK=${QUICK:-}
SIZES=("20 20 80" "50 50 250" "100 100 600")
INSTANCES=("Instance1 607" "Instance2 828" "Instance3 1001")
ROUNDS=3 PEER_SECONDS=${PEER_SECONDS:-120}
if [ -n "$QUICK" ]; then SIZES=("20 20 80") INSTANCES=("Instance1 607") ROUNDS=1 PEER_SECONDS=20; fi
NRP_DIR=${NRP_DIR:-$ROOT/../shared/data/nrp}

"$ROOT/scripts/cluster.sh" start bench
eval "$("$ROOT/scripts/cluster.sh" env bench)"
export PGDATABASE=roster_bench PGOPTIONS='-c client_min_messages=warning' PSQL_PAGER=''
psql() { "$PG_BINDIR/psql" --no-psqlrc --quiet --set ON_ERROR_STOP=1 "$@"; }
OUT=$WORK/results/bench
FAILED=

# The peer, in an environment of its own; absent where Python or PyPI is.
peer() {
    local venv=$WORK/cpsat
    [ -x "$venv/bin/python" ] || python3 -m venv "$venv" || return 1
    "$venv/bin/python" -c 'import ortools' 2>/dev/null || "$venv/bin/pip" install --quiet ortools || return 1
    "$venv/bin/python" tests/roster/cpsat.py "$@"
}

# solve FROM TO: best of $ROUNDS, or of one that takes long: status, objective, milliseconds in SQL and in the solver. Each
# in a session that has the library loaded, as a pooled one has.
solve() {
    local round began
    for ((round = 1; round <= ROUNDS; round++)); do
        began=$SECONDS
        psql --no-align --tuples-only --field-separator ' ' <<SQL
select set_config('pg_clinic.clinic_id', max(id)::text, false) from clinic.clinics \g /dev/null
select count(*) from rule_kinds() \g /dev/null
select clock_timestamp() as started \gset
select status, objective, solve_ms from solve_roster('$1', '$2', time_limit => '$PEER_SECONDS seconds') \gset
select :'status', :objective, round(extract(epoch from clock_timestamp() - timestamptz :'started') * 1000, 1), round(:solve_ms::numeric, 1);
SQL
        if ((SECONDS - began > 10)); then break; fi
    done | sort -k 3 -g | head -n 1
}

row() { printf '%-28s %-10s %9s %12s %12s %12s %10s\n' "$@"; }

measure() {
    local name status objective total solver theirs seconds longer
    psql --set staff="$1" --set providers="$2" --set shifts="$3" --set rules="$4" --file bench/roster/clinic.sql
    name="$1 x $2, $3 shifts, $4"
    read -r status objective total solver <<<"$(solve 2029-01-01 2029-01-07)"
    psql --no-align --tuples-only --set rules="$4" >"$OUT/problem.json" <<'SQL'
select set_config('pg_clinic.clinic_id', max(id)::text, false) from clinic.clinics \g /dev/null
\i bench/roster/export.sql
SQL
    read -r theirs seconds _ <<<"$(peer "$OUT/problem.json" "$PEER_SECONDS" || echo none 0)"
    # Nothing proven in its time: it would have taken longer.
    if [ "$theirs" = none ]; then longer='> '; else longer=''; fi
    if [ "$seconds" = 0 ]; then
        row "$name" "$status" "$objective" "$total ms" "$solver ms" '-' '-'
    else
        row "$name" "$status" "$objective" "$total ms" "$solver ms" \
            "$longer$(awk "BEGIN { printf \"%.1f ms\", $seconds * 1000 }")" \
            "$longer$(awk "BEGIN { printf \"%.2f x\", $seconds * 1000 / $total }")"
    fi
    if [ "$status" = OPTIMAL ] && [ "$theirs" != none ] && [ "$theirs" != "$objective" ]; then
        echo "the peer's optimum is $theirs, not $objective"
        FAILED=yes
    fi
}

benchmark() {
    local name=$1 optimum=$2 status objective total solver
    psql --set file="$NRP_DIR/$name.txt" --file tests/nrp/import.sql
    # Long enough for the three instances of two weeks.
    read -r status objective total solver <<<"$(ROUNDS=1 solve 2029-01-01 2029-01-14)"
    row "$name, optimum $optimum" "$status" "$objective" "$total ms" "$solver ms" '' ''
    if [ "$objective" != "$optimum" ]; then FAILED=yes; fi
}

mkdir -p "$OUT"
psql --dbname postgres --command 'drop database if exists roster_bench with (force)' --command 'create database roster_bench'
psql --command 'create extension pg_clinic cascade'
row case status objective 'in SQL' 'solver' 'CP-SAT' 'ratio'
for size in "${SIZES[@]}"; do
    for rules in balance all; do
        # shellcheck disable=SC2086 # words are wanted
        measure $size "$rules"
    done
done
if [ -d "$NRP_DIR" ]; then
    for instance in "${INSTANCES[@]}"; do
        # shellcheck disable=SC2086 # words are wanted
        benchmark $instance
    done
else
    echo "skipped: the public instances: no directory $NRP_DIR (NRP_DIR)"
fi
[ -z "$FAILED" ]
