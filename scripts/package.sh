#!/usr/bin/env bash
# What a release is handed out as; all of it lands in target/packages.
#
#   package.sh deb [dev]     the Debian package postgresql-NN-pg-clinic of a release build (dev: of a quick one, for tests)
#   package.sh image [dev]   lib/ and share/extension/, as PostgreSQL 18 finds them by extension_control_path
#   package.sh dist          the sources of the last commit as PGXN takes them
#
# The PostgreSQL is PG_CONFIG's or PG_MAJOR's, as everywhere.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"
# shellcheck source-path=SCRIPTDIR source=staging.sh
source "$(dirname "$0")/staging.sh"

PACKAGES=$ROOT/target/packages
VERSION=$(sed -n '/^\[workspace.package\]/,/^$/s/^version = "\(.*\)"/\1/p' Cargo.toml)
# Of the Debian package, should one be made again of the same version.
REVISION=1
NAME=postgresql-$PG_MAJOR-pg-clinic
MAINTAINER="${DEBFULLNAME:-pg_clinic contributors} <${DEBEMAIL:-maintainers@pg-clinic.invalid}>"
# Equal sources give an equal package.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || date +%s)
export SOURCE_DATE_EPOCH

need() {
    local program
    for program in "$@"; do
        have "$program" || die "$program isn't installed: run \`make dev-setup\`"
    done
}

# --- the notices of what is linked in -----------------------------------------------

# NAME-VERSION and license of each crate that the library contains, but for our own.
linked_crates() {
    cargo tree --package pg_clinic --no-default-features --features "pg$PG_MAJOR" --edges normal --prefix none \
        --format '{p}|{l}' | sed -E 's/ \(\*\)$//; s/ \([^)]*\)\|/|/; s/ v([0-9])/-\1/' | grep -v '^pg_clinic' | sort -u
}

crate_sources() { find "${CARGO_HOME:-$HOME/.cargo}/registry/src" -mindepth 2 -maxdepth 2 -name "$1" -print -quit; }

# notices_of CRATE DIRECTORY: its license's files; HiGHS comes within highs-sys. Fails where there is none.
notices_of() {
    local sources
    sources=$(crate_sources "$1")
    mkdir -p "$2/$1"
    find "$sources" -maxdepth 2 -type f \( -iname 'licen[sc]e*' -o -iname 'copying*' -o -iname 'notice*' \
        -o -iname 'third_party_notices*' -o -iname unlicense -o -ipath '*/licenses/*' \) -exec install -m 644 -t "$2/$1" {} +
    rmdir "$2/$1" 2>/dev/null || return 0
    return 1
}

# copyright DIRECTORY: the machine-readable copyright file (DEP-5), and beside it the crates' own notices.
copyright() {
    local crate license
    cat packaging/debian/copyright >"$1/copyright"
    while IFS='|' read -r crate license; do
        license=$(sed -E 's#[()]##g; s#/# or #g; s# OR # or #g; s# AND #, and #g' <<<"$license")
        if notices_of "$crate" "$1/licenses"; then
            printf '\nFiles: crates/%s/*\nCopyright: see licenses/%s\nLicense: %s\n' "$crate" "$crate" "$license"
        else
            # It carries no file of its license: the copyright file itself must say whose it is.
            grep -q "crates/${crate%-*}-" packaging/debian/copyright ||
                die "$crate has no file of its license: packaging/debian/copyright must name it"
        fi
    done < <(linked_crates) >>"$1/copyright"
    cat packaging/debian/licenses >>"$1/copyright"
}

# --- the packages ---------------------------------------------------------------------

# What the library needs of the machine, by its symbols.
shared_libraries() {
    local at
    at=$(mktemp -d)
    mkdir "$at/debian"
    printf 'Source: pg-clinic\n\nPackage: %s\nArchitecture: any\n' "$NAME" >"$at/debian/control"
    (cd "$at" && dpkg-shlibdeps -O --ignore-missing-info "$1" 2>/dev/null) | sed 's/^shlibs:Depends=//'
    rm -rf "$at"
}

control() {
    local tree=$1
    cat <<CONTROL
Package: $NAME
Source: pg-clinic
Version: $VERSION-$REVISION
Section: database
Priority: optional
Architecture: $(dpkg --print-architecture)
Maintainer: $MAINTAINER
Installed-Size: $(du -sk --exclude DEBIAN "$tree" | cut -f1)
Depends: postgresql-$PG_MAJOR, $(shared_libraries "$tree/usr/lib/postgresql/$PG_MAJOR/lib/pg_clinic.so")
Description: clinic scheduling inside PostgreSQL $PG_MAJOR
$(sed 's/^/ /' packaging/description)
CONTROL
}

# The release's chapter of CHANGELOG.md is what people read; Debian wants a file of its own form, too.
debian_changelog() {
    printf 'pg-clinic (%s-%s) unstable; urgency=medium\n\n  * See CHANGELOG.md.\n\n -- %s  %s\n' \
        "$VERSION" "$REVISION" "$MAINTAINER" "$(date -R -u -d "@$SOURCE_DATE_EPOCH")"
}

deb() {
    local staged=$WORK/staged/build tree=$WORK/staged/deb file doc libraries extension
    need dpkg-deb dpkg-shlibdeps
    file=$PACKAGES/${NAME}_$VERSION-${REVISION}_$(dpkg --print-architecture).deb
    stage "$1" "$staged" >&2
    rm -rf "$tree"
    doc=$tree/usr/share/doc/$NAME
    libraries=$tree/usr/lib/postgresql/$PG_MAJOR/lib extension=$tree/usr/share/postgresql/$PG_MAJOR/extension
    install -d "$tree" "$tree/DEBIAN" "$doc" "$libraries" "$extension" "$PACKAGES"
    install -m 644 -t "$libraries" "$staged"/lib/*
    install -m 644 -t "$extension" "$staged"/share/extension/*
    strip --strip-unneeded "$libraries/pg_clinic.so"
    copyright "$doc"
    install -m 644 README.md CHANGELOG.md "$doc"
    install -D -m 644 -t "$doc/docs" docs/*.md
    debian_changelog | gzip -9n >"$doc/changelog.Debian.gz"
    control "$tree" >"$tree/DEBIAN/control"
    (cd "$tree" && find usr -type f -exec md5sum {} + | sort -k 2) >"$tree/DEBIAN/md5sums"
    dpkg-deb --root-owner-group --build "$tree" "$file" >/dev/null
    rm -rf "$tree" "$staged"
    say "made ${file#"$ROOT"/}" >&2
    echo "$file"
}

image() {
    local tree=$PACKAGES/image-$PG_MAJOR
    stage "$1" "$tree" >&2
    say "made ${tree#"$ROOT"/}" >&2
    echo "$tree"
}

dist() {
    local file=$PACKAGES/pg_clinic-$VERSION.zip meta=$WORK/META.json
    mkdir -p "$PACKAGES"
    sed "s/@VERSION@/$VERSION/g" packaging/META.json >"$meta"
    rm -f "$file"
    git archive --format zip --prefix "pg_clinic-$VERSION/" --add-file "$meta" --output "$file" HEAD
    say "made ${file#"$ROOT"/}" >&2
    echo "$file"
}

PROFILE=${2:-release}
case ${1:-} in
    deb) deb "$PROFILE" ;;
    image) image "$PROFILE" ;;
    dist) dist ;;
    *) die "usage: package.sh deb|image|dist [dev]" ;;
esac
