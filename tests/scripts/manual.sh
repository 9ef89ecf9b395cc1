#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The man pages and the completion of a build: each program has a page with all of its flags, formatters do not
# complain, and completion offers the flags and commands of --help. usage: manual.sh SOURCE BUILD
set -euo pipefail
source=$1 build=$2
share=$build/share
failures=0
complain() {
    echo "manual: $*" >&2
    failures=$((failures + 1))
}

subcommands=$("$build/bin/tickertape" --help | sed -n '/^Subcommands:/,/^$/s/^  \([^ ]*\).*/\1/p')
[ -n "$subcommands" ] || complain "the command has no subcommands"
collectors=$(basename -s .cpp "$source"/collectors/*.cpp)

# shellcheck source=/dev/null
. "$share/bash-completion/completions/tickertape"
offered() { # WORD…: what completion offers for the last one, a word a line
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
    _tickertape
    printf '%s\n' "${COMPREPLY[@]-}"
}

has_all() { # PAGE COMPLETE COMMAND…: the page, and with COMPLETE=yes completion, know each flag of the command's help
    local page=$1 complete=$2 flags flag text
    shift 2
    if [ ! -s "$page" ]; then
        complain "there is no $page"
        return
    fi
    flags=$("$@" --help 2>/dev/null | sed -n 's/^  \(-[a-zA-Z], \)\{0,1\}\(--[a-z-]*\).*/\2/p' | sort -u)
    [ -n "$flags" ] || complain "$* --help has no flags"
    text=$(tr -d '\\' <"$page")
    for flag in $flags; do # no pipe into grep -q, which would end the writer by a signal
        [[ $text == *"$flag"* ]] || complain "$page does not have $flag"
        [ "$complete" = no ] || [[ " $(offered "$@" "$flag" | tr '\n' ' ')" == *" $flag "* ]] ||
            complain "completion of $* has no $flag"
    done
}
has_all "$share/man/man1/tickertape.1" no "$build/bin/tickertape"
for subcommand in $subcommands; do
    has_all "$share/man/man1/tickertape-$subcommand.1" yes "$build/bin/tickertape" "$subcommand"
done
for name in $collectors; do
    has_all "$share/man/man8/tickertape-$name.8" no "$build/bin/$name"
    [ "$(offered "/usr/lib/tickertape/collectors/$name" --interv)" = --interval ] || complain "completion of $name is missing"
done
has_all "$share/man/man8/tickertape-install-collectors.8" no "$source/scripts/install-collectors"

completes() { # WANTED WORD…
    local wanted=$1 got
    shift
    got=$(offered "$@" | tr '\n' ' ')
    [ "$got" = "$wanted " ] || complain "completion of '$*' offers '$got', not '$wanted'"
}
completes push tickertape pus
completes watch tickertape help wat
completes 'auto always never' tickertape burst --color ''
completes always tickertape burst --color = alw
completes 'auto put tcollector influx collectd' /usr/lib/tickertape/collectors/uptime --format ''
completes '' tickertape agent -c '' # bash offers the directories
completes '' uptime --interv # another program of that name

for page in put-lines.5 lint.1; do
    grep -q '^\.TH ' "$share/man/man${page##*.}/tickertape-$page" || complain "tickertape-$page is no man page"
done
grep -q '^\\fBexclude\\-mount = ' "$share/man/man5/tickertape.conf.5" || complain "tickertape.conf(5) lacks a setting of dfstat"
grep -q '^\\fBself\\-metrics = ' "$share/man/man5/tickertape.conf.5" || complain "tickertape.conf(5) lacks a common setting"
if grep -l '@[A-Z]*@' -r "$share"; then
    complain "these have places that were not filled in"
fi

for page in "$share"/man/man*/*; do
    if command -v mandoc >/dev/null && [ -n "$(mandoc -Tlint "$page")" ]; then
        complain "$(mandoc -Tlint "$page")"
    fi
    if command -v groff >/dev/null && [ -n "$(groff -ww -man -Tutf8 "$page" 2>&1 >/dev/null)" ]; then
        complain "$page: $(groff -ww -man -Tutf8 "$page" 2>&1 >/dev/null)"
    fi
done
if command -v zsh >/dev/null; then
    zsh -n "$share/zsh/vendor-completions/_tickertape" || complain "zsh does not read its completion"
fi
[ $failures -eq 0 ]
