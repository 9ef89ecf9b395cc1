// SPDX-License-Identifier: MIT
// `tickertape watch` from a user's point of view, on pseudo-terminals.
#include <sys/resource.h>
#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <map>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"
#include "support/terminal.hpp"

namespace {

using Catch::Matchers::ContainsSubstring;
using test::Ended;
using test::Terminal;
using test::VtScreen;

constexpr std::int64_t origin = 1'700'000'000;

std::string line(const std::string& metric, int second, const std::string& value) {
    return "put " + metric + " " + std::to_string(origin + second) + " " + value + " host=web01\n";
}

const std::map<std::string, std::string> surroundings{
    {"TERM", "xterm-256color"}, {"LC_ALL", "C.UTF-8"}, {"NO_COLOR", ""}, {"COLUMNS", ""}};

/// Starts on the terminal, in a new session, which this terminal then controls.
test::Process start(const Terminal& terminal, std::vector<std::string> arguments = {},
                    std::map<std::string, std::string> environment = {}) {
    arguments.insert(arguments.begin(), "watch");
    environment.insert(surroundings.begin(), surroundings.end());
    return test::Process{{.program = test::collector("tickertape"),
                          .arguments = std::move(arguments),
                          .in = test::Pipe{},
                          .out = test::Device{terminal.path()},
                          .own_session = true,
                          .environment = std::move(environment)}};
}

/// Checks that the terminal is as before.
void check_given_back(Terminal& terminal, const termios& before) {
    CHECK(test::same(terminal.modes(), before));
    const VtScreen& screen = terminal.screen();
    CHECK(!screen.shows_other_page());
    CHECK(screen.shows_cursor());
    CHECK(screen.has_plain_look());
    CHECK(!screen.is_held());
}

} // namespace

TEST_CASE("watch shows a row per series as lines come, obeys keys, and leaves the terminal as it was") {
    Terminal terminal{12, 80};
    const termios before = terminal.modes();
    auto watch = start(terminal);
    watch.in.write(line("shop.requests", 0, "3") + line("shop.errors", 0, "1"));
    REQUIRE(terminal.shows("shop.requests"));
    CHECK(terminal.screen().shows_other_page());
    CHECK(!terminal.screen().shows_cursor());
    CHECK(!test::same(terminal.modes(), before));
    watch.in.write(line("shop.requests", 1, "17") + "nonsense\n");
    REQUIRE(terminal.shows("17"));
    REQUIRE(terminal.shows("1 unusable"));
    terminal.type("s");
    REQUIRE(terminal.shows("by value"));
    CHECK(terminal.screen().row(2).starts_with("shop.requests"));
    terminal.type("r");
    REQUIRE(terminal.shows("by value, reversed"));
    CHECK(terminal.screen().row(2).starts_with("shop.errors"));
    terminal.type("/req\r");
    REQUIRE(terminal.shows("1 of 2 series"));
    terminal.type("\x1b"); // Escape alone
    REQUIRE(terminal.shows([](const VtScreen& screen) { return screen.text().find("1 of 2") == std::string::npos; }));
    CHECK(terminal.screen().beyond_the_edge() == 0);
    terminal.type("q");
    CHECK(watch.wait(test::at_some_time) == test::exit_0);
    check_given_back(terminal, before);
    CHECK(watch.err.read_to_end(test::at_some_time).empty());
}

TEST_CASE("watch takes Escape for a key, and the key after it, though its input never pauses") {
    Terminal terminal{12, 80};
    auto watch = start(terminal, {"/dev/zero"});
    REQUIRE(terminal.shows("0 series"));
    terminal.type("/m3");
    REQUIRE(terminal.shows("/m3_"));
    terminal.type("\x1b");
    REQUIRE(terminal.shows([](const VtScreen& screen) { return screen.text().find("m3") == std::string::npos; }));
    terminal.type("q");
    CHECK(watch.wait(test::at_some_time) == test::exit_0);
}

TEST_CASE("watch leaves the terminal as it was whatever ends it") {
    const rlimit no_core{};
    setrlimit(RLIMIT_CORE, &no_core);
    struct End {
        const char* name;
        Ended ended;
        void (*make)(Terminal&, test::Process&);
    };
    const End end =
        GENERATE(End{"TERM", {.code = 0}, [](Terminal&, test::Process& watch) { watch.signal(SIGTERM); }},
                 End{"INT", {.code = 0}, [](Terminal&, test::Process& watch) { watch.signal(SIGINT); }},
                 End{"HUP", {.code = 0}, [](Terminal&, test::Process& watch) { watch.signal(SIGHUP); }},
                 End{"Ctrl-C", {.code = 0}, [](Terminal& terminal, test::Process&) { terminal.type("\x03"); }},
                 End{"Ctrl-\\", {.signal = SIGQUIT}, [](Terminal& terminal, test::Process&) { terminal.type("\x1c"); }},
                 End{"ABRT", {.signal = SIGABRT}, [](Terminal&, test::Process& watch) { watch.signal(SIGABRT); }},
                 End{"q", {.code = 0}, [](Terminal& terminal, test::Process&) { terminal.type("q"); }});
    CAPTURE(end.name);
    Terminal terminal{12, 80};
    const termios before = terminal.modes();
    auto watch = start(terminal);
    watch.in.write(line("m", 0, "3"));
    REQUIRE(terminal.shows(" 1 series"));
    end.make(terminal, watch);
    CHECK(watch.wait(test::at_some_time) == end.ended);
    check_given_back(terminal, before);
}

