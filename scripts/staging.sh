# shellcheck shell=bash
# How the extension is built and put where a PostgreSQL finds it; sourced after common.sh, never run.
#
# All is built and staged before the first file is put in place, and each file is put there by a rename. A server that
# runs keeps the library that it has mapped, and a session that begins meanwhile finds the old one or the new one:
# never none, and never half of one.

# stage PROFILE DIRECTORY: builds with the profile dev or release for the PostgreSQL of system_pg_config, and leaves the
# library in DIRECTORY/lib, scripts and control file in DIRECTORY/share/extension. A copy of that PostgreSQL takes them, too.
stage() {
    local options=() directory=$2 raw=$2/raw
    if [ "$1" = dev ]; then options=(--debug); fi
    rm -rf "$directory"
    mkdir -p "$directory/lib" "$directory/share/extension"
    with_build_lock cargo pgrx package --package pg_clinic "${options[@]}" --pg-config "$(system_pg_config)" --out-dir "$raw"
    find "$raw" -name '*.so' -exec mv -t "$directory/lib" {} +
    find "$raw" \( -name '*.sql' -o -name '*.control' \) -exec mv -t "$directory/share/extension" {} +
    rm -rf "$raw"
    cp sql/upgrade/pg_clinic--*--*.sql "$directory/share/extension"
}

# put_in_place DIRECTORY PG_CONFIG [COMMAND …]: puts the staged files in the places of that PostgreSQL, by COMMAND (sudo)
# if it is given. The library comes first, because the functions' scripts name its symbols; the control file last,
# because until then `create extension` takes the version before.
put_in_place() {
    local staged=$1 libraries extension as=("${@:3}")
    libraries=$("$2" --pkglibdir) extension=$("$2" --sharedir)/extension
    put_files 755 "$libraries" "$staged"/lib/*.so
    put_files 644 "$extension" "$staged"/share/extension/*.sql
    put_files 644 "$extension" "$staged"/share/extension/*.control
}

# put_files MODE DIRECTORY FILE …
put_files() {
    local file target
    for file in "${@:3}"; do
        target=$2/${file##*/}
        "${as[@]}" install -m "$1" "$file" "$target.new"
        "${as[@]}" mv -f "$target.new" "$target"
    done
}

# install_privately NAME: into the private copy NAME, from a quick build for tests, a release build else.
install_privately() {
    local bin profile=dev staged=$WORK/staged/$1
    bin=$(private_postgres "$1")
    if [ "$1" = release ]; then profile=release; fi
    stage "$profile" "$staged"
    put_in_place "$staged" "$bin/pg_config"
    rm -rf "$staged"
}

# Into the machine's PostgreSQL.
install_for_users() {
    local config staged=$WORK/staged/users as=()
    config=$(system_pg_config)
    if ! [ -w "$("$config" --pkglibdir)" ] || ! [ -w "$("$config" --sharedir)/extension" ]; then as=(sudo); fi
    stage release "$staged"
    put_in_place "$staged" "$config" "${as[@]}"
    rm -rf "$staged"
    say "installed into $("$config" --pkglibdir) and $("$config" --sharedir)/extension"
}
