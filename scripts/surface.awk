# SPDX-License-Identifier: MIT
# Counts the types that users of the SDK can name: classes, enumerations and aliases of the namespaces tickertape and
# tickertape::burst in the public headers that are its arguments. Members of classes and the namespaces of rooms do not count.
#
# usage: awk -v most=N -f scripts/surface.awk HEADER...
FNR == 1 { depth = scopes = 0 }
{ sub(/\/\/.*/, "") } # no literal of our headers has // or a brace
/^(inline )?namespace [a-z_:]+ \{/ {
    name = $0
    sub(/^(inline )?namespace /, "", name)
    sub(/ \{.*/, "", name)
    outer = scopes > 0 ? scope[scopes] "::" : ""
    scope[++scopes] = outer name
}
scopes > 0 && depth == scopes && (scope[scopes] == "tickertape" || scope[scopes] == "tickertape::burst") &&
    /^(class|struct|union|enum class|using [A-Za-z]+ =)/ && !/^(class|struct|union|enum class) [^:{]*;/ &&
    !/^(class|struct) [A-Za-z]+(<|::)/ { types++ }
{
    depth += gsub(/\{/, "") - gsub(/\}/, "")
    if (depth < scopes) scopes = depth
}
END {
    types++ # MetricCounter: only its specializations, which do not count, have bodies
    if (types > most || types < 2) {
        print "check: the public headers have " types " types; at most " most " are allowed"
        exit 1
    }
}
