// SPDX-License-Identifier: MIT
// The answers of a real numprocesses to a wrong command line.
#include <algorithm>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/process.hpp"

namespace {

struct Wrong {
    std::vector<std::string> arguments;
    std::string named; // a part of the message
};

test::Result numprocesses(const std::vector<std::string>& arguments) {
    return test::run({.program = test::collector("numprocesses"), .arguments = arguments});
}

bool is_one_sentence(const std::string& text) {
    return test::complete_lines(text).size() == 1 && text.starts_with("numprocesses: ") &&
           std::all_of(text.begin(), text.end() - 1, [](char c) { return c >= ' ' && c <= '~'; });
}

} // namespace

TEST_CASE("A wrong command line gives one sentence with its fault, exit code 2, and nothing on stdout") {
    const std::string duration = "is no duration";
    const std::vector<Wrong> all{
        {{"--interval", "soon"}, "--interval: 'soon' " + duration},
        {{"--interval", "-5"}, "--interval: '-5' " + duration},
        {{"--interval", "1e3"}, "--interval: '1e3' " + duration},
        {{"--interval", "nan"}, "--interval: 'nan' " + duration},
        {{"--interval", "1,5"}, "--interval: '1,5' " + duration},
        {{"--interval", "0.0001"}, "--interval: '0.0001' " + duration},
        {{"--interval", "99999999999999999999"}, "--interval: '99999999999999999999' " + duration},
        {{"--interval", "0"}, "--interval: '0' is too short"},
        {{"--interval", "40000000"}, "--interval: '40000000' is too long"},
        {{"--interval", ""}, "--interval: '' " + duration},
        {{"--interval", " 1"}, "--interval: ' 1' " + duration},
        {{"--interval", "1\n2"}, "--interval: '1\\n2' " + duration},
        {{"--interval", "\x1b[31m\xff"}, "--interval: '\\x1b[31m\\xff' " + duration},
        {{"--interval"}, "--interval"},
        {{"--timespan", "x"}, "--timespan: 'x' " + duration},
        {{"--timespan", "3", "--granularity", "2"}, "--timespan: '3' is no multiple of the granularity, 2 s"},
        {{"--timespan", "31536000", "--granularity", "1ms"}, "--timespan: '31536000'"},
        {{"--granularity", "1us"}, "--granularity: '1us' " + duration},
        {{"--granularity", "0ms"}, "--granularity: '0ms' is too short"},
        {{"--tag", "x"}, "--tag: 'x' has no '='"},
        {{"--tag", "=1"}, "--tag"},
        {{"--tag", "a="}, "--tag"},
        {{"--tag", "a=b=c"}, "--tag: the name 'b=c' has the illegal character '=' at position 2"},
        {{"--tag", "a=b c"}, "--tag: the name 'b c' has the illegal character ' ' at position 2"},
        {{"--tag", "a=1\nput x 1 1"}, "--tag: the name '1\\nput"},
        {{"--tag", "[a=1,b=2]"}, "--tag"},
        {{"--tag", "a=1", "--tag", "a=2"}, "--tag: 'a=2' sets a key"},
        {{"--tag", "state=mine", "--once"}, "--tag: 'state=mine' sets a key"},
        {{"--host-tag", ""}, "--host-tag"},
        {{"--host-tag", "a b"}, "--host-tag: the name 'a b'"},
        {{"--format", "PUT"}, "--format: 'PUT' is no format"},
        {{"--format", "x\ny"}, "--format: 'x\\ny' is no format"},
        {{"--dedup", "0.5"}, "--dedup: '0.5' is not a whole number of seconds"},
        {{"--dedup", "never"}, "--dedup: 'never' " + duration},
        {{"--for", "0"}, "--for: '0' is too short"},
        {{"--for", "ever"}, "--for: 'ever' " + duration},
        {{"--once=perhaps"}, "--once"},
        {{"--now", "noon"}, "--now: 'noon' is no time"},
        {{"--hostname", "a b"}, "--hostname: the name 'a b'"},
        {{"--bogus"}, "--bogus"},
        {{"--bogus\nx"}, "--bogus"},
        {{"-x"}, "-x"},
        {{"extra"}, "extra"},
        {{"--proc-root", "/nonexistent/proc"}, "/nonexistent/proc"},
        {{"--proc-root", ""}, "--proc-root"},
        {{"--proc-root", "/dev/null"}, "/dev/null"},
    };
    for (const Wrong& wrong : all) {
        CAPTURE(wrong.arguments, wrong.named);
        const test::Result result = numprocesses(wrong.arguments);
        CAPTURE(result.err);
        CHECK(result.ended == test::Ended{.code = 2});
        CHECK(result.out.empty());
        CHECK(is_one_sentence(result.err));
        CHECK(result.err.find(wrong.named) != std::string::npos);
    }
}

TEST_CASE("The flag --help lists all flags except those for tests, --version prints one line, and both exit with 0") {
    const test::Result help = numprocesses({"--help"});
    CHECK(help.ended == test::exit_0);
    CHECK(help.err.empty());
    for (const char* const flag : {"--interval", "--timespan", "--granularity", "--tag", "--host-tag", "--format",
                                   "--dedup", "--for", "--once", "--proc-root", "--help", "--version"}) {
        CAPTURE(flag);
        CHECK(help.out.find(flag) != std::string::npos);
    }
    CHECK(help.out.find("--now") == std::string::npos);
    CHECK(help.out.find("--hostname") == std::string::npos);

    const test::Result version = numprocesses({"--version"});
    CHECK(version.ended == test::exit_0);
    CHECK(version.err.empty());
    CHECK(test::complete_lines(version.out).size() == 1);
    CHECK(version.out.starts_with("numprocesses "));
    CHECK(version.out.ends_with(" -TLS -spool\n"));
}
