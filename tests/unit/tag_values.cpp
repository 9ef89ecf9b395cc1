// SPDX-License-Identifier: MIT
#include <string>

#include <tickertape/tags.hpp>

#include "support/catch.hpp"

using tickertape::Name;
using tickertape::Tags;
using tickertape::UsageError;
using namespace tickertape::literals;

TEST_CASE("The value of a tag is run-time text, a conditional of two literals included") {
    for (const bool ok : {false, true}) {
        const Tags tags{{"code", ok ? "200" : "500"}};
        CHECK(*tags.find("code") == (ok ? "200" : "500"));
    }
}

TEST_CASE("An illegal value or key of a tag is refused when it enters, and changes nothing") {
    CHECK_THROWS_AS((Tags{{"code", "a=b"}}), UsageError);
    CHECK_THROWS_AS((Tags{{"code", ""}}), UsageError);
    CHECK_THROWS_AS((Tags{{std::string{"c=d"}, "a"}}), UsageError);
    Tags tags{{"code", "200"}};
    CHECK_THROWS_AS(tags.set("code", "5 0 0"), UsageError);
    CHECK_THROWS_AS(tags.set(std::string{}, "500"), UsageError);
    CHECK(tags == Tags{{"code", "200"}});
}

TEST_CASE("A Name of illegal text is refused where it is used, not where it is made") {
    const std::string text = "x y";
    const Name name{text};
    CHECK(name.text() == text);
    CHECK_THROWS_AS(name.checked(), UsageError);
    CHECK("a.metric"_name.checked() == "a.metric");
}
