// SPDX-License-Identifier: MIT
#include <string>
#include <utility>
#include <vector>

#include <support/catch.hpp>
#include <support/random_points.hpp>
#include <support/strict_line_parser.hpp>

#include "cli/lines/put_line.hpp"
#include "point/line_formatter.hpp"

namespace {

using namespace tickertape;
using cli::lines::LineFault;
using cli::lines::PutLine;

LineFault fault_of(std::string_view line) {
    PutLine out;
    return read_put_line(line, out).fault;
}

PutLine read(std::string_view line) {
    PutLine out;
    REQUIRE(read_put_line(line, out).fault == LineFault::none);
    return out;
}

} // namespace

TEST_CASE("A put line is read into its fields") {
    const PutLine line = read("put a.b/c-d_e 1700000000 -1.5e-3 host=h1 dc=lga");
    CHECK(line.metric == "a.b/c-d_e");
    CHECK(line.time() == WallTime{std::chrono::seconds{1'700'000'000}});
    CHECK(line.precision() == Series::Precision::seconds);
    CHECK(line.number() == Value{-1.5e-3});
    CHECK(line.tags == "host=h1 dc=lga");
    CHECK(line.tag_count == 2);
    CHECK(line.has_put);
    CHECK(line.has_host);
    CHECK(line.is_canonical);
}

TEST_CASE("Seconds with three decimals are milliseconds, and a decimal point without decimals has no effect") {
    const PutLine line = read("put m 1700000000.250 1 a=b");
    CHECK(line.time() == WallTime{std::chrono::milliseconds{1'700'000'000'250}});
    CHECK(line.precision() == Series::Precision::milliseconds);
    CHECK(line.stamp == "1700000000.250");
    CHECK_FALSE(line.is_canonical);
    std::string digits;
    line.append_digits_of_stamp(digits);
    CHECK(digits == "1700000000250");
    CHECK(read("put m 1700000000. 1 a=b").stamp == "1700000000");
    CHECK_FALSE(read("put m 1700000000. 1 a=b").is_canonical);
    CHECK(read("put m 1700000000123. 1 a=b").stamp == "1700000000123");
    for (const char* const wrong : {"1700000000.2", "1700000000.25", "1700000000.2500", "1700000000123.250",
                                    "1700000000..", ".1700000000", "170000000.250", "1700000000.25x"}) {
        CAPTURE(wrong);
        CHECK(fault_of(std::string{"put m "} + wrong + " 1 a=b") == LineFault::stamp);
    }
}

TEST_CASE("A value that is passed on stays an integer or a float, and is a number of JSON") {
    const auto [text, passed_on] = GENERATE(table<std::string, std::string>({
        {"1", "1"},
        {"1.0", "1.0"},
        {"-0.0", "-0.0"},
        {"0.30000000000000004", "0.30000000000000004"},
        {"1e5", "1e5"},
        {"-1.5e-3", "-1.5e-3"},
        {"9223372036854775807", "9223372036854775807"},
        {"+7", "7"},
        {"007", "7"},
        {"-0", "0"},
        {"-007.50", "-7.50"},
        {"000.5", "0.5"},
        {".5", "0.5"},
        {"-.5", "-0.5"},
        {"5.", "5.0"},
        {"5.e3", "5.0e3"},
        {"12E5", "12e5"},
        {"+.5E-3", "0.5e-3"},
        {"1E+5", "1e+5"},
        {"18446744073709551616", "1.8446744073709552e+19"},
    }));
    CAPTURE(text);
    std::string out = "before ";
    read("put m 1700000000 " + text + " a=b").append_value(out);
    CHECK(out == "before " + passed_on);
}

TEST_CASE("A line in tcollector form may be without tags, and has no put") {
    const PutLine line = read("m 1700000000123 5");
    CHECK_FALSE(line.has_put);
    CHECK(line.tags.empty());
    CHECK(line.time() == WallTime{std::chrono::milliseconds{1'700'000'000'123}});
    CHECK(line.precision() == Series::Precision::milliseconds);
}

TEST_CASE("A line that receivers would read in different ways is taken, but is not canonical") {
    const auto [line, number] =
        GENERATE(std::pair<std::string, Value>{"put  m 1700000000 1 a=b", 1},
                 std::pair<std::string, Value>{" put m 1700000000 1 a=b", 1},
                 std::pair<std::string, Value>{"put m 1700000000 1 a=b ", 1},
                 std::pair<std::string, Value>{"put m 1700000000 1 a=b  c=d", 1},
                 std::pair<std::string, Value>{"put m 1700000000 1 a=b\r", 1},
                 std::pair<std::string, Value>{"put m 1700000000 +7 a=b", 7},
                 std::pair<std::string, Value>{"put m 1700000000 .5 a=b", 0.5},
                 std::pair<std::string, Value>{"put m 1700000000 12E5 a=b", 1'200'000},
                 std::pair<std::string, Value>{"put m 1700000000 5. a=b", 5},
                 std::pair<std::string, Value>{"put m 1700000000 99999999999999999999 a=b", 1e20});
    CAPTURE(line);
    const PutLine parsed = read(line);
    CHECK_FALSE(parsed.is_canonical);
    CHECK(parsed.number() == number);
    CHECK(parsed.tags.substr(0, 3) == "a=b");
}

TEST_CASE("The part of a line that a TSD would refuse or misread is named") {
    const auto [line, fault, text] = GENERATE(table<std::string, LineFault, std::string>({
        {"", LineFault::empty, "empty line"},
        {"   ", LineFault::empty, "empty line"},
        {"put", LineFault::too_few, "too few fields"},
        {"put m", LineFault::too_few, "too few fields"},
        {"m 1700000000", LineFault::too_few, "too few fields"},
        {"m 1700000000 ", LineFault::too_few, "too few fields"},
        {"put m! 1700000000 1 a=b", LineFault::metric, "bad metric 'm!'"},
        {"put m\tn 1700000000 1 a=b", LineFault::metric, R"(bad metric 'm\tn')"},
        {"put m 170000000 1 a=b", LineFault::stamp, "bad timestamp '170000000'"},
        {"put m 17000000000 1 a=b", LineFault::stamp, "bad timestamp '17000000000'"},
        {"put m 0170000000 1 a=b", LineFault::stamp, "bad timestamp '0170000000'"},
        {"put m 4294967296 1 a=b", LineFault::stamp, "bad timestamp '4294967296'"},
        {"put m 9223372036855 1 a=b", LineFault::stamp, "bad timestamp '9223372036855'"},
        {"put m 1700000000.5 1 a=b", LineFault::stamp, "bad timestamp '1700000000.5'"},
        {"put m -5 1 a=b", LineFault::stamp, "bad timestamp '-5'"},
        {"put m x 1 a=b", LineFault::stamp, "bad timestamp 'x'"},
        {"put m 1700000000 abc a=b", LineFault::value, "bad value 'abc'"},
        {"put m 1700000000 0x10 a=b", LineFault::value, "bad value '0x10'"},
        {"put m 1700000000 nan a=b", LineFault::value, "bad value 'nan'"},
        {"put m 1700000000 -inf a=b", LineFault::value, "bad value '-inf'"},
        {"put m 1700000000 1e400 a=b", LineFault::value, "bad value '1e400'"},
        {"put m 1700000000 1,5 a=b", LineFault::value, "bad value '1,5'"},
        {"put m 1700000000 +-1 a=b", LineFault::value, "bad value '+-1'"},
        {"put m 1700000000 1 a", LineFault::tag, "bad tag 'a'"},
        {"put m 1700000000 1 a=", LineFault::tag, "bad tag 'a='"},
        {"put m 1700000000 1 =b", LineFault::tag, "bad tag '=b'"},
        {"put m 1700000000 1 a=b=c", LineFault::tag, "bad tag 'a=b=c'"},
        {"put m 1700000000 1 a=b c=\xc3\xa9", LineFault::tag, R"(bad tag 'c=\xc3\xa9')"},
        {"put m 1700000000 1 a=b c=d a=b", LineFault::repeated_tag, "repeated tag 'a=b'"},
        {"put m 1700000000 1", LineFault::no_tags, "no tags"},
        {"m 1700000000 1 a=1 b=1 c=1 d=1 e=1 f=1 g=1 h=1 i=1", LineFault::too_many_tags, "more than 8 tags"},
    }));
    CAPTURE(line);
    PutLine out;
    const cli::lines::LineError error = read_put_line(line, out);
    CHECK(error.fault == fault);
    CHECK(to_string(error) == text);
}

TEST_CASE("A line of 1023 characters is read and a longer one is not") {
    const std::string begin = "put m 1700000000 1 a=";
    CHECK(fault_of(begin + std::string(1023 - begin.size(), 'x')) == LineFault::none);
    CHECK(fault_of(begin + std::string(1024 - begin.size(), 'x')) == LineFault::too_long);
}

TEST_CASE("A line without tags that ends with a blank is not canonical") {
    const PutLine parsed = read("m 1700000000 1 ");
    CHECK_FALSE(parsed.is_canonical);
    CHECK(parsed.tag_count == 0);
    CHECK(read("m 1700000000 1").is_canonical);
}
TEST_CASE("Every line that the formatter writes is read back as the same point, and is canonical") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    point::LineFormatter formatter{{.put_prefix = test::once_in(random, 2), .host_tag = "h"}};
    char buffer[max_line + 1];
    for (const Point& point : test::random_points(random, 5'000)) {
        const point::LineResult written = formatter.write(point, buffer);
        if (written.refused) {
            continue;
        }
        const std::string_view line{buffer, written.size - 1};
        CAPTURE(line);
        const PutLine read_back = read(line);
        REQUIRE(read_back.metric == point.series().metric());
        REQUIRE(read_back.number() == point.value());
        REQUIRE(read_back.precision() == point.series().precision());
        REQUIRE(read_back.time() <= point.time());
        REQUIRE(point.time() - read_back.time() < std::chrono::seconds{1});
        REQUIRE(read_back.has_host);
        // A whole number of 19 digits may exceed 64 bits, so it gets an additional check.
        REQUIRE((read_back.is_canonical || read_back.value.size() >= 19));
    }
}

TEST_CASE("Canonical lines among randomly damaged ones satisfy the strict parser") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    for (int i = 0; i < 20'000; ++i) {
        std::string line = "put some.metric 1700000000 12.5 host=h1";
        for (std::size_t edits = test::up_to(random, 4); edits > 0; --edits) {
            line[test::up_to(random, line.size() - 1)] = static_cast<char>(test::up_to(random, 255));
        }
        CAPTURE(line);
        PutLine out;
        if (read_put_line(line, out).fault == LineFault::none && out.is_canonical && out.has_put) {
            // A line that is passed on byte for byte must satisfy the strictest receiver.
            REQUIRE_NOTHROW(test::parse_strictly(line + "\n", true));
        }
    }
}
