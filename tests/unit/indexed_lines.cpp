// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <support/catch.hpp>
#include <support/seed.hpp>

#include "cli/lines/indexed_lines.hpp"
#include "cli/lines/name_mask.hpp"
#include "cli/lines/put_line.hpp"

namespace {

using namespace tickertape;
using cli::lines::IndexedLines;
using cli::lines::LineFault;
using cli::lines::PutLine;
using test::once_in;
using test::Random;
using test::up_to;
using namespace std::string_view_literals;

template <std::size_t Size>
std::string_view one_of(Random& random, const std::array<std::string_view, Size>& words) {
    return words[up_to(random, Size - 1)];
}

std::string random_stamp(Random& random) {
    constexpr std::array<std::string_view, 12> odd{"0700000000", "3999999999",    "4000000000",    "4294967295",
                                                   "4294967296", "170000000",     "9223372036854", "1700000000.250",
                                                   "",           "4294967296000", "17000000000",   "3999999999999"};
    return once_in(random, 4)   ? std::string{one_of(random, odd)}
           : once_in(random, 2) ? std::to_string(1'600'000'000 + up_to(random, 300'000'000))
                                : std::to_string(1'600'000'000'000 + up_to(random, 300'000'000'000));
}

std::string random_value(Random& random) {
    constexpr std::array<std::string_view, 22> odd{
        "0",  "00", "-0", "-0.5", "0.5", "00.5", "1.",   ".5",  "-",   "1e5",      "1E5",
        "+1", "-1", "",   "-1.5", "1.5", "1..5", "1.5-", "1/5", "nan", "12345678", "1234567890123456789"};
    std::string digits(1 + up_to(random, 18), '9');
    std::generate(digits.begin(), digits.end(), [&random] { return static_cast<char>('0' + up_to(random, 9)); });
    return once_in(random, 2) ? std::string{one_of(random, odd)} : digits;
}

std::string random_tags(Random& random) {
    constexpr std::array<std::string_view, 10> tags{"host=a", "a=b", "ab=c", "a=c",   "b=/",
                                                    "a=",     "=b",  "a",    "a=b=c", "Z_.-=0"};
    std::string text;
    for (std::size_t i = up_to(random, 9); i > 0; --i) {
        text.append(once_in(random, 20) ? "  " : " ");
        text.append(once_in(random, 3) ? std::string{one_of(random, tags)} : "k" + std::to_string(i) + "=v");
    }
    return text;
}

/// Returns a line that may be in order, and is then often changed a bit.
std::string random_line(Random& random) {
    std::string line{once_in(random, 10) ? "" : "put "};
    line.append("sys.cpu-0/a_B").append(" ");
    line.append(random_stamp(random)).append(" ").append(random_value(random)).append(random_tags(random));
    if (once_in(random, 50)) { // around the limits of lines and blocks
        constexpr std::array<std::size_t, 4> lengths{1023, 1024, 4095, 8192};
        line.append(" l=").resize(lengths[up_to(random, 3)] - up_to(random, 3), 'x');
    }
    constexpr std::string_view likely = "put 0123456789 .-=+eE\r\t\n_/\0\x7f\x80\xff aZ"sv;
    for (std::size_t i = once_in(random, 2) ? 0 : up_to(random, 3); i > 0 && !line.empty(); --i) {
        const std::size_t at = up_to(random, line.size() - 1);
        const char c =
            once_in(random, 4) ? static_cast<char>(up_to(random, 255)) : likely[up_to(random, likely.size() - 1)];
        switch (up_to(random, 2)) {
        case 0: line[at] = c; break;
        case 1: line.insert(at, 1, c); break;
        default: line.erase(at, 1 + up_to(random, 3));
        }
    }
    return line;
}

void check_equal(const PutLine& quick, const PutLine& slow) {
    REQUIRE(quick.metric == slow.metric);
    REQUIRE(quick.stamp == slow.stamp);
    REQUIRE(quick.value == slow.value);
    REQUIRE(quick.tags == slow.tags);
    REQUIRE(quick.tag_count == slow.tag_count);
    REQUIRE(quick.has_put == slow.has_put);
    REQUIRE(quick.has_host == slow.has_host);
    REQUIRE(quick.is_canonical == slow.is_canonical);
}

/// Returns whether, by the slow reader, the bytes of the line can be sent unchanged to every server.
bool is_canonical(std::string_view line, PutLine& fields) {
    constexpr std::chrono::seconds end_of_stamps{std::int64_t{1} << 32U};
    return read_put_line(line, fields).fault == LineFault::none && fields.is_canonical && fields.has_put &&
           fields.time() < WallTime{end_of_stamps};
}

/// Takes all lines off a text, in runs of any limits and one by one, and compares
/// each with the result of the slow reader. Returns how many it took unread.
std::size_t check_text(Random& random, std::string_view text) {
    std::size_t taken = 0;
    std::string_view rest = text;
    IndexedLines lines{text};
    const auto take_first = [&rest] {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(line.size() + 1);
        return line;
    };
    PutLine slow;
    while (!lines.empty()) {
        const std::size_t most_bytes = once_in(random, 4) ? 100'000 : up_to(random, 300);
        const auto most_lines = static_cast<std::uint32_t>(once_in(random, 4) ? 100'000 : up_to(random, 5));
        const IndexedLines::Run run = lines.take_run(most_bytes, most_lines);
        REQUIRE(run.text.size() <= most_bytes);
        REQUIRE(run.lines <= most_lines);
        REQUIRE(static_cast<const void*>(run.text.data()) == rest.data());
        for (std::uint32_t i = 0; i < run.lines; ++i, ++taken) {
            const std::string_view line = take_first();
            CAPTURE(line);
            REQUIRE(is_canonical(line, slow));
        }
        REQUIRE(static_cast<const void*>(run.text.data() + run.text.size()) == rest.data());
        PutLine quick;
        if (const auto line = lines.take_canonical(quick)) {
            CAPTURE(*line);
            REQUIRE(*line == take_first());
            REQUIRE(is_canonical(*line, slow));
            check_equal(quick, slow);
            ++taken;
        } else if (!lines.empty()) {
            REQUIRE(lines.take_line() == take_first());
        }
    }
    REQUIRE(rest.empty());
    return taken;
}

/// The number of lines in a run of the test; TICKERTAPE_TEST_LINES for a longer run.
std::size_t lines_to_try() {
    const char* const text = std::getenv("TICKERTAPE_TEST_LINES"); // NOLINT(concurrency-mt-unsafe)
    return text == nullptr ? 50'000 : std::stoull(text);
}

IndexedLines::Run run_of(std::string_view text) {
    IndexedLines lines{text};
    return lines.take_run(text.size(), UINT32_MAX);
}

} // namespace

TEST_CASE("Whatever the lines, the index of put lines takes only those that the slow put line reader takes too") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    Random random{seed};
    std::size_t taken = 0;
    std::size_t tried = 0;
    while (tried < lines_to_try()) {
        std::vector<char> text; // its end is the end of its memory
        for (std::size_t i = 1 + up_to(random, 300); i > 0; --i, ++tried) {
            const std::string line = random_line(random).append("\n");
            text.insert(text.end(), line.begin(), line.end());
        }
        text.shrink_to_fit();
        taken += check_text(random, {text.data(), text.size()});
    }
    CHECK(taken > tried / 20);
}

TEST_CASE("A run of usual put lines is taken whole, up to the limits of bytes and lines") {
    std::string text;
    for (int i = 0; i < 1000; ++i) {
        text.append("put sys.cpu.user 17000000").append(std::to_string(10 + i % 90)).append(" ");
        text.append(std::to_string(i * 7919)).append(i % 3 == 0 ? ".25" : "").append(" cpu=0 host=web01\n");
    }
    const IndexedLines::Run all = run_of(text);
    CHECK(all.lines == 1000);
    CHECK(all.text == text);
    IndexedLines lines{text};
    const IndexedLines::Run some = lines.take_run(1000, 1000);
    CHECK(some.text.ends_with('\n'));
    CHECK(some.text.size() <= 1000);
    CHECK(text.find('\n', some.text.size()) >= 1000); // one more line is too much
    CHECK(lines.take_run(text.size(), 7).lines == 7);
    CHECK(lines.take_run(text.size(), 1000).lines == 1000 - 7 - some.lines);
    CHECK(lines.empty());
}

TEST_CASE("A put line that is not of the usual form ends a run, and is left") {
    const std::string usual = "put m 1700000000 1 a=b\n";
    for (const std::string odd :
         {"m 1700000000 1 a=b\n", "put m 1700000000 1\n", "put m 1700000000 1 a=b \n", "put m 1700000000 1 a=b a=b\n",
          "put m 4294967296000 1 a=b\n", "put m 1700000000 -0 a=b\n", "put m 1700000000 1 a=b\r\n", "\n"}) {
        CAPTURE(odd);
        IndexedLines lines{std::string_view{odd}};
        CHECK(lines.take_run(odd.size(), 1).lines == 0);
        CHECK(lines.take_line() == odd.substr(0, odd.size() - 1));
        const std::string text = usual + odd + usual;
        CHECK(run_of(text).text == usual);
    }
}

TEST_CASE("A put line without a newline in a block of the index is taken as it is") {
    const std::string longest(10'000, 'x');
    const std::string text = longest + "\nput m 1700000000 1 a=b\n";
    IndexedLines lines{text};
    CHECK(lines.take_run(text.size(), 1).lines == 0);
    CHECK(lines.take_line() == longest);
    CHECK(lines.take_run(text.size(), 1).lines == 1);
    CHECK(lines.empty());
}

TEST_CASE("The mask of a put line's bytes is the same for every processor") {
    std::array<char, cli::lines::mask_bytes> bytes{};
    for (std::size_t c = 0; c < 256; ++c) {
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            bytes.at(i) = static_cast<char>(c + i * i);
        }
        REQUIRE(cli::lines::name_mask(bytes.data()) == cli::lines::portable_name_mask(bytes.data()));
    }
}
