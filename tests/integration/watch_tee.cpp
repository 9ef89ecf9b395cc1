// SPDX-License-Identifier: MIT
// `tickertape watch --tee`: all received bytes go out.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support/catch.hpp"
#include "support/process.hpp"
#include "support/seed.hpp"
#include "support/temporary_directory.hpp"
#include "support/terminal.hpp"

namespace {

using test::Ended;
using test::Stream;
using test::Terminal;
using test::VtScreen;

/// stderr is on the terminal, too. So it controls the session, and /dev/tty is that terminal.
test::Process start(const Terminal& terminal, Stream in = test::Pipe{}, Stream out = test::Pipe{}) {
    return test::Process{{.program = test::collector("tickertape"),
                          .arguments = {"watch", "--tee"},
                          .in = std::move(in),
                          .out = std::move(out),
                          .err = test::Device{terminal.path()},
                          .own_session = true,
                          .environment = {{"TERM", "xterm-256color"}, {"LC_ALL", "C.UTF-8"}}}};
}

std::string lines(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) {
        text += "put shop.requests " + std::to_string(1'700'000'000 + i / 100) + " " + std::to_string(i) +
                " host=web01 n=" + std::to_string(i % 100) + "\n";
    }
    return text;
}

/// The bytes need not be lines.
std::string noise(test::Random& random, std::size_t size) {
    std::string text;
    while (text.size() < size) {
        switch (test::up_to(random, 3)) {
        case 0: text += lines(3); break;
        case 1: text += static_cast<char>(test::up_to(random, 255)); break;
        case 2: text += std::string(test::up_to(random, 9000), 'x'); break;
        default: text.append("\n\r").push_back('\0'); break;
        }
    }
    return text;
}

void check_given_back(Terminal& terminal, const termios& before) {
    CHECK(test::same(terminal.modes(), before));
    CHECK(!terminal.screen().shows_other_page());
    CHECK(terminal.screen().shows_cursor());
}

} // namespace

TEST_CASE("watch --tee passes a million lines on byte for byte and counts each of them, paused or not") {
    const std::string text = lines(1'000'000);
    Terminal terminal{12, 80};
    const termios before = terminal.modes();
    auto watch = start(terminal);
    std::thread writer{[&] {
        watch.in.write(std::string_view{text}.substr(0, text.size() / 2));
        terminal.type("p");
        watch.in.write(std::string_view{text}.substr(text.size() / 2));
        watch.in.close();
    }};
    const std::string passed = watch.out.read_to_end(test::at_some_time);
    writer.join();
    CHECK((passed == text)); // not shown: it is large
    REQUIRE(terminal.shows("PAUSED"));
    REQUIRE(terminal.shows("input ended"));
    terminal.type("?");
    CHECK(terminal.shows("100 series"));
    terminal.resize(40, 100);
    CHECK(terminal.shows("lines     1000000"));
    terminal.type("q");
    CHECK(watch.wait(test::at_some_time) == test::exit_0);
    check_given_back(terminal, before);
}

TEST_CASE("watch --tee passes on invalid lines, and an incomplete last line") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    const std::string text = noise(random, 500'000);
    const test::TemporaryDirectory directory;
    directory.write("input", text);
    {
        Terminal terminal{12, 80};
        auto watch = start(terminal, directory.path() / "input");
        CHECK((watch.out.read_to_end(test::at_some_time) == text));
        REQUIRE(terminal.shows("input ended"));
        terminal.type("q");
        CHECK(watch.wait(test::at_some_time) == test::exit_0);
    }
    // The same with a file as the output.
    Terminal terminal{12, 80};
    auto watch = start(terminal, directory.path() / "input", directory.path() / "output");
    REQUIRE(terminal.shows("input ended"));
    terminal.type("q");
    CHECK(watch.wait(test::at_some_time) == test::exit_0);
    CHECK((test::contents_of(directory.path() / "output") == text));
}

