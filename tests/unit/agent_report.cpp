// SPDX-License-Identifier: MIT
// The agent's table and its points about itself.
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <cli/agent/report.hpp>
#include <tickertape/accounts.hpp>
#include <tickertape/point.hpp>
#include <tickertape/tags.hpp>
#include <tickertape/time.hpp>

#include "support/catch.hpp"

using Catch::Matchers::ContainsSubstring;
using tickertape::Account;
using tickertape::cli::agent::Report;

namespace {

/// Returns the report of an agent with this account, and one program that is down.
Report report_of(const Account& account) {
    Report report;
    report.destinations.push_back({.account = account});
    report.children.push_back({.name = "a", .state = "dead", .starts = 4, .failures = 3, .is_down = true});
    return report;
}

/// Returns the values of its points by metric, without `tickertape.agent.`.
std::map<std::string, std::string> values_of(const Report& report) {
    constexpr std::string_view prefix = "tickertape.agent.";
    std::map<std::string, std::string> values;
    for (const tickertape::Point& point : points_of(report, {}, tickertape::WallTime{})) {
        const std::string metric{point.series().metric()};
        REQUIRE(metric.starts_with(prefix));
        values[metric.substr(prefix.size())] = to_string(point.value());
    }
    return values;
}

} // namespace

TEST_CASE("agent: the table and the points contain each term of the account's sum") {
    Account account{.accepted = 1000, .recovered = 100, .acked = 1, .unconfirmed = 2, .queued = 5};
    account.rejected[0] = 3;
    account.dropped[0] = 4;
    account.spooled = 6;
    account.set_aside = 7;
    account.in_flight = 1072;
    REQUIRE(account.balanced());
    const Report report = report_of(account);
    CHECK_THAT(table_of(report),
               ContainsSubstring("points: 1000 accepted, 100 recovered, 1 acknowledged, 2 unconfirmed, 3 rejected, "
                                 "4 dropped, 5 queued, 1072 in flight, 6 in the spool, 7 set aside\n"));
    const auto values = values_of(report);
    long sum = 0;
    for (const char* place :
         {"acked", "unconfirmed", "rejected", "dropped", "queued", "spooled", "set_aside", "in_flight"}) {
        sum += std::stol(values.at(std::string{"points."} + place));
    }
    CHECK(std::stol(values.at("points.accepted")) + std::stol(values.at("points.recovered")) == sum);
}

TEST_CASE("agent: the points of a program tell whether it is down, and how many of its runs failed") {
    const auto values = values_of(report_of({}));
    CHECK(values.at("child.up") == "0");
    CHECK(values.at("child.down") == "1");
    CHECK(values.at("child.starts") == "4");
    CHECK(values.at("child.failures") == "3");
}
