// SPDX-License-Identifier: MIT
#include <stage/backlog_progress.hpp>

#include "support/catch.hpp"

namespace {

using namespace std::chrono_literals;
using tickertape::SteadyTime;
using tickertape::stage::BacklogProgress;

} // namespace

TEST_CASE("Progress of a backlog reports the remaining points and time, at growing intervals") {
    BacklogProgress progress;
    const SteadyTime begin{1h};
    CHECK(progress.sent(100'000, begin).empty());
    CHECK(progress.sent(91'000, begin + 9s).empty());
    CHECK(progress.sent(90'000, begin + 10s) == "90000 points of the backlog wait in the spool, for about 91 s");
    CHECK(progress.sent(80'000, begin + 20s).empty());
    CHECK(progress.sent(70'000, begin + 30s) == "70000 points of the backlog wait in the spool, for about 71 s");
    CHECK(progress.sent(1, begin + 60s).empty());
    CHECK(progress.sent(0, begin + 61s) == "the backlog of the spool has been sent");
    CHECK(progress.sent(0, begin + 62s).empty());
}

TEST_CASE("Progress names minutes for a backlog of days, and no time for one that grows") {
    BacklogProgress progress;
    const SteadyTime begin{1h};
    CHECK(progress.sent(1'000'000'000, begin).empty());
    CHECK(progress.sent(999'900'000, begin + 10s) ==
          "999900000 points of the backlog wait in the spool, for about 1666 min");
    CHECK(progress.sent(999'950'000, begin + 60s) == "999950000 points of the backlog wait in the spool");
}

TEST_CASE("A backlog that is sent within ten seconds causes no message, and each outage begins anew") {
    BacklogProgress progress;
    const SteadyTime begin{1h};
    CHECK(progress.sent(100, begin).empty());
    CHECK(progress.sent(0, begin + 9s).empty());
    CHECK(progress.sent(100, begin + 20s).empty());
    CHECK(progress.sent(50, begin + 29s).empty());
    progress.begin_again();
    CHECK(progress.sent(500, begin + 40s).empty());
    CHECK(progress.sent(400, begin + 50s) == "400 points of the backlog wait in the spool, for about 41 s");
}
