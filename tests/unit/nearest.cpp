// SPDX-License-Identifier: MIT
#include <base/nearest.hpp>

#include <string>
#include <vector>

#include "support/catch.hpp"

using tickertape::base::nearest;

TEST_CASE("A mistyped word has the nearest word, or none that is near") {
    const std::vector<std::string> words{"push", "burst", "lint", "watch", "spool", "--interval"};
    CHECK(nearest("psuh", words) == "push");    // swapped
    CHECK(nearest("brst", words) == "burst");   // left out
    CHECK(nearest("wattch", words) == "watch"); // twice
    CHECK(nearest("lind", words) == "lint");    // another one
    CHECK(nearest("push", words) == "push");
    CHECK(nearest("--intervall", words) == "--interval");
    CHECK(nearest("x", words).empty());
    CHECK(nearest("", words).empty());
    CHECK(nearest("quite", words).empty());
    CHECK(nearest(std::string(100'000, 'a'), words).empty());
}
