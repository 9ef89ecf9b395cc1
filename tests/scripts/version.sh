#!/bin/sh
# SPDX-License-Identifier: MIT
# The version names the commit in a clone and in a tree that `git archive` made, and leaves it out elsewhere. Only a new commit changes
# the header. usage: version.sh SOURCE
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
expect() { # WHAT PATTERN TEXT
    case $3 in
    $2) ;;
    *)
        echo "version: $1: '$3' is not '$2'" >&2
        failures=$((failures + 1))
        ;;
    esac
}
header() { # TREE
    cmake -G Ninja -S "$1" -B "$1/build" >/dev/null
    sed -n 's/.*build_version = "\(.*\)".*/\1/p' "$1/build/generated/build_version.hpp"
}

clone=$work/clone
mkdir -p "$clone/sdk"
cp -R "$1/sdk/cmake" "$clone/sdk"
cat >"$clone/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(version VERSION 1.2.3 LANGUAGES NONE)
include(sdk/cmake/TickertapeVersion.cmake)
CMAKE
echo 'sdk/cmake/commit.txt export-subst' >"$clone/.gitattributes"
expect 'no git' 1.2.3 "$(header "$clone")"
rm -rf "$clone/build"

commit() {
    git -C "$clone" -c user.name=t -c user.email=t@t commit --quiet --allow-empty --all --message "$1"
}
git -C "$clone" init --quiet
git -C "$clone" add CMakeLists.txt .gitattributes sdk
commit one
first=$(git -C "$clone" rev-parse --short=12 HEAD)
expect 'a clone' "1.2.3 ($first)" "$(header "$clone")"
touch -d '2001-01-01' "$clone/build/generated/build_version.hpp"
expect 'the same commit' "1.2.3 ($first)" "$(header "$clone")"
expect 'the same commit' '2001*' "$(date -r "$clone/build/generated/build_version.hpp" +%Y)"
commit two
expect 'the next commit' "1.2.3 ($(git -C "$clone" rev-parse --short=12 HEAD))" "$(header "$clone")"

mkdir "$work/archive"
git -C "$clone" archive HEAD | tar -x -C "$work/archive"
expect 'an archive' "1.2.3 ($(git -C "$clone" rev-parse HEAD | cut -c 1-12))" "$(header "$work/archive")"
mkdir "$clone/inner" # an archive inside of another repository names its own commit, not that one's
cp -R "$work/archive/CMakeLists.txt" "$work/archive/sdk" "$clone/inner"
commit three
expect 'an archive in a clone' "1.2.3 ($(git -C "$clone" rev-parse --short=12 HEAD~1))" "$(header "$clone/inner")"
grep -qx 'sdk/cmake/commit.txt export-subst' "$1/.gitattributes" || expect '.gitattributes' 'export-subst' ''
[ $failures -eq 0 ]
