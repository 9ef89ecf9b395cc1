# SPDX-License-Identifier: MIT
# Fills a template of completion, the first file, with the table of flags (scripts/manual.awk), the second. Variables: shell
# (bash or zsh), subcommands and collectors, with blanks between them.
function quoted(text) { # for zsh, in single quotes
    gsub(/\\/, "\\\\", text)
    gsub(/\[/, "\\[", text)
    gsub(/\]/, "\\]", text)
    gsub(/:/, "\\:", text)
    gsub(/'/, "'\\''", text)
    return text
}
function zsh_flag(    count, names, i, action, text) {
    action = ""
    if ($3 ~ /\|/) {
        text = $3
        gsub(/\|/, " ", text)
        action = ":value:(" text ")"
    } else if ($3 == "FILE") {
        action = ":file:_files"
    } else if ($3 == "DIRECTORY") {
        action = ":directory:_files -/"
    } else if ($3 != "") {
        action = ":" $3 ": "
    }
    text = $4
    sub(/ \[[^]]*\]$/, "", text)
    count = split($2, names, " ")
    for (i = 1; i <= count; ++i) {
        lines[$1] = lines[$1] " \\\n            '" ($4 ~ /repeat/ ? "*" : "") names[i] \
            ($3 != "" && names[i] ~ /^--/ ? "=" : "") "[" quoted(text) "]" action "'"
    }
}
FILENAME == ARGV[1] {
    template[++length_of_template] = $0
    next
}
{
    if (!($1 in flags)) {
        programs[++program_count] = $1
    }
    flags[$1] = flags[$1] (flags[$1] == "" ? "" : " ") $2
    if ($3 != "") {
        pattern = $1 ":" $2 # -c --config: program:-c | program:--config
        gsub(/ /, " | " $1 ":", pattern)
        kinds = kinds "    " pattern ") echo '" $3 "' ;;\n"
    }
    zsh_flag()
}
END {
    sub(/ *$/, "", subcommands)
    sub(/ *$/, "", collectors)
    for (i = 1; i <= length_of_template; ++i) {
        line = template[i]
        gsub(/@COLLECTORS@/, collectors, line)
        if (line == "@FLAGS@") {
            for (j = 1; j <= program_count; ++j) {
                program = programs[j]
                if (shell == "bash") {
                    print "    " program ") echo '" flags[program] "' ;;"
                } else {
                    print "    " program ")\n        _arguments -s" lines[program] " \\\n            '*:file:_files'\n        ;;"
                }
            }
        } else if (line == "@KINDS@") {
            printf "%s", kinds
        } else if (line == "@SUBCOMMANDS@") {
            count = split("help " subcommands, names, " ")
            for (j = 1; j <= count; ++j) {
                print "        " names[j]
            }
        } else {
            gsub(/@SUBCOMMANDS@/, subcommands, line)
            print line
        }
    }
}
