# SPDX-License-Identifier: MIT
# Lists the names that users of the SDK can write, one a line: types, functions, constants, enumerators and members of the
# namespaces tickertape, tickertape::burst and tickertape::testkit in the public headers that are its arguments, as `header` and `name` lines. It
# reads our own formatted headers, no others: a line at a time, with braces counted.
#
# usage: awk -f scripts/api.awk HEADER... | sort -u
function is_public() { return depth == 0 || (open[depth] && visible[depth]) }
function scope(  i, text) {
    for (i = 1; i <= depth; i++) text = text (kind[i] == "" ? "" : kind[i] "::")
    return text
}
function say(what) {
    if (scope() ~ /^tickertape::((burst|testkit)::)?([A-Z][A-Za-z]*::|autodump::)*$/) print "name " scope() what
}
FNR == 1 { depth = 0; parens = 0; path = FILENAME; sub(/.*\/include\//, "", path); print "header " path }
{ sub(/[ \t]*\/\/.*/, ""); sub(/^[ \t]+/, ""); gsub(/"([^"\\]|\\.)*"/, "\"\""); gsub(/'.'/, "' '") }
/^#/ || /^$/ { next }
/^(public|private|protected):/ { open[depth] = /^public/; next }
{
    line = $0
    continued = parens > 0 # the rest of parameters
    starts = !continued && !behind_template
    text = line
    sub(/^template <.*> */, "", text)
    inner = ""
    is_type = text ~ /^(class|struct|union|enum class|enum|namespace|inline namespace)( |$)/ && text !~ /^[^{]*;/
    if (is_type) {
        inner = text
        sub(/^(inline )?(class|struct|union|enum class|enum|namespace) /, "", inner)
        sub(/^(\[\[[a-z]+\]\]|alignas\([0-9]+\)) /, "", inner)
        is_enum = text ~ /^enum/
        is_struct = text ~ /^(struct|union|namespace|inline)/
        sub(/[ :<{][^:].*/, "", inner)
        sub(/[ {]*$/, "", inner)
        if (text !~ /namespace/ && is_public() && inner ~ /^[A-Za-z_:]+$/) say(inner)
    } else if (!continued && (is_public() && depth > 0 && !in_body[depth])) {
        if (enums[depth]) {
            names = line
            gsub(/ *=[^,}]*/, "", names)
            n = split(names, each, /[, {}]+/)
            for (i = 1; i <= n; i++) if (each[i] ~ /^[a-z_]+$/) say(each[i])
        } else if (text ~ /^using [A-Za-z_]+ =/) {
            sub(/^using /, "", text); sub(/ .*/, "", text); say(text)
        } else if (text !~ /^(using|friend|class|struct|union|enum|requires|return|static_assert|:|,|\+|&|\|)/) {
            name = text
            while (gsub(/<[^<>]*>/, "", name)) {}
            sub(/^explicit /, "", name)
            if (match(name, /[A-Za-z_~]+\(/)) {
                name = substr(name, RSTART, RLENGTH - 1)
                if (text !~ /operator/ && name !~ /^(~.*|requires|noexcept|decltype|sizeof|alignas|static_assert)$/) say(name)
            } else if (match(name, /[a-z_0-9]+( = .*|\{.*)?;$/) && name ~ / /) {
                name = substr(name, RSTART)
                sub(/[ ={;].*/, "", name)
                if (name !~ /^(override|noexcept|const|default|delete|0)$/) say(name)
            }
        }
    }
    behind_template = 0
    n = length(line)
    for (i = 1; i <= n; i++) {
        c = substr(line, i, 1)
        if (c == "(") parens++
        else if (c == ")") parens--
        else if (c == "{") {
            seen = is_public()
            depth++
            visible[depth] = seen
            kind[depth] = is_type && inner != "" ? inner : ""
            in_body[depth] = !(is_type && inner != "")
            open[depth] = is_type ? is_struct || is_enum : 0
            enums[depth] = is_type && is_enum
            if (is_type && is_enum && i < n) { # on one line
                names = substr(line, i + 1)
                gsub(/ *=[^,}]*/, "", names)
                m = split(names, each, /[, };]+/)
                for (j = 1; j <= m; j++) if (each[j] ~ /^[a-z_]+$/) say(each[j])
            }
            is_type = 0
            inner = ""
        } else if (c == "}" && depth > 0) depth--
    }
}
