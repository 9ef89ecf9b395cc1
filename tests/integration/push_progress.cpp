// SPDX-License-Identifier: MIT
// The bar of `tickertape push` on terminals.
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <support/catch.hpp>
#include <support/process.hpp>
#include <support/temporary_directory.hpp>
#include <tickertape/testkit/fake_tsd.hpp>

namespace {

using namespace std::chrono_literals;

constexpr std::string_view erase = "\x1b[K";

/// Returns the output of push on a terminal of this width, while it pushes a file of 80,000 lines, for about a second.
std::string said_on_terminal(unsigned short columns) {
    const tickertape::testkit::FakeTsd tsd;
    const test::TemporaryDirectory directory;
    std::string lines;
    for (int i = 0; i < 80'000; ++i) {
        lines += "put m " + std::to_string(1'700'000'000 + i) + " 1 host=h\n";
    }
    directory.write("lines", lines);
    int ours = -1;
    int terminal = -1;
    const winsize size{.ws_row = 20, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
    REQUIRE(openpty(&ours, &terminal, nullptr, nullptr, &size) == 0);
    test::Process process{
        {.program = test::collector("tickertape"),
         .arguments = {"push", tsd.address(), (directory.path() / "lines").string(), "--mps", "60000"},
         .err = terminal}};
    test::PipeEnd screen{ours};
    CHECK(process.wait(60s) == test::exit_0);
    std::string said = screen.read_for(100ms);
    close(terminal);
    return said;
}

/// Returns the drawn bars: the texts between an erased line and a return to its beginning.
std::vector<std::string> bars_in(std::string_view said) {
    std::vector<std::string> bars;
    for (std::size_t at = said.find(erase); at != std::string_view::npos; at = said.find(erase, at)) {
        at += erase.size();
        const std::string_view bar = said.substr(at, said.find('\r', at) - at);
        if (bar.find('%') != std::string_view::npos) {
            bars.emplace_back(bar);
        }
    }
    return bars;
}

} // namespace

TEST_CASE("push draws a bar on a terminal while it reads a file, and removes it before the account") {
    const std::string said = said_on_terminal(100);
    const auto bars = bars_in(said);
    REQUIRE(!bars.empty());
    CHECK(bars.front().starts_with("["));
    CHECK_THAT(bars.front(), Catch::Matchers::ContainsSubstring("lines/s"));
    CHECK(bars.front().size() < 100);
    CHECK_THAT(said, Catch::Matchers::ContainsSubstring("\r\x1b[Ktickertape: 80000 lines: 80000 acknowledged"));
}

TEST_CASE("The bar of push is cut off where the terminal ends, so that the terminal does not scroll") {
    const auto bars = bars_in(said_on_terminal(25));
    REQUIRE(!bars.empty());
    for (const std::string& bar : bars) {
        CHECK(bar.size() < 25);
    }
}
