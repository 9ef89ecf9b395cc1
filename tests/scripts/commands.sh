#!/bin/sh
# SPDX-License-Identifier: MIT
# The answers of the scripts to --help and to unknown arguments, and their failures. Runs copies of the scripts in trees that
# the test makes. usage: commands.sh ROOT
set -eu
root=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

failures=0
complain() {
    echo "$sentence: $*" >&2
    failures=$((failures + 1))
}
# CODE COMMAND…: its output is in the files out and err.
ends_with() {
    wanted=$1 code=0
    shift
    "$@" >"$work/out" 2>"$work/err" </dev/null || code=$?
    [ $code -eq "$wanted" ] || complain "'$*' ended with $code instead of $wanted: $(cat "$work/out" "$work/err")"
}
says() { # FILE TEXT
    grep -qF -- "$2" "$work/$1" || complain "'$2' is not in: $(cat "$work/$1")"
}
tool() { # NAME: makes a program of that name, whose text is on stdin
    mkdir -p "$work/tools"
    { echo '#!/bin/sh' && cat; } >"$work/tools/$1"
    chmod +x "$work/tools/$1"
}
new_tree() {
    rm -rf "$work/tree" "$work/tools"
    mkdir -p "$work/tree/build" "$work/tools"
    cp -r "$root/scripts" "$work/tree/scripts"
}

sentence="each script answers --help, and refuses what it does not know"
new_tree
for path in "$work"/tree/scripts/*; do
    name=${path##*/}
    [ -f "$path" ] && [ -x "$path" ] || continue
    ends_with 0 "$path" --help
    says out "sage: " # the installer has the help of programs: Usage
    says out "$name"
    ends_with 2 "$path" --no-such-flag
    says err "$name: "
done
ends_with 2 "$work/tree/scripts/test" unit
ends_with 2 "$work/tree/scripts/test" -L
ends_with 2 "$work/tree/scripts/build" one two
ends_with 2 "$work/tree/scripts/check" layers no-such-part
[ "$(ls "$work/tree")" = "$(printf 'build\nscripts')" ] || complain "they left something behind"

sentence="scripts/build without the tools names scripts/setup"
new_tree
for name in dirname cat sed; do ln -s "$(command -v $name)" "$work/tools/$name"; done
ends_with 1 env PATH="$work/tools" /bin/sh "$work/tree/scripts/build"
says err "scripts/setup"

sentence="scripts/build says how far it is, once each half minute, and shows all if it fails"
new_tree
: >"$work/tree/build/build.ninja"
for name in ninja g++; do echo 'exit 0' | tool $name; done
tool cmake <<'END'
echo '[0/2] Re-checking globbed directories...'
echo '[1/300 0.4] Building CXX object a.o'
echo '[7/300 31.2] Building CXX object b.o'
echo '[8/300 45.0] Building CXX object [c].o'
echo '[150/300 290] Building CXX object d.o'
exit "${FAKE_CODE:-0}"
END
ends_with 0 env PATH="$work/tools:$PATH" "$work/tree/scripts/build"
[ "$(cat "$work/err")" = "$(printf 'build: 7 of 300 after 31 s\nbuild: 150 of 300 after 290 s')" ] || complain "it said: $(cat "$work/err")"
[ ! -s "$work/out" ] || complain "stdout had: $(cat "$work/out")"
ends_with 1 env PATH="$work/tools:$PATH" FAKE_CODE=1 "$work/tree/scripts/build"
says err "[8/300 45.0] Building CXX object [c].o"
says err "build: failed"

sentence="scripts/check format fails where git knows no files"
new_tree
for name in clang-format-19 git; do echo 'exit 1' | tool $name; done
ends_with 1 env PATH="$work/tools:$PATH" GIT_CEILING_DIRECTORIES="$work" "$work/tree/scripts/check" format
says err "git"

sentence="scripts/bench --peers refuses what is not a checkout of a peer that it knows"
new_tree
bench="$work/tree/scripts/bench"
ends_with 2 "$bench" --peers nonesuch=/tmp
says err "bench: unknown peer 'nonesuch=/tmp'; known are quill=CHECKOUT and collectd=CHECKOUT"
ends_with 2 "$bench" --peers quill
says err "bench: unknown peer 'quill'"
for path in "" /nowhere "$work/tree"; do
    ends_with 2 "$bench" --peers "quill=$path"
    says err "bench: '$path' is not a checkout of quill: it has no include/quill/Frontend.h"
done
[ -z "$(ls "$work/tree/build")" ] || complain "it left something behind"

