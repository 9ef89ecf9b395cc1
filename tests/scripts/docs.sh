#!/bin/sh
# SPDX-License-Identifier: MIT
# Links and anchors of the pages lead to existing targets, and README.md leads to every page.
#
# usage: docs.sh SOURCE_FOLDER
set -eu
cd "$1"

scripts/messages --check
scripts/links . README.md sdk/DESIGN.md sdk/docs/*.md
missing=$(for page in sdk/docs/*.md; do
    grep -qF -- "]($page" README.md || echo "README.md: no link to $page"
done)
[ -z "$missing" ] || {
    echo "$missing" >&2
    exit 1
}
