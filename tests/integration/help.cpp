// SPDX-License-Identifier: MIT
// The help of every program and subcommand has one form, from which scripts/manual makes man pages and completion.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.hpp"
#include "support/process.hpp"

namespace {

/// A line of a section: `  TERM   TEXT`, with the lines that continue it.
struct Entry {
    std::string term;
    std::string text;
};
struct Section {
    std::string title;
    std::vector<Entry> entries{};
};
struct Help {
    std::string summary;
    std::string usage;
    std::vector<Section> sections{};
};

struct Program {
    std::string name;
    std::string text;
};

std::string help_text(const std::filesystem::path& program, std::vector<std::string> arguments) {
    arguments.emplace_back("--help");
    const test::Result ran = test::run({.program = program, .arguments = std::move(arguments)});
    CHECK(ran.ended == test::exit_0);
    CHECK(ran.err.empty());
    return ran.out;
}

/// Returns the names in the section Subcommands of the command's help.
std::vector<std::string> subcommands(const std::string& help) {
    std::vector<std::string> names;
    bool is_inside = false;
    for (const std::string& line : test::complete_lines(help)) {
        is_inside = line == "Subcommands:" || (is_inside && !line.empty());
        if (is_inside && line.starts_with("  ") && line[2] != ' ') {
            names.push_back(line.substr(2, line.find(' ', 2) - 2));
        }
    }
    return names;
}

std::vector<Program> programs() {
    std::vector<Program> all;
    const std::filesystem::path source{TICKERTAPE_SOURCE_DIR};
    for (const auto& file : std::filesystem::directory_iterator{source / "collectors"}) {
        if (file.path().extension() == ".cpp") {
            const std::string name = file.path().stem();
            all.push_back({name, help_text(test::collector(name), {})});
        }
    }
    const std::filesystem::path command = test::collector("tickertape");
    all.push_back({"tickertape", help_text(command, {})});
    const std::vector<std::string> names = subcommands(all.back().text);
    CHECK(names.size() >= 5);
    for (const std::string& name : names) {
        all.push_back({"tickertape " + name, help_text(command, {name})});
    }
    all.push_back({"fake-tsd", help_text(test::collector("fake-tsd"), {})});
    all.push_back({"tickertape-install-collectors", help_text(source / "scripts/install-collectors", {})});
    return all;
}

bool is_title(const std::string& line) {
    return line.size() > 1 && line.back() == ':' && std::isupper(static_cast<unsigned char>(line.front())) != 0 &&
           line.size() < 30;
}

Help parsed(const std::string& text) {
    const std::vector<std::string> lines = test::complete_lines(text);
    REQUIRE(lines.size() > 3);
    Help help{.summary = lines[0], .usage = lines[2]};
    CHECK(lines[1].empty());
    bool is_inside = false;
    for (std::size_t i = 3; i < lines.size(); ++i) {
        const std::string& line = lines[i];
        if (line.empty()) {
            is_inside = false;
        } else if (is_title(line)) {
            help.sections.push_back({.title = line.substr(0, line.size() - 1)});
            is_inside = true;
        } else if (is_inside && line.starts_with("   ")) {
            REQUIRE(!help.sections.back().entries.empty());
            Entry& last = help.sections.back().entries.back();
            last.text += (last.text.empty() ? "" : " ") + line.substr(line.find_first_not_of(' '));
        } else if (is_inside) {
            CAPTURE(line);
            CHECK(line.starts_with("  "));
            const std::size_t end = line.find("  ", 2);
            help.sections.back().entries.push_back(
                {.term = line.substr(2, end == std::string::npos ? end : end - 2),
                 .text = end == std::string::npos ? "" : line.substr(line.find_first_not_of(' ', end))});
        }
    }
    return help;
}

/// A term `-x, --flag VALUE`. `-x` and VALUE may be missing.
bool is_flag_term(std::string_view term) {
    if (term.size() > 4 && term[0] == '-' && term[1] != '-') {
        if (term.substr(2, 2) != ", ") {
            return false;
        }
        term.remove_prefix(4);
    }
    const std::size_t blank = std::min(term.find(' '), term.size());
    const std::string_view flag = term.substr(0, blank);
    const std::string_view value = term.substr(std::min(blank + 1, term.size()));
    const auto all = [](std::string_view text, const auto& is) { return std::all_of(text.begin(), text.end(), is); };
    const bool is_placeholder = all(value, [](unsigned char c) { return std::isupper(c) != 0 || c == '='; });
    const bool is_choice = value.find('|') != std::string_view::npos && all(value, [](unsigned char c) {
                               return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '|';
                           });
    return flag.starts_with("--") && flag.size() > 2 &&
           all(flag, [](unsigned char c) { return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '-'; }) &&
           (is_placeholder || is_choice);
}

TEST_CASE("Help has one form in every program and subcommand") {
    const std::set<std::string> raw_types{"TEXT", "UINT", "INT", "FLOAT", "ENUM", "BOOLEAN"};
    for (const auto& [name, text] : programs()) {
        CAPTURE(name);
        for (const std::string& line : test::complete_lines(text)) {
            CAPTURE(line);
            CHECK(line.size() <= 80);
            CHECK(!line.ends_with(' '));
            CHECK(std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c <= '~'; }));
        }
        CHECK(text.find("\n\n\n") == std::string::npos);

