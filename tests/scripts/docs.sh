#!/bin/sh
# SPDX-License-Identifier: MIT
# Links and anchors of the pages lead somewhere, and README.md leads to every page. The script on the page about collectd prints what
# collectd reads.
#
# usage: docs.sh SOURCE_FOLDER
set -eu
cd "$1"

# The anchors of a page, as GitHub makes them from headings.
anchors() { # PAGE
    awk '/^```/ { code = !code }
        !code && /^#+ / {
            sub(/^#+ +/, "")
            anchor = tolower($0)
            gsub(/[^a-z0-9_ -]/, "", anchor)
            gsub(/ /, "-", anchor)
            print anchor
        }' "$1"
}

# The relative targets of a page's links, outside of code.
links() { # PAGE
    awk '/^```/ { code = !code }
        !code && !/^    / {
            while (match($0, /\]\([^) ]+\)/)) {
                print substr($0, RSTART + 2, RLENGTH - 3)
                $0 = substr($0, RSTART + RLENGTH)
            }
        }' "$1" | grep -v :// || true
}

broken=$(
    for page in README.md sdk/DESIGN.md sdk/docs/*.md; do
        links "$page" | while read -r link; do
            file=${link%%#*}
            anchor=${link#"$file"}
            [ -n "$file" ] && file=$(dirname "$page")/$file || file=$page
            if [ ! -e "$file" ]; then
                echo "$page: no file for the link '$link'"
            elif [ -n "$anchor" ] && ! anchors "$file" | grep -qxF -- "${anchor#\#}"; then
                echo "$page: no heading for the link '$link'"
            fi
        done
    done
    for page in sdk/docs/*.md; do
        links README.md | grep -qxF -- "$page" || echo "README.md: no link to $page"
    done
)
[ -z "$broken" ] || {
    echo "$broken" >&2
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
