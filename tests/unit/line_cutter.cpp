// SPDX-License-Identifier: MIT
#include <collector/follow_file.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace std::string_literals;
using tickertape::collector::LineCutter;

namespace {

using Lines = std::vector<std::string>;

Lines cut(const std::vector<std::string>& pieces, bool finish = false) {
    Lines lines;
    const auto take = [&](std::string_view line) { lines.emplace_back(line); };
    LineCutter cutter;
    for (const std::string& piece : pieces) {
        cutter.feed(piece, take);
    }
    if (finish) {
        cutter.finish(take);
    }
    return lines;
}

} // namespace

TEST_CASE("Lines come without their newlines, empty ones included") {
    CHECK(cut({"a\n\nbc\n"}) == Lines{"a", "", "bc"});
    CHECK(cut({"a\r\nb\0c\xff\n"s}) == Lines{"a\r", "b\0c\xff"s});
}

TEST_CASE("A line that comes in pieces is passed on once, when it ends") {
    CHECK(cut({"a", "b", "", "c\nd"}) == Lines{"abc"});
    CHECK(cut({"a", "\n", "\n"}) == Lines{"a", ""});
}

TEST_CASE("finish passes on a last line without an end, once") {
    CHECK(cut({"a\nb"}, true) == Lines{"a", "b"});
    CHECK(cut({"a\n"}, true) == Lines{"a"});
}

TEST_CASE("clear forgets a line that was begun") {
    Lines lines;
    const auto take = [&](std::string_view line) { lines.emplace_back(line); };
    LineCutter cutter;
    cutter.feed("abc", take);
    cutter.clear();
    cutter.feed("d\n", take);
    cutter.feed(std::string(LineCutter::longest + 1, 'x'), take);
    cutter.clear();
    cutter.feed("e\n", take);
    CHECK(lines.size() == 3);
    CHECK(lines.front() == "d");
    CHECK(lines.back() == "e");
}

TEST_CASE("A line that is too long is passed on once, cut short") {
    constexpr std::size_t longest = LineCutter::longest;
    for (const std::size_t size : {longest - 1, longest, longest + 1, 2 * longest, 5 * longest + 7}) {
        CAPTURE(size);
        const std::string line(size, 'x');
        const Lines expected{line.substr(0, longest), "y"};
        CHECK(cut({line + "\ny\n"}) == expected);
        CHECK(cut({line, "\ny\n"}) == expected);
        CHECK(cut({line, "\n", "y\n"}) == expected);
        CHECK(cut({line.substr(0, 10), line.substr(10) + "\ny\n"}) == expected);
        CHECK(cut({line}, true) == Lines{line.substr(0, longest)});
    }
}

TEST_CASE("However a text is cut into pieces, its lines are the same") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    for (int round = 0; round < 200; ++round) {
        Lines expected;
        std::string text;
        for (int line = 0; line < 20; ++line) {
            const std::size_t longer = random() % 8 == 0 ? LineCutter::longest - 50 : 0;
            const std::string whole(longer + random() % 100, static_cast<char>('a' + line));
            expected.push_back(whole.substr(0, LineCutter::longest));
            text += whole + "\n";
        }
        Lines pieces;
        for (std::size_t at = 0; at < text.size(); at += pieces.back().size()) {
            pieces.push_back(text.substr(at, random() % (random() % 3 == 0 ? 3 : 70'000) + 1));
        }
        CHECK(cut(pieces) == expected);
    }
}