sentence="scripts/bench --peers names the peers without a checkout, goes on after one that fails, and then ends with 1"
mkdir -p "$work/quill/include/quill"
: >"$work/quill/include/quill/Frontend.h"
printf '#!/bin/sh\n[ "$*" = --peers ]\n' >"$work/tree/scripts/setup"
tool cmake <<'END'
if [ "$1" = -S ]; then
    printf '%s\n' "$@" >build/peers/flags
    mkdir -p build/peers/tests/bench/peers
    for name in prometheus-cpp concurrentqueue quill; do
        program=build/peers/tests/bench/peers/beside_$name
        printf '#!/bin/sh\necho "measured $1"\nexit %s\n' "${FAKE_CODE:-0}" >$program
        chmod +x $program
    done
elif [ "$4" = "beside_${FAKE_BROKEN:-none}" ]; then
    echo "no such header"
    exit 1
fi
END
cd "$work"
ends_with 2 env PATH="$work/tools:$PATH" "$bench" --peers quill=quill quill="$work/quill"
says err "bench: quill is named twice"
ends_with 0 env PATH="$work/tools:$PATH" "$bench" --peers quill=quill
says err "bench: collectd: no checkout given, e.g. scripts/bench --peers collectd=/path/to/collectd"
says out "measured prometheus-cpp "
says out "measured quill "
grep -qxF -- "-DTICKERTAPE_PEERS=prometheus-cpp;concurrentqueue;quill=$work/quill" "$work/tree/build/peers/flags" ||
    complain "cmake got: $(cat "$work/tree/build/peers/flags")"
ends_with 1 env PATH="$work/tools:$PATH" FAKE_CODE=3 "$bench" --peers quill=quill
says err "bench: the program of prometheus-cpp ended with 3: not all of its rows were measured"
says out "measured quill "
ends_with 1 env PATH="$work/tools:$PATH" FAKE_BROKEN=prometheus-cpp "$bench" --peers quill=quill
says err "no such header"
says err "bench: prometheus-cpp could not be built"
says out "measured quill "

# The rooms of a small house.
layers() { awk -f "$root/scripts/layers.awk" rooms.txt $(find sdk -name '*.[hc]pp' | sort); }
house() {
    rm -rf "$work/house"
    mkdir -p "$work/house/sdk/src/low" "$work/house/sdk/src/high" "$work/house/sdk/cli/word" "$work/house/sdk/include/tickertape/kit"
    cd "$work/house"
    printf '# from the ground up\nlow\nhigh include/tickertape/named.hpp\ncli/word\nkit\n' >rooms.txt
    printf '#include <vector>\n' >sdk/include/tickertape/thing.hpp
    printf '#include <tickertape/thing.hpp>\n' >sdk/include/tickertape/named.hpp
    printf '#include <tickertape/thing.hpp>\n' >sdk/include/tickertape/kit/tool.hpp
    printf '#include <tickertape/thing.hpp>\n\n#include "low/part.hpp"\n' >sdk/src/low/thing.cpp
    : >sdk/src/low/part.hpp
    printf '#include "low/part.hpp"\n#include <tickertape/named.hpp>\n' >sdk/src/high/user.cpp
    printf '#include "cli/word/main.hpp"\n#include "high/own.hpp"\n' >sdk/cli/word/main.cpp
    : >sdk/cli/word/main.hpp
    : >sdk/src/high/own.hpp
}
refused() { # SENTENCE
    ends_with 1 layers
    says out "$1"
}

sentence="layers: includes downward are fine"
house
ends_with 0 layers

sentence="layers: a private include upward is refused, with its place and both rooms"
house
printf '#include "low/part.hpp"\n#include "high/own.hpp"\n' >sdk/src/low/other.cpp
refused "sdk/src/low/other.cpp:2: the room 'low' includes 'high' (\"high/own.hpp\"), which does not stand below it"

sentence="layers: so is one of a public header that the list names"
house
echo '#include <tickertape/named.hpp>' >sdk/src/low/other.hpp
refused "sdk/src/low/other.hpp:1: the room 'low' includes 'high'"

sentence="layers: so is one in a public header, and of one that stands in a folder"
house
echo '#include <tickertape/kit/tool.hpp>' >>sdk/include/tickertape/thing.hpp
refused "sdk/include/tickertape/thing.hpp:2: the room 'low' includes 'kit'"

sentence="layers: what has no room is refused"
house
: >sdk/include/tickertape/stray.hpp
refused "sdk/include/tickertape/stray.hpp:1: this file is of no room"
house
mkdir sdk/src/attic && : >sdk/src/attic/box.hpp
refused "sdk/src/attic/box.hpp:1: this file is of no room"

sentence="layers: a room without files, one that stands there twice, and includes of nothing are refused"
house
echo cellar >>rooms.txt
refused "the room 'cellar' has no files"
house
echo low >>rooms.txt
refused "the room 'low' stands here twice"
house
echo '#include "low/gone.hpp"' >sdk/src/high/other.cpp
refused "there is no file 'low/gone.hpp' in sdk"

[ $failures -eq 0 ] || exit 1
