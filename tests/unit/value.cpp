// SPDX-License-Identifier: MIT
#include <tickertape/value.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include <tickertape/name.hpp>

#include "support/catch.hpp"
#include "support/seed.hpp"

using tickertape::to_string;
using tickertape::UsageError;
using tickertape::Value;

TEST_CASE("A whole double below 2^53 prints as an integer") {
    CHECK(to_string(1.0) == "1");
    CHECK(to_string(0.0) == "0");
    CHECK(to_string(-0.0) == "0");
    CHECK(to_string(-7.0) == "-7");
    CHECK(to_string(1e15) == "1000000000000000");
    CHECK(to_string(9007199254740991.0) == "9007199254740991");
    CHECK(Value{1.0} == Value{1});
    CHECK(Value{-0.0} == Value{0});
}

TEST_CASE("Other doubles print as the shortest text that reads back, with a digit on both sides of the point") {
    CHECK(to_string(0.1) == "0.1");
    CHECK(to_string(-0.5) == "-0.5");
    CHECK(to_string(0.30000000000000004) == "0.30000000000000004");
    CHECK(to_string(1e17) == "1e+17");
    CHECK(to_string(5e-324) == "5e-324");
    CHECK(to_string(-1.7976931348623157e308) == "-1.7976931348623157e+308");
    CHECK(to_string(9007199254740992.0) == "9007199254740992");
}

TEST_CASE("A text of digits alone is an integer of 64 bits, so that OpenTSDB takes it") {
    CHECK(to_string(9223372036854775808.0) == "9.223372036854776e+18");
    CHECK(to_string(std::numeric_limits<std::uint64_t>::max()).find('e') != std::string::npos);
    CHECK(to_string(12345678901234567890.0) == "1.2345678901234567e+19");
    CHECK(to_string(-9223372036854775808.0) == "-9223372036854775808");
    CHECK(Value{9007199254740992.0} == Value{std::int64_t{9007199254740992}});
}

TEST_CASE("Integers print to their extremes") {
    CHECK(to_string(std::numeric_limits<std::int64_t>::max()) == "9223372036854775807");
    CHECK(to_string(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
    CHECK(to_string(std::uint64_t{9223372036854775807U}) == "9223372036854775807");
    CHECK(to_string(std::uint8_t{200}) == "200");
}

TEST_CASE("nan and infinities are refused with a sentence, or come back as nothing") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double inf = std::numeric_limits<double>::infinity();
    CHECK_THROWS_WITH(Value{nan}, "the value nan is no finite number; a TSD stores finite numbers only");
    CHECK_THROWS_WITH(Value{inf}, "the value inf is no finite number; a TSD stores finite numbers only");
    CHECK_THROWS_AS(Value{-inf}, UsageError);
    CHECK_FALSE(Value::checked(nan));
    CHECK_FALSE(Value::checked(-inf));
    CHECK(Value::checked(2.0) == Value{2});
}

TEST_CASE("A value of any finite bit pattern keeps its bits and has a text of at most 24 characters") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    for (int i = 0; i < 100'000; ++i) {
        const auto number = std::bit_cast<double>(random());
        if (const auto value = Value::checked(number)) {
            char text[tickertape::max_value_text];
            const char* const end = tickertape::write(*value, text);
            REQUIRE(end <= text + sizeof text);
            const double kept = value->as_double();
            REQUIRE((number == 0 || std::bit_cast<std::uint64_t>(kept) == std::bit_cast<std::uint64_t>(number)));
        } else {
            REQUIRE_FALSE(std::isfinite(number));
        }
    }
}
