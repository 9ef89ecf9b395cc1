// SPDX-License-Identifier: MIT
// Regular expressions with a bounded cost of a search.
#include <tickertape/pattern.hpp>

#include <string>

#include <tickertape/name.hpp>

#include "support/catch.hpp"

using tickertape::Pattern;

TEST_CASE("A pattern is found anywhere in a text, and its groups are parts of that") {
    Pattern pattern{R"(^\S+ "\w+ \S+" (\d)\d\d( x)?)"};
    const std::string line = "10.0.0.1 \"GET /a\" 404 12";
    CHECK(pattern.matches(line));
    CHECK(pattern.group(line, 1) == "4");
    CHECK(pattern.group(line, 0) == "10.0.0.1 \"GET /a\" 404");
    CHECK_FALSE(pattern.group(line, 2).has_value());
    CHECK_FALSE(pattern.group(line, 3).has_value());
    CHECK_FALSE(pattern.matches(""));
    CHECK_FALSE(pattern.group("x", 1).has_value());
}

TEST_CASE("Bytes that are no text do no harm") {
    Pattern pattern{"a.c"};
    CHECK(pattern.matches(std::string("\xff\0a\0c", 5)));
    CHECK_FALSE(pattern.matches(std::string("\xff\xfe", 2)));
}

TEST_CASE("A search that would take for ever is abandoned, counted, and no match") {
    Pattern pattern{"^(a+)+$"};
    const std::string line = std::string(4096, 'a') + "b";
    CHECK_FALSE(pattern.matches(line));
    CHECK(pattern.given_up() == 1);
    CHECK(pattern.matches("aaa"));
    CHECK(pattern.given_up() == 1);
}

TEST_CASE("A long line and a long repetition take no stack") {
    Pattern pattern{"(x|y)*z"};
    static_cast<void>(pattern.matches(std::string(1U << 20U, 'x')));
    CHECK(pattern.matches("xyz"));
}

TEST_CASE("The message names an invalid regular expression") {
    for (const std::string wrong : {"(", "[z-a]", "a{2,1}", "*"}) {
        CHECK_THROWS_WITH(Pattern{wrong}, Catch::Matchers::StartsWith("'" + wrong + "' is no regular expression: "));
    }
}
