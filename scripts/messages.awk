# SPDX-License-Identifier: MIT
# Does the work of scripts/messages.
function fail(what) {
    print "messages: " FILENAME ":" FNR ": " what > "/dev/stderr"
    is_bad = 1
}
# Reads the parts of the string literals of a statement, without printf's placeholders and without the name of the command.
function read_parts(statement,    literal, pieces, count, i) {
    part_count = 0
    while (match(statement, /"([^"\\]|\\.)*"/)) {
        literal = substr(statement, RSTART + 1, RLENGTH - 2)
        statement = substr(statement, RSTART + RLENGTH)
        # Neighbouring literals are one.
        while (match(statement, /^[ \t\n]*"([^"\\]|\\.)*"/)) {
            pieces[1] = substr(statement, RSTART, RLENGTH)
            statement = substr(statement, RSTART + RLENGTH)
            sub(/^[ \t\n]*"/, "", pieces[1])
            literal = literal substr(pieces[1], 1, length(pieces[1]) - 1)
        }
        gsub(/\\n/, "", literal)
        gsub(/\\"/, "\"", literal)
        sub(/^tickertape: /, "", literal)
        count = split(literal, pieces, /%[-+0-9.]*(l|ll|z)?[a-z]/)
        for (i = 1; i <= count; ++i) {
            parts[++part_count] = pieces[i]
        }
    }
}
function has_words(    i) {
    for (i = 1; i <= part_count; ++i) {
        if (parts[i] ~ /[a-z]+ [a-z]/) {
            return 1
        }
    }
    return 0
}
function check(message,    rest, i, at) {
    rest = message
    for (i = 1; i <= part_count; ++i) {
        if (parts[i] == "") {
            continue
        }
        at = index(rest, parts[i])
        if (at == 0) {
            fail("the message has '" parts[i] "', its comment has not: " message)
            return
        }
        rest = substr(rest, at + length(parts[i]))
    }
}
function room_of(file) {
    return file ~ /^sdk\/cli\/agent/ ? "The agent" : file ~ /^sdk\/cli/ ? "The command" : file ~ /^sdk\/src\/(push|scrape|tls)/ ? "Pushing" : \
        file ~ /^sdk\/src\/(spool|stage)/ ? "Queues and spools" : \
        file ~ /^sdk\/src\/(counter|telemeter)/ ? "Counters and telemeters" : "Collectors"
}
# Returns the part that is used wrongly: a program, or a part of the library.
function user_of(file,    parts_of_path) {
    split(file, parts_of_path, "/")
    if (file ~ /^sdk\/cli\/(agent|burst|host|lint|push|spool)\//) {
        return "tickertape " parts_of_path[3]
    }
    return file ~ /^sdk\/cli\/(watch|terminal)/ ? "tickertape watch" : file ~ /^sdk\/cli/ ? "Several commands" : \
        file ~ /^collectors|^sdk\/src\/collector/ ? "Collectors" : \
        file ~ /^sdk\/src\/point/ ? "Names, tags and values" : file ~ /^sdk\/src\/(push|scrape|tls)/ ? "Targets and pushing" : \
        file ~ /^sdk\/src\/(spool|stage)/ ? "Queues and spools" : file ~ /^sdk\/src\/telemeter/ ? "Telemeters" : \
        file ~ /^sdk\/src\/burst/ ? "Analysis of bursts" : "Counters and autodump"
}
# Returns a statement of the same length, with blanks in place of the contents of its literals.
function masked(statement,    out, piece) {
    out = ""
    while (match(statement, /"([^"\\]|\\.)*"|'([^'\\]|\\.)'/)) {
        piece = substr(statement, RSTART, RLENGTH)
        gsub(/[^\n]/, "_", piece)
        out = out substr(statement, 1, RSTART - 1) piece
        statement = substr(statement, RSTART + RLENGTH)
    }
    out = out statement
    gsub(/::/, "__", out)
    return out
}
# Returns the end of the expression that begins at `at`: a comma, the closing bracket around it, or the colon of its choice.
function end_of(mask, at,    depth, c, choices) {
    depth = choices = 0
    for (; at <= length(mask); ++at) {
        c = substr(mask, at, 1)
        if (c ~ /[({[]/) {
            ++depth
        } else if (c ~ /[])}]/ && depth-- == 0) {
            return at
        } else if (depth == 0 && c == "?") {
            ++choices
        } else if (depth == 0 && c == ":" && choices-- == 0) {
            return at
        } else if (depth == 0 && c ~ /[,;]/) {
            return at
        }
    }
    return at
}
# Returns the statement with `arm` in place of the choice between `before` and `after`. Literals that become neighbours are
# joined.
function with_arm(before, arm, after) {
    if (masked(arm) !~ /^[_ \t\n]*$/ || arm !~ /"/) {
        return before arm after
    }
    if (arm ~ /^[ \t\n]*"/ && match(before, /"[ \t\n)}]*\+[ \t\n(]*$/)) {
        before = substr(before, 1, RSTART - 1)
        sub(/^[ \t\n]*"/, "", arm)
    }
    if (arm ~ /"[ \t\n]*$/ && match(after, /^[ \t\n)]*\+[ \t\n]*"/)) {
        after = substr(after, RSTART + RLENGTH)
        sub(/"[ \t\n]*$/, "", arm)
    }
    return before arm after
}
# Adds the texts of an exception, one for each arm of a `condition ? arm : arm`. `chosen` has the conditions with a chosen arm.
function add_choices(statement, kind, chosen,    mask, ask, begin, depth, c, colon, end, condition, before, arms, i) {
    mask = masked(statement)
    ask = index(mask, "?")
    if (ask == 0) {
        read_parts(statement)
        add_thrown(kind)
        return
    }
    depth = 0
    for (begin = ask; begin > 1; --begin) {
        c = substr(mask, begin - 1, 1)
        if (c ~ /[])}]/) {
            ++depth
        } else if ((c ~ /[({[]/ && depth-- == 0) || (c == "," && depth == 0)) {
            break
        }
    }
    colon = end_of(mask, ask + 1)
    end = end_of(mask, colon + 1)
    before = substr(statement, 1, begin - 1)
    condition = substr(statement, begin, ask - begin)
    gsub(/[ \t\n]/, "", condition)
    arms[1] = substr(statement, ask + 1, colon - ask - 1)
    arms[2] = substr(statement, colon + 1, end - colon - 1)
    for (i = 1; i <= 2; ++i) {
        if (index(chosen, "\n" condition "\n" (3 - i)) == 0) {
            add_choices(with_arm(before, arms[i], substr(statement, end)), kind, chosen "\n" condition "\n" i)
        }
    }
}
function cell(text) {
    gsub(/\|/, "\\|", text)
    return text
}
function add_message(    room, row) {
    if (cause == "" || remedy == "") {
        fail("a message needs a cause and a remedy")
    }
    room = room_of(FILENAME)
    row = "| `" cell(message) "` | " cell(cause) " | " cell(remedy) " |\n"
    if (index(rows[room], row) == 0) {
        rows[room] = rows[room] row
    }
}
# Adds the text of an exception: its literals, with … between them for the parts that vary.
function add_thrown(kind,    i, text) {
    text = ""
    for (i = 1; i <= part_count; ++i) {
        text = text (text == "" ? (parts[i] ~ /^([ :"]|'([^']|$))/ ? "…" : "") : "…") parts[i]
    }
    sub(/'$/, "'…'", text)
    gsub(/…'?…/, "…", text)
    text = text (text ~ / $/ ? "…" : "")
    gsub(/`/, "'", text)
    if (kind == "usage") {
        kind = user_of(FILENAME)
    }
    if (has_words() && !((kind text) in thrown)) {
        thrown[kind text] = 1
        list[kind] = list[kind] "- `" text "`\n"
    }
}
function end_statement() {
    read_parts(statement)
    if (statement ~ /throw UsageError|[^_a-z]refuse\(text/) {
        add_choices(statement, "usage")
    } else if (statement ~ /throw CannotWork/) {
        add_choices(statement, "cannot work")
    } else if (message != "") {
        check(message)
        add_message()
    } else if (has_words()) {
        fail("this message has no comments 'Message:', 'Cause:' and 'Remedy:' above it")
    }
    statement = message = cause = remedy = ""
}
FNR == 1 {
    statement = message = cause = remedy = tag = ""
}
statement == "" && /^ *\/\/ (Message|Cause|Remedy): / {
    tag = $2
    text = $0
    sub(/^ *\/\/ [A-Z][a-z]*: /, "", text)
    if (tag == "Message:") {
        message = text
        cause = remedy = ""
    } else if (tag == "Cause:") {
        cause = text
    } else {
        remedy = text
    }
    next
}
statement == "" && tag != "" && /^ *\/\/   / {
    sub(/^ *\/\/ */, "")
    if (tag == "Message:") {
        message = message " " $0
    } else if (tag == "Cause:") {
        cause = cause " " $0
    } else {
        remedy = remedy " " $0
    }
    next
}
{
    tag = ""
    code = $0
    sub(/^ *\/\/.*/, "", code)
}
statement == "" && (message != "" || code ~ /base::(report|log)(_always)?\(|print_message\(|[^_a-zA-Z:]warn\(|fprintf\(stderr|fputs\(|throw (UsageError|CannotWork)|[^_a-zA-Z]refuse\(text|[^a-zA-Z_]say\((base::Level::[a-z]+, )?"/) {
    if (code ~ /^(void|constexpr|inline|\[\[)/ || (message == "" && code ~ /fputs\(/ && code !~ /"tickertape: /)) {
        next
    }
    statement = code
    if (code ~ /;/) {
        end_statement()
    }
    next
}
statement != "" {
    statement = statement "\n" code
    if (code ~ /; *(\/\/.*)?$|;$/) {
        end_statement()
    }
}
END {
    print "# Messages\n"
    print "Look up a message of a collector, the command or the library: its cause and its remedy. Words in capitals vary; search"
    print "this page for the others.\n"
    print "```console"
    print "$ uptime --tsd tsdb:4242"
    print "tickertape: tsd://tsdb:4242: cannot connect: Connection refused: trying again"
    print "```\n"
    print "A message is one line on stderr: `tickertape: TARGET: what happened: what is done about it`. TARGET is the server, file, table or metric"
    print "that it is about; messages about the whole program have none. The message that ends a collector begins with the name of the collector instead:"
    print "`uptime: '--foo' is no flag of this collector; …`. So do messages about a member of `tickertape host`. Characters other than printable ASCII are"
    print "printed as `?`.\n"
    print "**Limits.** A process prints the same message at most once a minute, and at most ten different ones a minute. A message above these limits is not"
    print "printed later. If its cause lasts, it is reported again. Exceptions: an unreadable log and a failing spool are reported only once. After they have worked"
    print "again, a new failure is a new message. Messages about points that queues and counters lose at the end of a process are always printed.\n"
    print "**In your program**, `set_message_function` of `tickertape/messages.hpp` sends messages to your function. The limits stay the same.\n"
    print "In systemd's journal a message has a priority: [levels](pushing.md#messages). `--log-level` leaves out less serious ones. After most messages"
    print "the program goes on. If it ends, its last message says why, and the exit code is 13 for"
    print "[nothing to report](#nothing-to-report), 2 for [wrong use](#wrong-use), and otherwise as `--help` lists it."
    print "The wording is [not stable](compatibility.md): alert on self-metrics ([monitoring.md](monitoring.md)), not on messages.\n"
    print "This page is made by `scripts/messages --write` from the code.\n"
    split("Collectors|Pushing|Queues and spools|Counters and telemeters|The command|The agent", rooms, "|")
    about["Queues and spools"] = "A spool at its limit (`--spool-max`, `--spool-age`) deletes its oldest points without a message, and counts them in `dropped`.\n"
    about["The agent"] = "These lines begin with `tickertape agent: `, or with date and time in a `--logfile`. So do messages of the sections above when the agent\n" \
        "prints them. The limits per minute do not hold for the agent's own messages. For each program, the agent logs 20 refused lines, and then one every\n" \
        "3 s; the same holds for lines of its standard error. NAME is the program.\n"
    for (i = 1; i in rooms; ++i) {
        print "## " rooms[i] "\n"
        if (rooms[i] in about) {
            print about[rooms[i]]
        }
        print "| message | cause | remedy |\n|---|---|---|"
        print rows[rooms[i]]
    }
    print "## Files and the system\n"
    print "- `PATH:LINE: field NUMBER 'TEXT' is …`: a row of a kernel file is not as expected. The row is left out, and `tickertape.rows.skipped` counts it."
    print "- `PATH: …: REASON`: a file cannot be opened, read or written. REASON is the system's. Correct the path or the permissions.\n"
    print "## Nothing to report\n"
    print "A collector ends with exit code 13 if this host has nothing for it, or if it may not read its input. Install what the message names, or permit the"
    print "access; otherwise no action is needed. tcollector and `tickertape agent` start the collector again an hour after its last start, or at once when its file"
    print "is newer; `tickertape host` an hour after its end. The systemd unit does not start it again.\n"
    print list["cannot work"]
    print "## Wrong use\n"
    print "A program ends with exit code 2, or a function throws `UsageError`. The message names the flag, setting or name that is wrong. Some entries are only the"
    print "end of a message: look for `is no directory` when you see `--proc-root: '/foo' is no directory`. … replaces text that varies."
    remedies["Collectors"] = "A flag, variable or config key has a wrong value, or a collector of your own passes one. Correct it: `--help` lists the flags, and\n" \
        "`--check-config` prints the origin of each value."
    remedies["tickertape agent"] = "A flag, or a line of `/etc/tickertape/agent.conf`, is wrong. Correct it: [agent.md](agent.md#settings) and `tickertape agent --help`\n" \
        "have all settings, and `tickertape agent --check` tries them."
    remedies["tickertape burst"] = "A flag has a wrong value. Correct it: see `tickertape burst --help`."
    remedies["tickertape host"] = "The list of collectors is wrong. Name collectors that exist; the message, or `tickertape host --help`, lists them."
    remedies["tickertape lint"] = "A flag has a wrong value. Correct it: see `tickertape lint --help`."
    remedies["tickertape push"] = "A flag has a wrong value, or targets and files are in the wrong order. Write targets first, then files: see\n" \
        "[pushing.md](pushing.md#targets) and `tickertape push --help`."
    remedies["tickertape spool"] = "`--drop` names no file of a spool. Copy the name from the list that `tickertape spool DIR` prints."
    remedies["tickertape watch"] = "A flag has a wrong value, or there is no terminal to draw on. Correct the flag, or run it at a terminal: see\n" \
        "[watch.md](watch.md)."
    remedies["Several commands"] = "A flag has a wrong value. Write one that the message names."
    remedies["Names, tags and values"] = "A name, tag or value of your program, or of `--tag`, cannot be stored by a TSD. Correct it; `sanitize()` repairs names."
    remedies["Counters and autodump"] = "The program makes or dumps counters in a way that is not allowed. Correct the call; the comments in the headers have the limits."
    remedies["Telemeters"] = "The program uses one name for two kinds of values, or passes an option out of its range. Correct the call."
    remedies["Targets and pushing"] = "A target, a file with credentials or an option of pushing is wrong. Correct it: see [pushing.md](pushing.md#targets)."
    remedies["Queues and spools"] = "The program, or a flag, passes an option out of its range. Correct it: the message or the comment in the header has the range."
    remedies["Analysis of bursts"] = "The program passes samples or limits that are not allowed to `tickertape/burst.hpp`. Correct the call."
    split("Collectors|tickertape agent|tickertape burst|tickertape host|tickertape lint|tickertape push|tickertape spool|tickertape watch|" \
          "Several commands|Names, tags and values|Counters and autodump|Telemeters|Targets and pushing|Queues and spools|Analysis of bursts", users, "|")
    for (i = 1; i in users; ++i) {
        if (users[i] in list) {
            if (!(users[i] in remedies)) {
                print "messages: " users[i] ": wrong use without a cause and a remedy" > "/dev/stderr"
                is_bad = 1
            }
            print "\n**" users[i] "**: " remedies[users[i]] "\n"
            printf "%s", list[users[i]]
        }
    }
    exit is_bad
}
