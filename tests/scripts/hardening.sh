#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks in the files of our libraries and programs that they are compiled and linked as sdk/cmake/TickertapeHardening.cmake says.
# usage: hardening.sh BUILD [pie] [cf-protection] [fortify]: the options that the compiler has and the kind of build needs
set -eu
cd "$1"
shift
wanted=" $* "

failures=0
complain() {
    echo "hardening: $*" >&2
    failures=$((failures + 1))
}
wants() { case $wanted in *" $1 "*) ;; *) return 1 ;; esac }

libraries=0
for library in sdk/libtickertape_*.a; do
    libraries=$((libraries + 1))
    members=$(readelf -hW "$library" | grep -c '^File:')
    unknown=$(nm -u "$library" 2>/dev/null | sed 's/.* U //' | sort -u)
    echo "$unknown" | grep -qx '__stack_chk_fail' || complain "$library has no stack protector"
    if wants cf-protection; then
        marked=$(readelf -nW "$library" | grep -c 'x86 feature: IBT, SHSTK' || true)
        [ "$marked" -eq "$members" ] || complain "$library: $marked of $members files have control-flow protection"
    fi
    # Some libraries call no function that has a checked form.
    if wants fortify && echo "$unknown" | grep -qx '__\(mem\|str\|v\{0,1\}snprintf\|read\|pread\|recv\).*_chk'; then
        checked="${checked-} $library"
    fi
done
[ $libraries -ge 3 ] || complain "there are $libraries libraries"
wants fortify && [ -z "${checked-}" ] && complain "no library calls a checked function of the C library"

programs=0
for program in bin/*; do
    [ -f "$program" ] && [ "$(head -c 4 "$program" | tail -c 3)" = ELF ] || continue
    programs=$((programs + 1))
    segments=$(readelf -lW "$program")
    dynamic=$(readelf -dW "$program")
    echo "$segments" | grep -q GNU_RELRO || complain "$program has no RELRO"
    echo "$segments" | grep -q 'GNU_STACK.* RW ' || complain "$program has a stack that can be run"
    echo "$dynamic" | grep -q 'FLAGS_1.*NOW' || complain "$program is bound lazily"
    if wants pie; then
        echo "$dynamic" | grep -q 'FLAGS_1.*PIE' || complain "$program is not position-independent"
    fi
done
[ $programs -gt 0 ] || complain "there are no programs"
[ $failures -eq 0 ]
