// SPDX-License-Identifier: MIT
#include <tickertape/value.hpp>

#include <bit>
#include <charconv>
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

namespace {

// The text of a value, from a simple implementation.
std::string plain_text(Value value) {
    char buffer[64];
    const auto text = [&](auto... number) {
        return std::string{buffer, std::to_chars(buffer, buffer + sizeof buffer, number...).ptr};
    };
    if (value.is_integer()) {
        return text(value.integer());
    }
    const std::string shortest = text(value.as_double());
    return shortest.find_first_of(".e") != std::string::npos ? shortest
                                                             : text(value.as_double(), std::chars_format::scientific);
}

// A number of up to `digits` digits; small ones are as frequent as large ones.
std::int64_t random_digits(test::Random& random, int digits) {
    std::int64_t number = 0;
    for (std::size_t left = test::up_to(random, static_cast<std::size_t>(digits)); left > 0; --left) {
        number = number * 10 + static_cast<std::int64_t>(test::up_to(random, 9));
    }
    return test::once_in(random, 2) ? number : -number;
}

double next_to(test::Random& random, double number) {
    for (std::size_t steps = test::up_to(random, 3); steps > 0; --steps) {
        number = std::nextafter(number, test::once_in(random, 2) ? -INFINITY : INFINITY);
    }
    return number;
}

} // namespace

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

TEST_CASE("The text of an integer is that of to_chars, whatever its number of digits") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    for (std::int64_t i = -20'000; i <= 20'000; ++i) {
        REQUIRE(to_string(i) == plain_text(i));
        REQUIRE(to_string(i * 10'000) == plain_text(i * 10'000)); // with the one before: each half of eight digits
    }
    for (std::int64_t power = 10; power < 1'000'000'000'000'000'000; power *= 10) {
        for (const std::int64_t near : {power - 1, power, power + 1}) {
            REQUIRE(to_string(near) == plain_text(near));
            REQUIRE(to_string(-near) == plain_text(-near));
        }
    }
    for (int i = 0; i < 200'000; ++i) {
        const std::int64_t few = random_digits(random, 18);
        REQUIRE(to_string(few) == plain_text(few));
        const auto any = static_cast<std::int64_t>(random());
        REQUIRE(to_string(any) == plain_text(any));
    }
}

TEST_CASE("The text of a double is that of to_chars, with few decimals, with one too many and next to them") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    const auto check = [](double number) {
        CAPTURE(std::bit_cast<std::uint64_t>(number));
        REQUIRE(to_string(number) == plain_text(number));
        REQUIRE(to_string(-number) == plain_text(-number));
    };
    for (int i = 0; i < 50'000; ++i) {
        const auto digits = static_cast<double>(random_digits(random, 17));
        for (const double parts : {1e1, 1e3, 1e6, 1e7}) {
            check(digits / parts);
            check(next_to(random, digits / parts));
        }
    }
    for (int i = 1; i < 20'000; ++i) { // around the smallest that have no exponent
        check(i / 1e6);
        check(i / 1e7);
    }
    for (double power = 1e-7; power < 1e20; power *= 10) { // and the largest ones that are tested as millionths
        for (const double part : {1e-6, 1e-5, 0.5, 0.999999, 1.0}) {
            check(power + part);
            check(power - part);
            check(next_to(random, power + part));
            check(next_to(random, power - part));
        }
    }
}
