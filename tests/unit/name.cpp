// SPDX-License-Identifier: MIT
#include <tickertape/name.hpp>

#include <string>
#include <string_view>

#include "support/catch.hpp"

using tickertape::Name;
using tickertape::sanitize;
using tickertape::UsageError;

namespace {

std::string refusal_of(std::string_view text) {
    try {
        static_cast<void>(Name{text}.checked());
    } catch (const UsageError& error) {
        return error.what();
    }
    return "accepted";
}

} // namespace

TEST_CASE("Letters, digits and - _ . / make a name, and no other byte does") {
    for (int byte = 0; byte < 256; ++byte) {
        const char c = static_cast<char>(byte);
        const bool legal =
            byte > 0 && std::string_view{"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./"}.find(
                            c) != std::string_view::npos;
        CAPTURE(byte);
        CHECK((refusal_of(std::string{"a"} + c) == "accepted") == legal);
    }
}

TEST_CASE("A refused name is quoted with the offending character and its position") {
    CHECK(refusal_of("x y") ==
          "the name 'x y' has the illegal character ' ' at position 2; letters, digits and - _ . / "
          "are allowed");
    CHECK(refusal_of("=") ==
          "the name '=' has the illegal character '=' at position 1; letters, digits and - _ . / are "
          "allowed");
    CHECK(refusal_of("") == "the name '' is empty; it needs at least one letter, digit or - _ . /");
}

TEST_CASE("Bytes that do not print are quoted as escapes, so that an error is one line of ASCII") {
    CHECK_THAT(refusal_of("x\ndiediedie"), Catch::Matchers::StartsWith("the name 'x\\ndiediedie' has the illegal "
                                                                       "character '\\n' at position 2;"));
    CHECK_THAT(refusal_of(std::string_view{"a\0b", 3}),
               Catch::Matchers::StartsWith("the name 'a\\x00b' has the illegal "
                                           "character '\\x00' at position 2;"));
    CHECK_THAT(refusal_of("caf\xc3\xa9"), Catch::Matchers::StartsWith("the name 'caf\\xc3\\xa9' has the illegal "
                                                                      "character '\\xc3' at position 4;"));
    CHECK_THAT(refusal_of("it's"), Catch::Matchers::StartsWith("the name 'it\\'s' has the illegal character '\\''"));
}

TEST_CASE("The message quotes only the beginning of a very long bad name") {
    const std::string text = std::string(5000, 'a') + "!";
    CHECK_THAT(refusal_of(text),
               Catch::Matchers::ContainsSubstring("aaa...' (5001 bytes) has the illegal character '!' "
                                                  "at position 5001;"));
    CHECK(refusal_of(text).size() < 250);
}

TEST_CASE("sanitize turns each illegal byte into an underscore") {
    CHECK(sanitize("/var/my data") == "/var/my_data");
    CHECK(sanitize("caf\xc3\xa9=1") == "caf___1");
    CHECK(sanitize("fine-1.2_3/4") == "fine-1.2_3/4");
    CHECK(sanitize("") == "_");
}
