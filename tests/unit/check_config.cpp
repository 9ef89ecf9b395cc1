// SPDX-License-Identifier: MIT
// Checks before a collector starts: the values of its own flags, and the user for --check-config.
#include <collector/command_line.hpp>

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <collector/privileges.hpp>

#include "support/catch.hpp"

using ExitCode = tickertape::Collector::ExitCode;
using tickertape::UsageError;
using Defaults = tickertape::Collector::Defaults;
using tickertape::collector::Exit;
using tickertape::collector::parse_command_line;
using tickertape::collector::parse_config;
using tickertape::collector::Settings;
using tickertape::collector::Surroundings;

namespace {

/// The users a and nobody exist. The environment contains TICKERTAPE_WORD; `file` is the only config file.
Surroundings surroundings(const std::string& file = "", const std::optional<std::string>& word = std::nullopt) {
    return {.environment = [=](const std::string& name) { return name == "TICKERTAPE_WORD" ? word : std::nullopt; },
            .files = [=](const auto& /*config*/) { return std::vector{parse_config(file, "/f")}; },
            .user_exists = [](const std::string& name) { return name == "a" || name == "nobody"; }};
}

Exit check(std::vector<std::string> arguments, const std::string& file = "") {
    arguments.emplace_back("--check-config");
    return std::get<Exit>(parse_command_line(arguments, {.name = "c"}, surroundings(file)));
}

} // namespace

TEST_CASE("With --check-config a user that does not exist is a wrong setting, whose place is named") {
    CHECK(check({"--user", "b"}).code == ExitCode::usage);
    CHECK(check({"--user", "b"}).err == "c: --user: there is no user 'b'\n");
    CHECK(check({}, "user = b\n").err == "c: /f: user: there is no user 'b'\n");
    CHECK(check({"--user", "a"}, "user = b\n").err.empty());
    CHECK(check({"--user", "a"}).out == "user = a    # --user\n");
    CHECK(check({}).err.empty());
}

TEST_CASE("Without --check-config a user counts only when root is given up") {
    CHECK(std::holds_alternative<Settings>(parse_command_line({"--user", "b"}, {.name = "c"}, surroundings())));
}

TEST_CASE("A user exists if the system knows it") {
    CHECK(tickertape::collector::user_exists("root"));
    CHECK_FALSE(tickertape::collector::user_exists("no such user"));
}

TEST_CASE("A collector's own flag is checked wherever its value comes from, before it is taken") {
    std::string word = "default";
    const Defaults defaults{.name = "c",
                            .flags = {{.name = "--word",
                                       .help = "A word",
                                       .kind = "WORD",
                                       .target = &word,
                                       .check = [](const std::string& value) {
                                           if (value.find(' ') != std::string::npos) {
                                               throw UsageError{"'" + value + "' is no word"};
                                           }
                                       }}}};
    const auto complaint = [&](const std::vector<std::string>& arguments, const Surroundings& around) {
        const auto parsed = parse_command_line(arguments, defaults, around);
        const auto* const end = std::get_if<Exit>(&parsed);
        return end != nullptr ? end->err : "";
    };
    CHECK(complaint({"--word", "a b"}, surroundings()) == "c: --word: 'a b' is no word\n");
    CHECK(complaint({}, surroundings("", "a b")) == "c: TICKERTAPE_WORD: 'a b' is no word\n");
    CHECK(complaint({}, surroundings("word = a b\n")) == "c: /f: word: 'a b' is no word\n");
    CHECK(complaint({"--check-config"}, surroundings("word = a b\n")) == "c: /f: word: 'a b' is no word\n");
    CHECK(word == "default");
    CHECK(complaint({"--word", "good"}, surroundings("word = a b\n")).empty());
    CHECK(word == "good");
}
