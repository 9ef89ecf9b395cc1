# SPDX-License-Identifier: MIT
# Checks that each file includes only files of its own room, or of rooms that come before it in sdk/rooms.txt.
#
# usage: awk -f scripts/layers.awk sdk/rooms.txt FILE…     with all files of sdk/src, sdk/cli and sdk/include, from the top

function fail(where, sentence) {
    print where ": " sentence
    failed = 1
}

function folder_of(path) {
    return path ~ /\// ? substr(path, 1, match(path, /\/[^\/]*$/) - 1) : ""
}

# Returns the room of a file. Reports a file without a room, and returns "".
function room_of(path,    rest, name, room) {
    if (path in stated) {
        return stated[path]
    }
    rest = path
    if (sub(/^sdk\/include\/tickertape\//, "", rest)) {
        room = folder_of(rest) # tickertape/proc/stat.hpp is proc's
        if (room == "") {
            name = rest
            sub(/\.hpp$/, ".cpp", name)
            room = source_room[name] # counter.hpp is of the room that has counter.cpp
        }
    } else {
        sub(/^sdk\/(src\/)?/, "", rest)
        room = folder_of(rest)
    }
    if (!(room in place)) {
        fail(path ":1", "this file is of no room; sdk/rooms.txt has to name its folder, or the file in the line of its room")
        room = ""
    }
    return stated[path] = room
}

# Returns the included file, as the compiler finds it; "" for a file that is not ours.
function find(text, from,    name, i, count, folders) {
    name = text
    name = substr(text, 2)
    sub(/[>"].*$/, "", name)
    count = split(folder_of(from) " " (from ~ /^sdk\/cli\// ? "sdk/cli " : "") "sdk/src sdk sdk/include", folders, " ")
    for (i = text ~ /^</ ? 2 : 1; i <= count; ++i) {
        if ((folders[i] "/" name) in is_file) {
            return folders[i] "/" name
        }
    }
    if (text ~ /^"/ && name !~ /^build_version\.hpp$/) { # which CMake makes
        fail(from ":" FNR, "there is no file '" name "' in sdk")
    }
    return ""
}

BEGIN {
    for (i = 2; i < ARGC; ++i) {
        is_file[ARGV[i]] = 1
        name = ARGV[i]
        if (sub(/^sdk\/src\//, "", name) && name ~ /\.cpp$/) {
            room = folder_of(name)
            sub(/^.*\//, "", name)
            if (name in source_room) {
                room = "" # two files of one name: the name does not show the room
            }
            source_room[name] = room
        }
    }
}

NR == FNR { # the list: ROOM [FILE…], and comments
    sub(/#.*/, "")
    if (NF == 0) {
        next
    }
    if ($1 == "+") {
        room = last
    } else {
        room = last = $1
        if (room in place) {
            fail(FILENAME ":" FNR, "the room '" room "' stands here twice")
        }
        place[room] = ++places
        line_of[room] = FNR
    }
    for (i = 2; i <= NF; ++i) {
        path = "sdk/" $i
        if (!(path in is_file)) {
            fail(FILENAME ":" FNR, "there is no file '" path "'")
        }
        stated[path] = room
    }
    list = FILENAME
    next
}

FNR == 1 {
    mine = room_of(FILENAME)
}

/^[ \t]*#[ \t]*include[ \t]*[<"]/ && mine != "" {
    text = $0
    sub(/^[ \t]*#[ \t]*include[ \t]*/, "", text)
    other_file = find(text, FILENAME)
    if (other_file == "") {
        next
    }
    other = room_of(other_file)
    if (other != "" && place[other] > place[mine]) {
        fail(FILENAME ":" FNR, "the room '" mine "' includes '" other "' (" text "), which does not stand below it")
    }
}

END {
    for (file in is_file) { # the empty ones, too
        used[room_of(file)] = 1
    }
    for (room in place) {
        if (!(room in used)) {
            fail(list ":" line_of[room], "the room '" room "' has no files")
        }
    }
    exit failed
}
