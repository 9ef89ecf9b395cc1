// SPDX-License-Identifier: MIT
// `tickertape burst` on a terminal.
#include <chrono>
#include <string>

#include "support/burst_page.hpp"
#include "support/catch.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"
#include "support/terminal.hpp"

using namespace std::chrono_literals;

TEST_CASE("burst terminal: a terminal gets colours and blocks, unless NO_COLOR, TERM or the locale have it otherwise") {
    const test::TemporaryDirectory directory;
    std::string input;
    for (int i = 0; i < 300; ++i) {
        input += test::page_line("m", test::page_origin + i, i % 60 < 4 ? "50" : "2");
    }
    directory.write("input", input);
    struct Case {
        std::string term;
        std::string no_color;
        std::string locale;
        bool colours;
        bool blocks;
    };
    for (const auto& [term, no_color, locale, colours, blocks] :
         {Case{"xterm-256color", "", "C.UTF-8", true, true}, Case{"xterm-256color", "", "C", true, false},
          Case{"xterm-256color", "1", "C.UTF-8", false, false}, Case{"dumb", "", "C.UTF-8", false, false}}) {
        CAPTURE(term, no_color, locale);
        test::Terminal terminal{150, 40};
        test::Process process{
            {.program = test::collector("tickertape"),
             .arguments = {"burst", (directory.path() / "input").string()},
             .out = terminal.path(),
             .environment = {{"TERM", term}, {"NO_COLOR", no_color}, {"LC_ALL", locale}, {"COLUMNS", ""}}}};
        REQUIRE(terminal.shows("a cell: its"));
        REQUIRE(terminal.shows("periods"));
        CHECK(process.wait(60s) == test::exit_0);
        terminal.screen();
        CHECK((terminal.bytes().find("\x1b[38;5;") != std::string::npos) == colours);
        CHECK((terminal.bytes().find("▀") != std::string::npos) == blocks);
    }
}
