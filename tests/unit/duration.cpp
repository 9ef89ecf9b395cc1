// SPDX-License-Identifier: MIT
#include "base/duration.hpp"

#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <utility>

#include "support/catch.hpp"

using namespace std::chrono_literals;
using tickertape::base::parse_duration;

TEST_CASE("A duration is a number of seconds, or has a unit from milliseconds to days") {
    CHECK(parse_duration("5") == 5s);
    CHECK(parse_duration("0.5") == 500ms);
    CHECK(parse_duration("250ms") == 250ms);
    CHECK(parse_duration("5s") == 5s);
    CHECK(parse_duration("10m") == 10min);
    CHECK(parse_duration("1h") == 1h);
    CHECK(parse_duration("1d") == 24h);
    CHECK(parse_duration("1.25s") == 1250ms);
    CHECK(parse_duration("0.001") == 1ms);
    CHECK(parse_duration("1.5m") == 90s);
    CHECK(parse_duration("0.00001h") == 36ms);
    CHECK(parse_duration("0") == 0s);
    CHECK(parse_duration("007") == 7s);
    CHECK(parse_duration("2.500000000") == 2500ms);
    CHECK(parse_duration("2147483647") == 2147483647s);
}

TEST_CASE("Other text is no duration") {
    for (const char* const text :
         {"",     "s",    "ms",  ".",     "5.",     ".5",  "-1",   "+1",           "1e3",      "0x5",
          " 5",   "5 ",   "5 s", "0.5ms", "0.0001", "1.x", "1,5",  "5ss",          "5sms",     "2147483648",
          "-0.5", "nan",  "inf", "1..5",  "1m30s",  "1w",  "1.-5", "1.0000000000", "24855.2d", "9223372036854775807d",
          "5S",   "5min", "5M",  "1.+5"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_duration(text).has_value());
    }
}

TEST_CASE("Any whole number of milliseconds is read back in each unit that can write it") {
    std::mt19937_64 random{1};
    for (int i = 0; i < 10'000; ++i) {
        const std::int64_t ms = static_cast<std::int64_t>(random() >> (23 + random() % 30)) % 2'147'483'647'000;
        CAPTURE(ms);
        CHECK(parse_duration(std::to_string(ms) + "ms") == std::chrono::milliseconds{ms});
        std::string decimals = std::to_string(1'000 + ms % 1'000);
        decimals.front() = '.';
        CHECK(parse_duration(std::to_string(ms / 1'000) + decimals) == std::chrono::milliseconds{ms});
        CHECK(parse_duration(std::to_string(ms / 1'000) + decimals + "s") == std::chrono::milliseconds{ms});
        for (const auto& [unit, length] : {std::pair{"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}) {
            const std::int64_t whole = ms / length;
            CHECK(parse_duration(std::to_string(whole) + unit) == std::chrono::milliseconds{whole * length});
            CHECK(parse_duration(std::to_string(whole) + ".5" + unit) ==
                  std::chrono::milliseconds{whole * length + length / 2});
        }
    }
}
