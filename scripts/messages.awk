# SPDX-License-Identifier: MIT
# The work of scripts/messages.
function fail(what) {
    print "messages: " FILENAME ":" FNR ": " what > "/dev/stderr"
    is_bad = 1
}
# The parts of the string literals of a statement, without what printf fills in and without the name of the command.
function read_parts(statement,    literal, pieces, count, i) {
    part_count = 0
    while (match(statement, /"([^"\\]|\\.)*"/)) {
        literal = substr(statement, RSTART + 1, RLENGTH - 2)
        statement = substr(statement, RSTART + RLENGTH)
        # Literals side by side are one.
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
    return file ~ /^sdk\/cli/ ? "The command" : file ~ /^sdk\/src\/(push|tls)/ ? "Pushing" : \
        file ~ /^sdk\/src\/(spool|stage)/ ? "Queues and spools" : \
        file ~ /^sdk\/src\/(counter|telemeter)/ ? "Counters and telemeters" : "Collectors"
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
# What is thrown: literals, with … between them for what varies.
function add_thrown(kind,    i, text) {
    text = ""
    for (i = 1; i <= part_count; ++i) {
        text = text (text == "" ? (parts[i] ~ /^[ :'"]/ ? "…" : "") : "…") parts[i]
    }
    sub(/'$/, "'…'", text)
    gsub(/…'?…/, "…", text)
    text = text (text ~ / $/ ? "…" : "")
    gsub(/`/, "'", text)
    if (has_words() && !((kind text) in thrown)) {
        thrown[kind text] = 1
        list[kind] = list[kind] "- `" text "`\n"
    }
}
function end_statement() {
    read_parts(statement)
    if (statement ~ /throw UsageError|[^_a-z]refuse\(text/) {
        add_thrown("usage")
    } else if (statement ~ /throw CannotWork/) {
        add_thrown("cannot work")
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
statement == "" && (message != "" || code ~ /base::report(_always)?\(|[^_a-zA-Z:]warn\(|fprintf\(stderr|fputs\(|throw (UsageError|CannotWork)|[^_a-zA-Z]refuse\(text|[^a-zA-Z_]say\("/) {
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
    print "Look up a message of a collector, the command or the library: its cause and what to do. Capitals stand for what varies.\n"
    print "```console"
    print "$ uptime --tsd tsdb:4242"
    print "tickertape: tsdb:4242: cannot connect: Connection refused: trying again"
    print "```\n"
    print "A message is one line on stderr: `tickertape: TARGET: what happened: what is done about it`. TARGET is the server, file, table or metric"
    print "that it is about. The same message comes at most once a minute, and at most ten different ones a minute."
    print "[set_message_function](collectors.md) sends them to a function of yours instead.\n"
    print "This page is made by `scripts/messages --write` from the code.\n"
    split("Collectors|Pushing|Queues and spools|Counters and telemeters|The command", rooms, "|")
    for (i = 1; i in rooms; ++i) {
        print "## " rooms[i] "\n"
        print "| message | cause | remedy |\n|---|---|---|"
        print rows[rooms[i]]
    }
    print "## Files and the system\n"
    print "- `PATH:LINE: field NUMBER 'TEXT' is …`: a row of a kernel file is not as expected. The row is left out, and `tickertape.rows.skipped` counts it."
    print "- `PATH: …: REASON`: a file cannot be opened, read or written. REASON is the system's. Correct the path or the permissions.\n"
    print "## Nothing to report\n"
    print "A collector ends with exit code 13 if this host has nothing for it. tcollector tries again an hour later.\n"
    print list["cannot work"]
    print "## Wrong use\n"
    print "A program ends with exit code 2, or a function throws `UsageError`, and the message names the wrong flag, setting or name. … stands for what"
    print "varies.\n"
    printf "%s", list["usage"]
    exit is_bad
}