TEST_CASE("watch --tee makes its writer wait for its reader, and obeys keys meanwhile") {
    const std::string text = lines(100'000); // some megabytes
    Terminal terminal{12, 80};
    auto watch = start(terminal);
    const int fd = watch.in.fd();
    REQUIRE(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
    std::size_t written = 0;
    pollfd room{.fd = fd, .events = POLLOUT, .revents = 0};
    while (written < text.size() && poll(&room, 1, 500) == 1) {
        const ssize_t count = write(fd, text.data() + written, text.size() - written);
        written += count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    CHECK(written < 400'000); // two pipes of 64 KiB, and the bytes of one read
    terminal.type("s");
    CHECK(terminal.shows("by value"));
    REQUIRE(fcntl(fd, F_SETFL, 0) == 0);
    std::thread writer{[&] {
        watch.in.write(std::string_view{text}.substr(written));
        watch.in.close();
    }};
    CHECK((watch.out.read_to_end(test::at_some_time) == text));
    writer.join();
    CHECK(terminal.shows("input ended"));
}

TEST_CASE("watch --tee ends when its reader goes away, reports it, and restores the terminal") {
    Terminal terminal{12, 80};
    const termios before = terminal.modes();
    auto watch = start(terminal);
    watch.in.write(lines(10));
    REQUIRE(terminal.shows("10 series"));
    SECTION("while nothing comes") {}
    SECTION("while lines come") { watch.in.write(lines(1000)); }
    watch.out.close();
    CHECK(watch.wait(test::at_some_time) == Ended{.code = 1});
    CHECK(terminal.shows("tickertape: nobody reads the output any more"));
    check_given_back(terminal, before);
}

TEST_CASE("watch --tee writes every line that it read before it quits, and no half line") {
    Terminal terminal{12, 80};
    const std::string text = lines(2000); // more than a page of the pipe
    REQUIRE(text.at(49'999) != '\n');
    auto watch = start(terminal, test::Pipe{}, test::Pipe{.capacity = 4096});
    watch.in.write(text.substr(0, 50'000));
    REQUIRE(terminal.shows("100 series"));
    terminal.type("q");
    REQUIRE(terminal.shows([](const VtScreen& screen) { return !screen.shows_other_page(); }));
    const std::string passed = watch.out.read_to_end(test::at_some_time);
    CHECK((passed == text.substr(0, text.rfind('\n', 49'999) + 1)));
    CHECK(watch.wait(test::at_some_time) == test::exit_0);
}

TEST_CASE("watch --tee completes a half-written line before it quits, and writes nothing more") {
    Terminal terminal{12, 80};
    auto watch = start(terminal);
    const std::string begun = lines(10) + "put shop.requests 1700000001 12";
    watch.in.write(begun);
    std::string passed;
    while (passed.size() < begun.size()) {
        const std::string some = watch.out.read_some(test::at_some_time);
        REQUIRE(!some.empty());
        passed += some;
    }
    REQUIRE(terminal.shows("10 series"));
    terminal.type("q");
    REQUIRE(terminal.shows([](const VtScreen& screen) { return !screen.shows_other_page(); }));
    std::string rest;
    SECTION("if the rest of the line comes") {
        watch.in.write("34 ho");
        watch.in.write("st=web01\nput last 1700000002 1 host=web01\n");
        rest = "34 host=web01\n";
    }
    SECTION("if the input ends within the line") { watch.in.close(); }
    CHECK(passed + watch.out.read_to_end(test::at_some_time) == begun + rest);
    CHECK(watch.wait(test::at_some_time) == test::exit_0);
}

TEST_CASE("watch --tee restores the terminal at a signal, and passes on the collector's last lines") {
    Terminal terminal{12, 80};
    const termios before = terminal.modes();
    auto watch = start(terminal);
    watch.in.write(lines(10));
    REQUIRE(terminal.shows("10 series"));
    terminal.type("\x03"); // also to the collector, which would write its last second
    REQUIRE(terminal.shows([](const VtScreen& screen) { return !screen.shows_other_page(); }));
    watch.in.write("put last 1700000000 1 host=web01\n");
    watch.in.close();
    CHECK(watch.out.read_to_end(test::at_some_time) == lines(10) + "put last 1700000000 1 host=web01\n");
    CHECK(watch.wait(test::at_some_time) == test::exit_0);
    check_given_back(terminal, before);
}
