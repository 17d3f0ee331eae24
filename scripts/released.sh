#!/usr/bin/env bash
# What is released is never changed again: fails where a file in sql/upgrade/released isn't as scripts/freeze.sh left it, is
# missing or was added. The steps and scripts that led to a release are of it, too.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

cd sql/upgrade/released
sha256sum --check --quiet --strict SHA256SUMS || die "a released file was changed: put it back, and write a step in sql/upgrade/steps"
missing=$(comm -13 <(sed 's/^[0-9a-f]*  //' SHA256SUMS | sort) <(find . -mindepth 2 -type f -printf '%P\n' | sort))
[ -z "$missing" ] || die "not of a release: $missing"
