// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include <cli/push/point_maker.hpp>

#include "support/catch.hpp"
#include "support/seed.hpp"

using tickertape::Point;
using tickertape::cli::lines::PutLine;
using tickertape::cli::lines::read_put_line;
using tickertape::cli::push::PointMaker;

TEST_CASE("A line becomes the same point whatever lines came before it") {
    const std::vector<std::string> lines{
        "put m 1700000000 1 a=b",    "put m 1700000000 1 a=c",    "put m 1700000000 1 a=bb", "put mm 1700000000 1 a=b",
        "put m 1700000000000 1 a=b", "m 1700000000 1 a=b",        "m 1700000000 1",          "n 1700000000 1",
        "m 1700000000 1 host=x",     "put m 1700000000 1 a=b c=d"};
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    PointMaker maker{"h"};
    for (int i = 0; i < 2'000; ++i) {
        // Mostly repeated in the same order, as collectors write them.
        const std::size_t at = test::once_in(random, 4) ? test::up_to(random, lines.size() - 1)
                                                        : static_cast<std::size_t>(i) % lines.size();
        PutLine line;
        REQUIRE(read_put_line(lines[at], line).fault == tickertape::cli::lines::LineFault::none);
        const Point made = maker.make(line);
        const Point alone = PointMaker{"h"}.make(line);
        CAPTURE(lines[at]);
        CHECK(made.series() == alone.series());
        CHECK(made.time() == alone.time());
    }
}