TEST_CASE("watch restores the terminal when reading fails, and reports the error") {
    Terminal terminal{12, 80};
    const termios before = terminal.modes();
    auto watch = start(terminal, {"/"});
    CHECK(watch.wait(test::at_some_time) == Ended{.code = 1});
    check_given_back(terminal, before);
    CHECK_THAT(watch.err.read_to_end(test::at_some_time), ContainsSubstring("cannot read /: Is a directory"));
}

TEST_CASE("watch ends when its terminal has gone") {
    Terminal terminal{12, 80};
    auto watch = start(terminal);
    watch.in.write(line("m", 0, "3"));
    REQUIRE(terminal.shows(" 1 series"));
    terminal.hang_up();
    CHECK(watch.wait(test::at_some_time) == test::exit_0);
}

TEST_CASE("watch keeps the picture after the end of the input until the user quits") {
    Terminal terminal{12, 80};
    auto watch = start(terminal);
    watch.in.write(line("first", 0, "3") + line("second", 0, "4").substr(0, 33)); // without a newline
    watch.in.close();
    REQUIRE(terminal.shows("input ended"));
    CHECK(terminal.shows("second"));
    terminal.type("s");
    CHECK(terminal.shows("by value"));
    terminal.type("q");
    CHECK(watch.wait(test::at_some_time) == test::exit_0);
}

TEST_CASE("watch quits at the end of the input with --exit-at-end") {
    Terminal terminal{12, 80};
    const termios before = terminal.modes();
    auto watch = start(terminal, {"--exit-at-end"});
    watch.in.write(line("m", 0, "3"));
    REQUIRE(terminal.shows(" 1 series"));
    watch.in.close();
    CHECK(watch.wait(test::at_some_time) == test::exit_0);
    check_given_back(terminal, before);
}

TEST_CASE("watch redraws only changed rows") {
    Terminal terminal{12, 80};
    auto watch = start(terminal);
    watch.in.write(line("m", 0, "3"));
    watch.in.close();
    REQUIRE(terminal.shows("input ended"));
    const std::size_t drawn = terminal.screen().rows_drawn();
    terminal.type("/");
    REQUIRE(terminal.shows("/_"));
    CHECK(terminal.screen().rows_drawn() == drawn + 1);
}

TEST_CASE("watch follows the size of its terminal") {
    Terminal terminal{12, 80};
    auto watch = start(terminal);
    for (int i = 10; i < 40; ++i) {
        watch.in.write(line("series." + std::to_string(i), 0, "3"));
    }
    REQUIRE(terminal.shows("1-9 of 30"));
    for (const auto& [rows, columns, position] :
         {std::tuple{40, 200, "series.39"}, {5, 40, "1-2 of 30"}, {24, 61, "1-21 of 30"}}) {
        terminal.resize(static_cast<std::size_t>(rows), static_cast<std::size_t>(columns));
        REQUIRE(terminal.shows(position));
        CHECK(terminal.screen().row(1).starts_with("SERIES"));
        CHECK(terminal.screen().row(2).starts_with("series.10"));
    }
}

