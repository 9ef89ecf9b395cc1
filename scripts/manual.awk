# SPDX-License-Identifier: MIT
# Reads the --help of one program, whose form tests/integration/help.cpp checks, and makes of it, by the variable `make`:
#   page      a man page; needs page_name, section, version, date, see ("NAME(SECTION), …") and the folder of the program
#             if that is not in the PATH
#   flags     a line for each flag: program, names, kind of value, text, separated by tabs; needs program
#   settings  the flags that can be set in config files, as roff; with own=1 those under This collector alone
function roff(text) {
    gsub(/\\/, "\\e", text)
    gsub(/'/, "\\(aq", text)
    gsub(/`/, "\\(ga", text)
    gsub(/\^/, "\\(ha", text)
    gsub(/~/, "\\(ti", text)
    gsub(/-/, "\\-", text)
    return text ~ /^\./ ? "\\&" text : text
}
# Writes prose in lines of at most 80 bytes.
function print_text(text,    words, count, i, line) {
    count = split(text, words, " ")
    for (i = 1; i <= count; ++i) {
        if (line != "" && length(roff(line " " words[i])) > 80) {
            print roff(line)
            line = ""
        }
        line = line (line == "" ? "" : " ") words[i]
    }
    print roff(line)
}
# Writes flags and names bold, and values in italics.
function roff_term(term,    words, count, i, text) {
    if (term !~ /^-/) {
        return "\\fB" roff(term) "\\fR"
    }
    count = split(term, words, " ")
    for (i = 1; i <= count; ++i) {
        text = text (i > 1 ? " " : "")
        if (words[i] !~ /^-/) {
            text = text "\\fI" roff(words[i]) "\\fR"
        } else if (words[i] ~ /,$/) {
            text = text "\\fB" roff(substr(words[i], 1, length(words[i]) - 1)) "\\fR,"
        } else {
            text = text "\\fB" roff(words[i]) "\\fR"
        }
    }
    return text
}
function end_paragraph() {
    if (paragraph != "") {
        paragraphs[++paragraph_count] = paragraph
        paragraph = ""
    }
}
# The content of a section in order: terms and their texts.
function section_of(title) {
    if (!(title in entry_count)) {
        entry_count[title] = 0
        titles[++title_count] = title
    }
    current = title
}
function print_entries(title,    i) {
    for (i = 1; i <= entry_count[title]; ++i) {
        print ".TP"
        print roff_term(terms[title, i])
        print_text(texts[title, i])
    }
}
function print_section(title, heading) {
    if (title in entry_count) {
        print ".SH " heading
        print_entries(title)
    }
}
function has_flags(title) {
    return entry_count[title] > 0 && terms[title, 1] ~ /^-/ && title != "Settings"
}
function print_options(    i, count, only) {
    for (i = 1; i <= title_count; ++i) {
        count += has_flags(titles[i])
    }
    print ".SH OPTIONS"
    for (i = 1; i <= title_count; ++i) {
        if (has_flags(titles[i])) {
            if (count > 1 && titles[i] != "Options") {
                print ".SS " (titles[i] == "This collector" ? "Of this collector" : titles[i])
            }
            print_entries(titles[i])
        }
    }
}
function print_page(    i, first, name) {
    first = tolower(substr(summary, 1, 1)) substr(summary, 2)
    sub(/\.$/, "", first)
    name = roff(page_name)
    print ".\\\" Made by scripts/manual from the program's --help."
    print ".TH \"" toupper(name) "\" \"" section "\" \"" date "\" \"" version "\" \"Tickertape\""
    print ".SH NAME"
    print_text(page_name " - " first)
    print ".SH SYNOPSIS"
    print "\\fB" roff(folder usage_name) "\\fR" roff(usage_rest)
    print ".SH DESCRIPTION"
    print_text(summary)
    for (i = 1; i <= paragraph_count; ++i) {
        print ".PP"
        print_text(paragraphs[i])
    }
    print_section("Arguments", "ARGUMENTS")
    print_section("Subcommands", "SUBCOMMANDS")
    print_options()
    for (i = 1; i <= title_count; ++i) {
        if (!has_flags(titles[i]) && titles[i] !~ /^(Arguments|Subcommands|Exit codes|Examples)$/) {
            print_section(titles[i], toupper(titles[i]))
        }
    }
    print_section("Exit codes", "\"EXIT STATUS\"")
    print ".SH EXAMPLES"
    for (i = 1; i <= entry_count["Examples"]; ++i) {
        if (i > 1) {
            print ".PP"
        }
        print_text(texts["Examples", i] ":")
        print ".PP"
        print ".in +4n"
        print ".nf"
        print roff(terms["Examples", i])
        print ".fi"
        print ".in"
    }
    print ".SH \"SEE ALSO\""
    split(see, names, ", *")
    for (i = 1; i in names; ++i) {
        name = names[i]
        sub(/\(.*/, "", name)
        print ".BR " roff(name) " " substr(names[i], length(name) + 1) ((i + 1) in names ? "," : "")
    }
}
function print_flags(    i, j, term, kind) {
    for (i = 1; i <= title_count; ++i) {
        for (j = 1; has_flags(titles[i]) && j <= entry_count[titles[i]]; ++j) {
            term = terms[titles[i], j]
            kind = ""
            if (match(term, / [^ -][^ ]*$/)) {
                kind = substr(term, RSTART + 1)
                term = substr(term, 1, RSTART - 1)
            }
            gsub(/,/, "", term)
            print program "\t" term "\t" kind "\t" texts[titles[i], j]
        }
    }
}
function print_settings(    i, j, term, text) {
    for (i = 1; i <= title_count; ++i) {
        if (has_flags(titles[i]) && titles[i] != "Other" && (titles[i] == "This collector") == (own + 0)) {
            if (!own) {
                print ".SS " titles[i]
            }
            for (j = 1; j <= entry_count[titles[i]]; ++j) {
                term = substr(terms[titles[i], j], 3)
                sub(/ /, " = ", term)
                print ".TP"
                print "\\fB" roff(term ~ /=/ ? term : term " = true|false") "\\fR"
                text = texts[titles[i], j]
                if (titles[i] == "Timing") {
                    sub(/ \[[^]]*\]$/, " [differs by collector]", text)
                }
                print_text(text)
            }
        }
    }
}
NR == 1 {
    summary = $0
    next
}
/^Usage: / {
    usage_name = $0
    sub(/^Usage: /, "", usage_name)
    match(usage_name, / *\[/)
    usage_rest = substr(usage_name, RSTART)
    usage_name = substr(usage_name, 1, RSTART - 1)
    next
}
/^$/ {
    end_paragraph()
    current = ""
    next
}
/^[A-Z][A-Za-z ]*:$/ {
    end_paragraph()
    section_of(substr($0, 1, length($0) - 1))
    next
}
current != "" && /^  [^ ]/ {
    line = substr($0, 3)
    at = ++entry_count[current]
    if (match(line, /   *[^ ]/)) {
        terms[current, at] = substr(line, 1, RSTART - 1)
        texts[current, at] = substr(line, RSTART + RLENGTH - 1)
    } else {
        terms[current, at] = line
    }
    next
}
current != "" && /^   / {
    sub(/^ */, "")
    texts[current, at] = texts[current, at] (texts[current, at] == "" ? "" : " ") $0
    next
}
{
    paragraph = paragraph (paragraph == "" ? "" : " ") $0
}
END {
    end_paragraph()
    if (make == "page") {
        print_page()
    } else if (make == "flags") {
        print_flags()
    } else {
        print_settings()
    }
}
