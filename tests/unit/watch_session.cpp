// SPDX-License-Identifier: MIT
// The picture of `tickertape watch`, and the effects of its keys.
#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <cli/watch/session.hpp>

#include "support/catch.hpp"
#include "support/seed.hpp"
#include "support/vt_screen.hpp"

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using test::once_in;
using test::Random;
using test::up_to;
using tickertape::SteadyTime;
using tickertape::WallTime;
using tickertape::cli::terminal::Key;
using tickertape::cli::terminal::ScreenLine;
using tickertape::cli::terminal::Size;
using tickertape::cli::terminal::Style;
using tickertape::cli::watch::WatchSession;

namespace {

constexpr std::int64_t origin = 1'700'000'000;
constexpr Style utf8{.colour = true, .utf8 = true};
constexpr Style ascii{};

/// A session, its time and its picture.
class Watched {
public:
    explicit Watched(Size size = {.rows = 12, .columns = 100}, Style style = utf8) : size_{size}, style_{style} {
        pass(0s);
    }

    void pass(std::chrono::milliseconds time) {
        now_ += time;
        session.set_time(SteadyTime{now_}, WallTime{std::chrono::seconds{origin}} + now_);
    }
    void add(const std::string& metric, int second, const std::string& value, const std::string& tags = "host=web01") {
        session.add("put " + metric + " " + std::to_string(origin + second) + " " + value + " " + tags);
    }
    void press(std::string_view keys) {
        tickertape::cli::terminal::KeyReader reader;
        const auto take = [this](Key key) { request = session.press(key); };
        const tickertape::cli::terminal::KeyReader::Time now{};
        reader.feed(keys, now, take);
        reader.finish(now + tickertape::cli::terminal::KeyReader::patience, take);
    }
    void resize(Size size) { size_ = size; }

