#!/bin/sh
# SPDX-License-Identifier: MIT
# An upgrade and a downgrade with a spool in place: two builds of `tickertape push` take turns on one spool, with a kill in between, while
# the target is away. Every line arrives. usage: spool-versions.sh OLD NEW FAKE-TSD
# OLD and NEW are packages (.deb) of tickertape-collectors, or programs.
set -eu
fake_tsd=$3
work=$(mktemp -d)
server='' writer=''
end() {
    for process in $server $writer; do kill "$process" 2>/dev/null || true; done
    rm -rf "$work"
}
trap end EXIT
die() {
    echo "spool-versions: $*" >&2
    exit 1
}
program() { # PACKAGE-OR-PROGRAM ROOT
    case $1 in
    *.deb)
        dpkg-deb -x "$1" "$2"
        echo "$2/usr/bin/tickertape"
        ;;
    *) echo "$1" ;;
    esac
}
old=$(program "$1" "$work/old")
new=$(program "$2" "$work/new")
echo "old: $("$old" --version); new: $("$new" --version)"

lines() { # FROM: a hundred
    seq "$1" $(($1 + 99)) | awk '{ print "put m", 1700000000 + $1, $1, "host=h" }'
}
start() { # [PORT]
    "$fake_tsd" --print ${1:+--port "$1"} >>"$work/received" 2>"$work/address" &
    server=$!
    for _ in $(seq 600); do
        grep -qE '127\.0\.0\.1:[0-9]+' "$work/address" "$work/received" && break
        sleep 0.1
    done
    port=$(cat "$work/address" "$work/received" | sed -n 's/.*127\.0\.0\.1:\([0-9]*\).*/\1/p' | head -n 1)
    [ -n "$port" ] || die "the fake TSD does not start"
}
stop() {
    kill "$server"
    wait "$server" || true
    server=''
}
push() { # PROGRAM FROM EXIT-CODE DEADLINE
    code=0
    lines "$2" | "$1" push "127.0.0.1:$port" --spool "$work/spool" --deadline "$4" 2>"$work/said" || code=$?
    [ "$code" -eq "$3" ] || die "$1 ends with $code at line $2, not with $3: $(cat "$work/said")"
}

start
stop # now nobody listens there
push "$old" 0 5 1
push "$new" 100 5 1   # the upgrade
mkfifo "$work/input"
"$new" push "127.0.0.1:$port" --spool "$work/spool" <"$work/input" 2>"$work/said" &
writer=$!
exec 3>"$work/input"
lines 200 >&3
for _ in $(seq 600); do # until they are on disk
    "$new" spool "$work/spool" 2>/dev/null | grep -q ' 300 ' && break
    "$new" spool --print "$work/spool" 2>/dev/null | grep -c '^put' | grep -qx 300 && break
    sleep 0.1
done
kill -9 "$writer"
wait "$writer" || true
writer=''
exec 3>&-
push "$old" 300 5 1   # the downgrade
start "$port"
push "$new" 400 0 60  # and the target is back
stop
grep '^put m ' "$work/received" | sort -u >"$work/arrived"
for from in 0 100 200 300 400; do lines $from; done | sort -u >"$work/sent"
cmp "$work/sent" "$work/arrived" || die "$(comm -23 "$work/sent" "$work/arrived" | wc -l) of 500 lines did not arrive"
echo "all 500 lines arrived"
