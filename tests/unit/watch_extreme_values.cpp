// SPDX-License-Identifier: MIT
// `tickertape watch` with values that no picture can show: the cell is empty, the row stays, and rows keep their order.
#include <algorithm>
#include <chrono>
#include <limits>
#include <string>
#include <vector>

#include <cli/watch/session.hpp>

#include "support/catch.hpp"
#include "support/no_number.hpp"
#include "support/seed.hpp"

using namespace std::chrono_literals;
using test::Random;
using tickertape::SteadyTime;
using tickertape::Value;
using tickertape::WallTime;
using tickertape::cli::terminal::Key;
using tickertape::cli::watch::WatchSession;

namespace {

constexpr std::int64_t origin = 1'700'000'000;

std::string line(const std::string& metric, std::int64_t second, double value) {
    std::string text{"put "};
    text.append(metric).append(" ").append(std::to_string(origin + second)).append(" ");
    return text.append(to_string(Value{value})).append(" host=a");
}

WatchSession begun() {
    WatchSession session{{}, {}};
    session.set_time(SteadyTime{}, WallTime{std::chrono::seconds{origin + 40}});
    return session;
}

std::vector<std::string> rows(WatchSession& session, std::size_t columns = 100) {
    std::vector<std::string> result;
    for (const auto& each : session.frame({.rows = 40, .columns = columns}, {.colour = false, .utf8 = false})) {
        CHECK(each.width <= columns);
        result.push_back(each.text);
    }
    return result;
}

} // namespace

TEST_CASE("watch: a change and a mean that no double holds are cells without a figure") {
    WatchSession session = begun();
    session.add(line("m", 0, 1.7e308));
    session.add(line("m", 1, -1.7e308));
    const std::string row = rows(session).at(2);
    CAPTURE(row);
    CHECK(row.starts_with("m           -1.7e+308        - 1.7e+308       -     0 "));
}

TEST_CASE("watch: any values give rows without nan and infinity, in every order") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    Random random{seed};
    using Limits = std::numeric_limits<double>;
    const std::vector<double> extremes{Limits::max(),
                                       -Limits::max(),
                                       Limits::min(),
                                       Limits::denorm_min(),
                                       0,
                                       1,
                                       -1,
                                       1e155,
                                       -1e155,
                                       3.4e38,
                                       3.5e38,
                                       -3.5e38,
                                       1.5,
                                       1e17};
    for (int round = 0; round < 30; ++round) {
        WatchSession session = begun();
        for (int series = 0; series < 20; ++series) {
            for (int second = 0; second < 40; ++second) {
                if (test::up_to(random, 9) > 0) {
                    session.add(line("m" + std::to_string(series), second, extremes[random() % extremes.size()]));
                }
            }
        }
        for (int order = 0; order < 5; ++order) {
            for (const std::size_t columns : {40U, 80U, 200U}) {
                for (const std::string& row : rows(session, columns)) {
                    CAPTURE(row);
                    CHECK_FALSE(test::has_no_number(row));
                }
            }
            static_cast<void>(session.press({.kind = Key::character, .text = 's'}));
        }
    }
}
