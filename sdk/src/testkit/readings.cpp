// SPDX-License-Identifier: MIT
#include <tickertape/testkit/readings.hpp>

#include <tickertape/testkit/lines.hpp>

namespace tickertape::testkit {

RunResult run_once(const std::function<void(Readings&)>& f, WallTime due, const Readings::Options& options) {
    Readings readings{options};
    readings.begin(due);
    f(readings);
    RunResult result{.points = readings.points(), .stats = readings.stats()};
    result.lines = lines(result.points);
    return result;
}

} // namespace tickertape::testkit