        const Help help = parsed(text);
        CHECK(help.summary.ends_with('.'));
        CHECK(std::isupper(static_cast<unsigned char>(help.summary.front())) != 0);
        CHECK(help.usage.starts_with("Usage: " + name + " ["));

        std::set<std::string> flags;
        for (const Section& section : help.sections) {
            CAPTURE(section.title);
            CHECK(!section.entries.empty());
            for (const Entry& entry : section.entries) {
                CAPTURE(entry.term);
                CHECK(!entry.text.empty());
                CHECK(!entry.text.ends_with('.'));
                if (section.title == "Settings" || !entry.term.starts_with('-')) {
                    continue;
                }
                CHECK(is_flag_term(entry.term));
                CHECK(std::isupper(static_cast<unsigned char>(entry.text.front())) != 0);
                CHECK(!raw_types.contains(entry.term.substr(entry.term.find(' ') + 1)));
                CHECK(flags.insert(entry.term.substr(0, entry.term.rfind(" "))).second);
            }
        }
        REQUIRE(!help.sections.empty());
        CHECK(help.sections.back().title == "Examples");
        CHECK(help.sections.back().entries.size() >= 2);
        CHECK(std::any_of(help.sections.begin(), help.sections.end(), [](const Section& section) {
            return section.title == "Exit codes" || section.title == "Subcommands";
        }));
    }
}

TEST_CASE("tickertape help SUBCOMMAND is SUBCOMMAND --help") {
    const std::filesystem::path command = test::collector("tickertape");
    const std::string help = help_text(command, {});
    CHECK(test::run({.program = command, .arguments = {"help"}}).out == help);
    for (const std::string& name : subcommands(help)) {
        CHECK(test::run({.program = command, .arguments = {"help", name}}).out == help_text(command, {name}));
    }
    const test::Result wrong = test::run({.program = command, .arguments = {"help", "psuh"}});
    CHECK(wrong.ended == test::Ended{.code = 2});
    CHECK(wrong.err ==
          "tickertape: there is no command or flag 'psuh'; perhaps push is meant; see tickertape --help\n");
}

TEST_CASE("Every program has -V, and answers a mistyped flag with the nearest one") {
    for (const std::string name : {"tickertape", "fake-tsd", "uptime"}) {
        CAPTURE(name);
        const std::filesystem::path program = test::collector(name);
        CHECK(test::run({.program = program, .arguments = {"-V"}}).out.starts_with(name + " "));
        const test::Result wrong = test::run({.program = program, .arguments = {"--hlep"}});
        CHECK(wrong.ended == test::Ended{.code = 2});
        CHECK(wrong.err.starts_with(name + ": "));
        CHECK(wrong.err.find("perhaps --help is meant") != std::string::npos);
    }
    CHECK(test::run({.program = test::collector("tickertape"), .arguments = {"-V"}}).out.ends_with(" +TLS +spool\n"));
    const std::filesystem::path fake = test::collector("fake-tsd");
    CHECK(test::run({.program = fake, .arguments = {"--fault", "rest=3"}}).err ==
          "fake-tsd: --fault: there is no 'rest'; perhaps reset is meant; see fake-tsd --help\n");
    CHECK(test::run({.program = fake, .arguments = {"--personality", "influx"}}).err ==
          "fake-tsd: --personality: there is no 'influx'; perhaps influxdb is meant; see fake-tsd --help\n");
}

} // namespace
