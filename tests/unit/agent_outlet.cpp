// SPDX-License-Identifier: MIT
// Outlet: with a spool that can be written, and with one that cannot.
#include <cstdint>
#include <limits>
#include <vector>

#include <cli/agent/outlet.hpp>

#include "support/catch.hpp"
#include "support/queues.hpp"
#include "support/temporary_directory.hpp"

namespace {

using test::await;
using test::points;
using tickertape::SteadyTime;
using tickertape::Target;
using tickertape::Targets;
using tickertape::cli::agent::Outlet;
using tickertape::cli::agent::OutletOptions;

/// Returns options with a target that does not answer, so points stay in queue and spool.
OutletOptions options_for(const test::TemporaryDirectory& directory, std::uint64_t min_free) {
    OutletOptions options{.dedup = std::chrono::seconds{0}, .flush = std::chrono::hours{1}, .queue = 10};
    options.destinations.push_back({.targets = Targets{std::vector{Target{"tsd://127.0.0.1:1"}}}});
    options.spool.directory = directory.path();
    options.spool.program = "agent";
    options.spool.min_free = min_free;
    return options;
}

} // namespace

TEST_CASE("agent: while its spool cannot be written, a queue that is half full makes applications wait") {
    const test::TemporaryDirectory directory;
    Outlet outlet{options_for(directory, std::numeric_limits<std::int64_t>::max()), [] {}};
    CHECK(outlet.publish_all(points(0, 7)) == 0);
    await([&] { return outlet.is_kept(7); });
    CHECK(outlet.is_about_to_drop());
    outlet.finish(SteadyTime::min());
}

TEST_CASE("agent: while its spool can be written, it takes points for which the queue has no room") {
    const test::TemporaryDirectory directory;
    Outlet outlet{options_for(directory, 0), [] {}};
    for (int first = 0; first < 35; first += 7) {
        CHECK(outlet.publish_all(points(first, first + 7)) == 0);
        await([&] { return outlet.is_kept(outlet.taken()); });
        CHECK_FALSE(outlet.is_about_to_drop());
    }
    CHECK(outlet.lost() == 0);
    outlet.finish(SteadyTime::min());
}
