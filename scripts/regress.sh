# shellcheck shell=bash
# How PostgreSQL's regression programs are given the tests of tests/regress and tests/isolation; sourced, never run.
#
# KIND is the ending of a test's file: sql or spec.

# Where the tests of a directory are.
test_folder() { if [ -d "$1/${2}s" ]; then echo "$1/${2}s"; else echo "$1/$2"; fi; }

# The names of a directory's tests, as PostgreSQL's programs want them: slots/find_basics.
test_names() {
    local directory=$1 kind=$2
    find "$(test_folder "$directory" "$kind")" -name "*.$kind" -printf '%P\n' | sed "s/\.$kind\$//" | sort
}

# prepare_files DIRECTORY KIND OUT: without an expected file the programs stop at once; with an empty one they show what
# a new test printed. They make no directory for what a test in a folder prints.
prepare_files() {
    local directory=$1 kind=$2 out=$3 name
    mkdir -p "$out"
    # What an earlier run printed must not be accepted as this one's.
    rm -rf "$out/results" "$out/regression.diffs"
    for name in $(test_names "$directory" "$kind"); do
        mkdir -p "$(dirname "$directory/expected/$name")" "$(dirname "$out/results/$name")"
        [ -e "$directory/expected/$name.out" ] || : >"$directory/expected/$name.out"
    done
}

# A test that no schedule names would never run, and nobody would notice.
require_schedule() {
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
        test_names "$directory" "$kind" | grep -E "$word" || die "no test in $directory fits $word"
    done
}

# A test says in a comment which PostgreSQL it needs: `-- requires: PostgreSQL 18`. Those that this one is too old for,
# each with the version that it needs.
too_new_tests() {
    local folder name needed
    folder=$(test_folder "$1" "$2")
    { grep -rEo --include="*.$2" '^(--|#) requires: PostgreSQL [0-9]+$' "$folder" || true; } |
        sed -E "s|^$folder/(.*)\.$2:.* ([0-9]+)\$|\1 \2|" | sort |
        while read -r name needed; do
            if [ "$PG_MAJOR" -lt "$needed" ]; then echo "$name $needed"; fi
        done
}

# Of the names it reads, those that this PostgreSQL can run; the others it reports as skipped.
runnable_names() {
    local name needed
    local -A too_new
    while read -r name needed; do too_new[$name]=$needed; done < <(too_new_tests "$1" "$2")
    while read -r name; do
        needed=${too_new[$name]:-}
        if [ -n "$needed" ]; then echo "skipped: $name: needs PostgreSQL $needed" >&2; else echo "$name"; fi
    done
}

# write_schedule DIRECTORY KIND OUT: OUT/schedule is the directory's without those, which it reports as skipped.
write_schedule() {
    local schedule=$3/schedule name needed
    cp "$1/schedule" "$schedule"
    while read -r name needed; do
        sed -E -i "s#^(test:.* )$name( |\$)#\1\2#; /^test: *\$/d" "$schedule"
        echo "skipped: $name: needs PostgreSQL $needed"
    done < <(too_new_tests "$1" "$2")
}
