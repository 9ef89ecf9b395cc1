#!/bin/sh
# SPDX-License-Identifier: MIT
# Links and anchors of the pages lead to existing targets, and README.md leads to every page. The script on the page about
# collectd prints lines that collectd can read.
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

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sed -n '/^```sh$/,/^```$/p' sdk/docs/from-collectd.md | sed '/^```/d' >"$work/script"
printf '#!/bin/sh\necho put proc.num_processes 1700000000 8 state=running\n' >"$work/numprocesses"
chmod +x "$work/numprocesses"
got=$(PATH=$work:$PATH COLLECTD_HOSTNAME=web01 sh "$work/script")
wanted='PUTVAL "web01/tickertape/gauge-proc.num_processes.running" interval=1 1700000000:8'
[ "$got" = "$wanted" ] || {
    echo "sdk/docs/from-collectd.md: the script prints '$got' instead of '$wanted'" >&2
    exit 1
}