    /// Returns the picture as a terminal shows it. Checks that it fits.
    std::vector<std::string> rows() {
        const std::vector<ScreenLine> lines = session.frame(size_, style_);
        REQUIRE(lines.size() == size_.rows);
        test::VtScreen screen{size_.rows, size_.columns};
        for (std::size_t i = 0; i < lines.size(); ++i) {
            REQUIRE(lines[i].width <= size_.columns);
            screen.feed("\x1b[" + std::to_string(i + 1) + ";1H" + lines[i].text);
            REQUIRE(screen.has_plain_look());
            REQUIRE(width_of(lines[i].text) == lines[i].width);
            if (!style_.utf8) {
                REQUIRE(std::all_of(lines[i].text.begin(), lines[i].text.end(),
                                    [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
            }
            if (!style_.colour) {
                REQUIRE(lines[i].text.find("38;5") == std::string::npos);
            }
        }
        REQUIRE(screen.beyond_the_edge() == 0);
        return screen.rows();
    }
    std::string row(std::size_t index) { return rows().at(index); }
    /// The first words of the table's rows.
    std::vector<std::string> names() {
        std::vector<std::string> result;
        const auto all = rows();
        for (std::size_t i = 2; i + 1 < all.size() && !all[i].empty(); ++i) {
            result.push_back(all[i].substr(0, all[i].find(' ')));
        }
        return result;
    }

    WatchSession session{{}, {}};
    WatchSession::Request request = WatchSession::Request::nothing;

private:
    // Returns the columns of a text: its characters that are not in sequences.
    static std::size_t width_of(const std::string& text) {
        test::VtScreen wide{1, 1000};
        wide.feed(text + "|");
        std::size_t columns = 0;
        for (const char c : wide.row(0)) {
            columns += (static_cast<unsigned char>(c) & 0xc0U) != 0x80 ? 1 : 0;
        }
        return columns - 1;
    }

    Size size_;
    Style style_;
    std::chrono::milliseconds now_{0};
};

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("watch: a row has the name, the newest value, its change, and a column per bucket") {
    Watched watched;
    for (int second = 0; second < 10; ++second) {
        watched.add("shop.requests", second,
                    std::vector<std::string>{"0", "1", "2", "3", "4", "5", "6", "7", "0", "7"}.at(
                        static_cast<std::size_t>(second)));
    }
    const auto rows = watched.rows();
    CHECK_THAT(rows[0], ContainsSubstring("1 series") && ContainsSubstring("host=web01"));
    CHECK_THAT(rows[1], ContainsSubstring("SERIES") && ContainsSubstring("NEWEST") && ContainsSubstring("CHANGE/s") &&
                            ContainsSubstring("PEAK") && ContainsSubstring("GAPS") &&
                            ContainsSubstring("1 s a column"));
    CHECK_THAT(rows[2], ContainsSubstring("shop.requests        7        7        7       2     0 "));
    CHECK_THAT(rows[2], ContainsSubstring(" ▁▂▃▄▅▆▇█▁█"));
    CHECK(rows[2].find("host") == std::string::npos);
    CHECK_THAT(rows[11], ContainsSubstring("q quit"));
}

TEST_CASE("watch: gaps and samples that have not arrived are marked, in ASCII, too") {
    for (const Style& style : {utf8, ascii}) {
        Watched watched{{.rows = 12, .columns = 100}, style};
        for (const int second : {0, 1, 2, 6, 7}) {
            watched.add("m", second, std::to_string(second));
            watched.add("other", second + 2, "1");
        }
        watched.press("s");
        const auto rows = watched.rows();
        const auto m = std::find_if(rows.begin(), rows.end(), [](const auto& row) { return row.starts_with("m "); });
        REQUIRE(m != rows.end());
        CHECK_THAT(*m, ContainsSubstring(style.utf8 ? " ▁▂▃···▇█──" : " _.-xxx%@~~"));
        CHECK_THAT(*m, ContainsSubstring("     1 "));
    }
}

TEST_CASE("watch: no row is wider than the screen, and there is one for each row of the screen") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    Random random{seed};
    Watched watched;
    for (int i = 0; i < 40; ++i) {
        const std::string metric = "m" + std::string(up_to(random, 60), 'x') + std::to_string(i);
        const int step = once_in(random, 3) ? 5 : 1;
        for (int second = 0; second < 200; second += step) {
            if (!once_in(random, 20)) {
                const auto value = static_cast<double>(up_to(random, 100000)) * (once_in(random, 2) ? -1e7 : 0.37);
                watched.add(metric, second, std::to_string(value), once_in(random, 2) ? "host=a" : "host=b c=d");
            }
        }
    }
    watched.add("broken", 0, "x");
    for (std::size_t columns = 1; columns <= 200; columns += columns < 40 ? 13 : 1) {
        for (const Style& style : {utf8, ascii, Style{.colour = false, .utf8 = true}}) {
            Watched other{{.rows = 5 + up_to(random, 30), .columns = columns}, style};
            other.session = watched.session;
            other.pass(std::chrono::seconds{up_to(random, 300)});
            other.rows();
            other.press("/m*");
            other.rows();
            other.press("\r?");
            other.rows();
            other.press("\x1b[6~");
            other.rows();
            other.press("xpr\x1b[6~");
            if (columns >= 40) {
                CHECK_THAT(other.row(1), ContainsSubstring("NEWEST"));
                CHECK_THAT(other.row(0), ContainsSubstring("PAUSED"));
            }
        }
    }
    for (std::size_t rows = 1; rows < 8; ++rows) {
        watched.resize({.rows = rows, .columns = 60});
        watched.rows();
    }
}

TEST_CASE("watch: maxima stay in the picture whatever time a column has") {
    Watched watched;
    for (int second = 0; second < 300; ++second) {
        watched.add("m", second, second == 295 ? "1000" : "1");
    }
    watched.pass(300s);
    std::vector<std::string> lengths;
    for (int i = 0; i < 12; ++i) {
        CHECK_THAT(watched.row(2), ContainsSubstring(" 1000 ") && ContainsSubstring(i < 6 ? "█" : "▁"));
        lengths.push_back(watched.row(1));
        watched.press("+");
    }
    CHECK_THAT(lengths[1], ContainsSubstring("2 s a column"));
    CHECK_THAT(lengths[2], ContainsSubstring("5 s a column"));
    CHECK_THAT(lengths[11], ContainsSubstring("10 min a column"));
    for (int i = 0; i < 12; ++i) {
        watched.press("-");
    }
    CHECK_THAT(watched.row(1), ContainsSubstring(" 1 s a column"));
}

TEST_CASE("watch: s selects the next order, r reverses it, and the header shows it") {
    Watched watched;
    for (int second = 0; second < 10; ++second) {
        watched.add("a", second, second == 5 ? "9" : "1");
        watched.add("b", second, "5");
        watched.add("c", second, std::to_string(100 + second));
    }
    watched.add("c", 10, "110");
    CHECK(watched.names() == Names{"a", "c", "b"});
    CHECK_THAT(watched.row(0), ContainsSubstring("by peak/mean"));
    watched.press("s");
    CHECK(watched.names() == Names{"c", "b", "a"});
    watched.press("r");
    CHECK(watched.names() == Names{"a", "b", "c"});
    CHECK_THAT(watched.row(0), ContainsSubstring("by value, reversed"));
    watched.press("rss");
    CHECK(watched.names() == Names{"a", "b", "c"});
    CHECK_THAT(watched.row(0), ContainsSubstring("by name"));
    watched.press("s");
    CHECK(watched.names() == Names{"c", "a", "b"});
    watched.press("s");
    CHECK_THAT(watched.row(0), ContainsSubstring("by peak/mean"));
}

TEST_CASE("watch: rows change their places once a second at most") {
    Watched watched;
    watched.press("s");
    watched.add("a", 0, "2");
    watched.add("b", 0, "1");
    CHECK(watched.names() == Names{"a", "b"});
    watched.add("b", 1, "9");
    watched.pass(900ms);
    CHECK(watched.names() == Names{"a", "b"});
    CHECK_THAT(watched.row(3), ContainsSubstring(" 9 "));
    watched.pass(200ms);
    CHECK(watched.names() == Names{"b", "a"});
    watched.add("c", 1, "5"); // but new rows show at once
    CHECK(watched.names() == Names{"b", "c", "a"});
}

TEST_CASE("watch: a filter works while it is typed, Enter keeps it and Escape clears it") {
    Watched watched;
    for (const char* name : {"net.in", "net.out", "disk.in"}) {
        watched.add(name, 0, "1");
    }
    watched.press("/ne");
    CHECK(watched.names() == Names{"net.in", "net.out"});
    CHECK(watched.row(11) == "/ne_");
    watched.press("t.iq");
    CHECK(watched.names().empty());
    CHECK(watched.request == WatchSession::Request::nothing); // q is a letter in the filter
    watched.press("\x7f");
    CHECK(watched.names() == Names{"net.in"});
    watched.press("\r");
    CHECK_THAT(watched.row(0), ContainsSubstring("1 of 3 series"));
    CHECK_THAT(watched.row(11), ContainsSubstring("/net.i  q quit"));
    watched.press("\x1b");
    CHECK(watched.names().size() == 3);
    watched.press("/*.in\x1b");
    CHECK(watched.names().size() == 3);
    watched.press("/*.in\x15"
                  "di");
    CHECK(watched.names() == Names{"disk.in"});
}

TEST_CASE("watch: while it is paused the picture does not change, and lines are still taken") {
    Watched watched;
    watched.add("m", 0, "1");
    watched.press("p");
    const auto before = watched.rows();
    CHECK_THAT(before[0], ContainsSubstring("PAUSED"));
    for (int second = 1; second < 20; ++second) {
        watched.add("m", second, "7");
        watched.add("new", second, "7");
    }
    watched.pass(1500ms);
    CHECK(watched.row(2) == before[2]);
    CHECK(watched.row(1) == before[1]);
    CHECK(watched.row(3).empty());
    CHECK(watched.session.model().lines() == 39);
    watched.press(" ");
    CHECK(watched.names() == Names{"m", "new"});
    CHECK(watched.row(0).find("PAUSED") == std::string::npos);
}

TEST_CASE("watch: arrows and pages scroll, and stop at both ends") {
    Watched watched{{.rows = 8, .columns = 60}};
    for (int i = 10; i < 30; ++i) {
        watched.add("m" + std::to_string(i), 0, "1");
    }
    CHECK(watched.names() == Names{"m10", "m11", "m12", "m13", "m14"});
    CHECK_THAT(watched.row(7), ContainsSubstring("1-5 of 20"));
    watched.press("\x1b[A\x1b[B\x1b[B");
    CHECK(watched.names().front() == "m12");
    watched.press("\x1b[6~");
    CHECK(watched.names().front() == "m17");
    watched.press("\x1b[F\x1b[B");
    CHECK(watched.names() == Names{"m25", "m26", "m27", "m28", "m29"});
    watched.press("\x1b[5~");
    CHECK(watched.names().front() == "m20");
    watched.press("\x1b[H");
    CHECK(watched.names().front() == "m10");
    watched.press("\x1b[F");
    watched.press("/m10\r");
    CHECK(watched.names() == Names{"m10"});
}

TEST_CASE("watch: help can be read at any height, and another key leaves it") {
    Watched watched{{.rows = 5, .columns = 40}};
    watched.add("m", 0, "1");
    watched.press("?");
    std::string all;
    for (int i = 0; i < 80; ++i) {
        const auto rows = watched.rows();
        all += rows[1] + "\n";
        watched.press("\x1b[B");
    }
    CHECK_THAT(all, ContainsSubstring("CHANGE/s") && ContainsSubstring("quit") && ContainsSubstring("reverse"));
    watched.press("x");
    CHECK(watched.names() == Names{"m"});
}

TEST_CASE("watch: the header shows unusable lines, silence and the end of input") {
    Watched watched;
    watched.add("m", 0, "x");
    watched.add("m", 0, "1");
    CHECK_THAT(watched.row(0), ContainsSubstring("1 unusable line"));
    watched.pass(12s);
    CHECK_THAT(watched.row(0), ContainsSubstring("no input for 12 s"));
    watched.session.end_input();
    CHECK_THAT(watched.row(0), ContainsSubstring("input ended"));
}

TEST_CASE("watch: q asks for the end, Ctrl-L for a new picture") {
    Watched watched;
    watched.press("\x0c");
    CHECK(watched.request == WatchSession::Request::redraw);
    watched.press("x");
    CHECK(watched.request == WatchSession::Request::nothing);
    watched.press("q");
    CHECK(watched.request == WatchSession::Request::quit);
}

TEST_CASE("watch: a distribution's p99 and its maxima are one row, two bars in a column") {
    const auto filled = [](const Style& style) {
        Watched watched{{.rows = 12, .columns = 100}, style};
        const std::vector<std::pair<std::string, std::string>> latencies{
            {"0", "0"}, {"1", "1"}, {"1", "3"}, {"2", "3"}, {"3", "3"}};
        for (int second = 0; second < 5; ++second) {
            const auto& [p99, max] = latencies[static_cast<std::size_t>(second)];
            watched.add("lat.max", second, max);
            watched.add("lat.p99", second, p99);
            watched.add("lat.p99", second, "5", "host=web02"); // has no maxima
        }
        return watched;
    };
    Watched watched = filled(utf8);
    const auto rows = watched.rows();
    CHECK(std::count_if(rows.begin() + 2, rows.end() - 1, [](const auto& row) { return !row.empty(); }) == 2);
    const auto band =
        std::find_if(rows.begin(), rows.end(), [](const auto& row) { return row.starts_with("lat.p99-max "); });
    REQUIRE(band != rows.end());
    // The p99 and its change, then the highest maximum and its relation to their mean.
    CHECK_THAT(*band, ContainsSubstring("lat.p99-max host=web01        3        1        3     1.5     0 "));
    CHECK_THAT(*band, ContainsSubstring(" ⣀⣤⣼⣾⣿"));
    watched.press("/lat.max\r");
    CHECK(watched.names() == Names{"lat.max"});

    Watched plain = filled(ascii);
    const auto plain_rows = plain.rows();
    CHECK(std::any_of(plain_rows.begin(), plain_rows.end(),
                      [](const auto& row) { return row.starts_with("lat.p99-max ") && row.ends_with(" _-^^@"); }));
}

TEST_CASE("watch: a p99 that falls silent leaves its maxima a row of their own") {
    Watched watched;
    watched.add("m.p99", 0, "1");
    watched.add("m.max", 0, "2");
    CHECK(watched.names() == Names{"m.p99-max"});
    watched.pass(600s);
    watched.add("m.max", 600, "2");
    watched.pass(600s);
    CHECK(watched.names() == Names{"m.max"});
}
