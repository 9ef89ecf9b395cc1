// SPDX-License-Identifier: MIT
// TsdHttp and the real VictoriaMetrics.
#include <cstdlib>
#include <string>

#include <support/catch.hpp>
#include <support/pushing.hpp>
#include <support/victoria_metrics.hpp>

#include "stage/ledger.hpp"

using namespace tickertape;
using test::check_accounts;
using test::push_http;
using test::Pushed;
using test::some_points;
using test::VictoriaMetrics;

TEST_CASE("HTTP: a hundred thousand points are in VictoriaMetrics once each") {
    if (!VictoriaMetrics::is_installed()) {
        WARN("not tested, as VictoriaMetrics is not installed; scripts/setup --tests does that");
        CHECK(std::getenv("CI") == nullptr);
        return;
    }
    const VictoriaMetrics server;
    const std::string target = "http://127.0.0.1:" + std::to_string(server.http_port());
    const auto points = some_points(100'000);
    const Pushed pushed = push_http(target, points);
    check_accounts(pushed, points.size());
    CHECK(pushed.account.acked == points.size());
    CHECK(pushed.account.resent == 0);
    CHECK(pushed.status.targets.at(0).confirmation == PushStatus::Confirmation::parsed);
    const VictoriaMetrics::Count count = server.count("m", points.size());
    CHECK(count.points == points.size());
    CHECK(count.distinct == points.size());

    // Timestamps in milliseconds, without gzip, over one connection.
    const auto fine = some_points(50'000, "fine", std::chrono::milliseconds{250});
    CHECK(push_http(target, fine, {.connections = 1, .gzip = false}).account.acked == fine.size());
    const VictoriaMetrics::Count fine_count = server.count("fine", fine.size());
    CHECK(fine_count.points == fine.size());
    CHECK(fine_count.distinct == fine.size());

    // It refuses a wrong path by 400, and no point is lost.
    const Pushed elsewhere = [&target] {
        TsdHttp transmitter{target + "/wrong", {.host_tag = HostTag::named("h")}};
        test::publish_all(transmitter, some_points(1'000, "lost"));
        while (transmitter.status().targets.at(0).failures == 0) {
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
        }
        return Pushed{.account = transmitter.accounts()->now(), .status = transmitter.status()};
    }();
    CHECK(elsewhere.account.in_flight == 1'000);
    CHECK_THAT(elsewhere.status.targets.at(0).last_failure, Catch::Matchers::ContainsSubstring("unexpected path"));
}
