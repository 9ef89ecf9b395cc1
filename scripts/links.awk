# SPDX-License-Identifier: MIT
# The work of scripts/links. The first file lists all existing paths; the others are the files with links.
function bad(what) {
    print what > "/dev/stderr"
    is_bad = 1
}
# Returns the path of LINK from FILE's folder, without . and ..; "" if it is outside of the folder.
function resolved(file, link,    parts, count, i, path, depth) {
    if (link == "") {
        return file
    }
    if (file ~ /\// && link !~ /^\//) {
        sub(/[^\/]*$/, "", file)
        link = file link
    }
    sub(/^\//, "", link)
    count = split(link, parts, "/")
    depth = 0
    for (i = 1; i <= count; ++i) {
        if (parts[i] == "..") {
            if (--depth < 0) {
                return ""
            }
        } else if (parts[i] != "." && parts[i] != "") {
            stack[++depth] = parts[i]
        }
    }
    path = ""
    for (i = 1; i <= depth; ++i) {
        path = path (i > 1 ? "/" : "") stack[i]
    }
    return path == "" ? "." : path
}
function add_link(link) {
    gsub(/&amp;/, "\\&", link)
    if (link !~ /^([a-z][a-z0-9+.-]*:|\/\/)/ && link != "" && link !~ /[<>{}]/) {
        links[++link_count] = link
        link_file[link_count] = FILENAME
        link_line[link_count] = FNR
    }
}
# Returns the anchor of a Markdown heading, in GitHub's form.
function slug(heading,    text) {
    text = tolower(heading)
    gsub(/\]\([^)]*\)/, "", text)
    gsub(/[^a-z0-9_ \200-\377-]/, "", text)
    gsub(/ /, "-", text)
    return text
}
function add_anchor(anchor,    key) {
    key = FILENAME "#" anchor
    if (key in anchors && FILENAME ~ /\.md$/) {
        anchors[key "-" (++repeats[key])] = 1
    }
    anchors[key] = 1
}
# Removes the next matching attribute from `rest`, and sets `value`. Returns whether there is one.
function take_value(attribute) {
    if (!match(rest, attribute)) {
        return 0
    }
    value = substr(rest, RSTART, RLENGTH)
    rest = substr(rest, RSTART + RLENGTH)
    gsub(/^[^"]*"|"$/, "", value)
    return 1
}
FILENAME == "-" {
    exists[$0] = 1
    next
}
FNR == 1 {
    in_code = is_indented = was_blank = 0
}
FILENAME ~ /\.md$/ {
    if ($0 ~ /^ *(```|~~~)/) {
        in_code = !in_code
    }
    is_indented = /^    / && (is_indented || was_blank)
    was_blank = /^$/
    if (in_code || is_indented) {
        next
    }
    if (match($0, /^#+ /)) {
        add_anchor(slug(substr($0, RLENGTH + 1)))
    }
    rest = $0
    gsub(/`[^`]*`/, "", rest)
    while (match(rest, /\]\([^() ]*(\([^()]*\))?[^() ]*/)) {
        add_link(substr(rest, RSTART + 2, RLENGTH - 2))
        rest = substr(rest, RSTART + RLENGTH)
    }
    if (match(rest, /^\[[^]]*\]: +[^ ]+/)) {
        sub(/^\[[^]]*\]: +/, "", rest)
        sub(/ .*/, "", rest)
        add_link(rest)
    }
}
FILENAME ~ /\.html$/ {
    rest = $0
    while (take_value(" (id|name)=\"[^\"]*\"")) {
        add_anchor(value)
    }
    rest = $0
    while (take_value(" (href|src)=\"[^\"]*\"")) {
        add_link(value)
    }
}
END {
    for (i = 1; i <= link_count; ++i) {
        link = links[i]
        anchor = ""
        if (at = index(link, "#")) {
            anchor = substr(link, at + 1)
            link = substr(link, 1, at - 1)
        }
        sub(/\?.*/, "", link)
        gsub(/%20/, " ", link)
        path = resolved(link_file[i], link)
        where = link_file[i] ":" link_line[i] ": " links[i]
        if (path == "" || !(path in exists)) {
            bad(where ": there is no such file")
        } else {
            if (path ~ /(^|\/)[^.\/]*$/ && ((path "/index.html") in exists)) {
                path = path "/index.html"
            }
            if (anchor != "" && path ~ /\.(md|html)$/ && !((path "#" anchor) in anchors) && anchor != "top") {
                bad(where ": there is no such heading")
            }
        }
    }
    exit is_bad
}