TEST_CASE("watch can be stopped by Ctrl-Z, and goes on in the foreground") {
    const test::TemporaryDirectory directory;
    const auto input = directory.path() / "input";
    REQUIRE(::mkfifo(input.c_str(), 0600) == 0);
    Terminal terminal{12, 80};
    auto environment = surroundings;
    environment.insert({"PS1", "shell> "});
    environment.insert({"ENV", ""});
    test::Process shell{{.program = "/bin/sh",
                         .arguments = {"-i"},
                         .in = test::Device{terminal.path()},
                         .out = test::Device{terminal.path()},
                         .err = test::Device{terminal.path()},
                         .own_session = true,
                         .environment = environment}};
    REQUIRE(terminal.shows("shell>"));
    const std::string in_quotes = "'" + input.string() + "'";
    // The shell's own descriptor keeps the pipe open.
    terminal.type("exec 3<>" + in_quotes + "; echo '" + line("shop.requests", 0, "7").substr(0, 41) + "' >&3\n");
    terminal.type("'" + test::collector("tickertape").string() + "' watch " + in_quotes + "\n");
    REQUIRE(terminal.shows([](const VtScreen& screen) {
        return screen.shows_other_page() && screen.text().find("shop.requests") != std::string::npos;
    }));
    for (int i = 0; i < 2; ++i) {
        terminal.type("\x1a");
        // The modes are restored after the page. Only then the shell prints, which the test checks as well.
        CHECK(terminal.shows([&terminal](const VtScreen& screen) {
            constexpr tcflag_t plain = ICANON | ECHO;
            return !screen.shows_other_page() && screen.shows_cursor() && (terminal.modes().c_lflag & plain) == plain;
        }));
        terminal.type("fg\n");
        REQUIRE(terminal.shows([](const VtScreen& screen) {
            return screen.shows_other_page() && !screen.shows_cursor() &&
                   screen.text().find("shop.requests") != std::string::npos;
        }));
    }
    terminal.type("s");
    REQUIRE(terminal.shows("by value"));
    terminal.type("q");
    REQUIRE(terminal.shows([](const VtScreen& screen) { return !screen.shows_other_page() && screen.shows_cursor(); }));
    terminal.type("exit\n");
    CHECK(shell.wait(test::at_some_time).has_value());
}

TEST_CASE("watch is plain on request") {
    const auto bytes_with = [](std::vector<std::string> arguments, std::map<std::string, std::string> environment) {
        Terminal terminal{12, 80};
        auto watch = start(terminal, std::move(arguments), std::move(environment));
        watch.in.write(line("m", 0, "3") + line("m", 1, "4"));
        watch.in.close();
        REQUIRE(terminal.shows("input ended"));
        REQUIRE(terminal.shows(" 1 series"));
        terminal.type("q");
        CHECK(watch.wait(test::at_some_time) == test::exit_0);
        static_cast<void>(terminal.screen());
        return terminal.bytes();
    };
    CHECK_THAT(bytes_with({}, {}), ContainsSubstring("█") && ContainsSubstring("\x1b[38;5;"));
    CHECK_THAT(bytes_with({}, {{"NO_COLOR", "1"}}), ContainsSubstring("█") && !ContainsSubstring("\x1b[38;5;"));
    CHECK_THAT(bytes_with({}, {{"LC_ALL", "C"}}), !ContainsSubstring("█") && ContainsSubstring("\x1b[38;5;"));
    CHECK_THAT(bytes_with({"--ascii"}, {}), !ContainsSubstring("█") && !ContainsSubstring("\x1b[38;5;"));
}

TEST_CASE("watch explains an unsuitable terminal or output, and exits with 2") {
    const auto said = [](const test::Command& command) {
        const test::Result result = test::run(command);
        CHECK(result.ended == Ended{.code = 2});
        return result.err;
    };
    const auto program = test::collector("tickertape");
    CHECK_THAT(said({.program = program, .arguments = {"watch"}, .environment = surroundings}),
               ContainsSubstring("watch draws on a terminal, but stdout is not one"));
    CHECK_THAT(
        said({.program = program, .arguments = {"watch", "--tee"}, .own_session = true, .environment = surroundings}),
        ContainsSubstring("there is no terminal to draw on"));
    const Terminal terminal{12, 80};
    CHECK_THAT(said({.program = program,
                     .arguments = {"watch", "--tee"},
                     .out = test::Device{terminal.path()},
                     .own_session = true,
                     .environment = surroundings}),
               ContainsSubstring("--tee passes lines to a pipe or a file"));
    CHECK_THAT(said({.program = program,
                     .arguments = {"watch"},
                     .in = test::Device{terminal.path()},
                     .out = test::Device{terminal.path()},
                     .own_session = true,
                     .environment = surroundings}),
               ContainsSubstring("collector | tickertape watch"));
    CHECK_THAT(said({.program = program,
                     .arguments = {"watch"},
                     .out = test::Device{terminal.path()},
                     .own_session = true,
                     .environment = {{"TERM", "dumb"}}}),
               ContainsSubstring("place its cursor"));
    for (const std::vector<std::string>& bad : {std::vector<std::string>{"--column", "0"},
                                                {"--column", "1500ms"},
                                                {"--granularity", "0"},
                                                {"--dedup", "x"},
                                                {"--sort", "size"}}) {
        std::vector<std::string> arguments{"watch"};
        arguments.insert(arguments.end(), bad.begin(), bad.end());
        CHECK_THAT(said({.program = program, .arguments = arguments, .environment = surroundings}),
                   ContainsSubstring(bad.front()));
    }
    CHECK_THAT(test::run({.program = program, .arguments = {"watch", "--help"}}).out,
               ContainsSubstring("CHANGE/s") && ContainsSubstring("P/MEAN") && ContainsSubstring("GAPS"));
}
