// SPDX-License-Identifier: MIT
// The burst of sdk/docs/worked-example.md, from the example through `tickertape burst`.
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include <boost/json.hpp>

#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
namespace json = boost::json;

test::Result quota(std::vector<std::string> arguments) {
    return test::run({.program = fs::path{TICKERTAPE_BIN_DIR} / "../examples/quota", .arguments = std::move(arguments)},
                     120s);
}

/// Returns the reports of `tickertape burst` on `lines`, by their series.
std::map<std::string, json::value> reports_on(const std::string& lines) {
    const test::TemporaryDirectory directory;
    const fs::path file = directory.path() / "calls.put";
    std::ofstream{file} << lines;
    const test::Result result =
        test::run({.program = fs::path{TICKERTAPE_BIN_DIR} / "tickertape",
                   .arguments = {"burst", "--dedup", "0", "--service-rate", "2000", "--json", file.string()}},
                  120s);
    CHECK(result.ended == test::exit_0);
    std::map<std::string, json::value> reports;
    const json::value all = json::parse(result.out);
    for (const json::value& report : all.at("reports").as_array()) {
        reports.emplace(report.at("series").as_string(), report);
    }
    return reports;
}

double queue_in(const json::value& report) {
    return report.at("queues").as_array().at(0).at("queue").to_number<double>();
}

} // namespace

TEST_CASE("The burst of the worked example is hidden by the second and seen by the millisecond") {
    const test::Result lines = quota({"--lines"});
    CHECK(lines.ended == test::exit_0);
    const auto reports = reports_on(lines.out);
    REQUIRE(reports.size() == 2);

    const json::value& by_second = reports.at("db.calls bucket=1s");
    CHECK(by_second.at("buckets").to_number<int>() == 60);
    CHECK(by_second.at("p50").to_number<int>() == 1000);
    CHECK(by_second.at("max").to_number<int>() == 1500);
    CHECK(queue_in(by_second) == 0);
    CHECK(by_second.at("periods").as_array().empty());

    const json::value& by_ms = reports.at("db.calls bucket=1ms");
    CHECK(by_ms.at("buckets").to_number<int>() == 60'000);
    // 15 calls come in each of the minute's first 20 ms, and 10 in each of the next 30 ms. 2 are answered in each ms.
    CHECK(queue_in(by_ms) == 20 * (15 - 2) + 30 * (10 - 2));
    REQUIRE_FALSE(by_ms.at("periods").as_array().empty());
    CHECK(by_ms.at("periods").as_array().at(0).at("seconds").to_number<double>() == 0.1);
}

TEST_CASE("Before the full minute the queue of the worked example is that of the quota alone") {
    const test::Result lines = quota({"--lines"});
    std::string before;
    for (const std::string& line : test::complete_lines(lines.out)) {
        if (line.ends_with(" bucket=1ms") && line < "put db.calls 1700000040") {
            before += line + "\n";
        }
    }
    CHECK(queue_in(reports_on(before).at("db.calls bucket=1ms")) == 20 * (5 - 2));
}

TEST_CASE("The page of the worked example shows the example's output") {
    const std::string page = test::contents_of(fs::path{TICKERTAPE_SOURCE_DIR} / "sdk/docs/worked-example.md");
    const test::Result result = quota({});
    CHECK(result.ended == test::exit_0);
    const auto lines = test::complete_lines(result.out);
    CHECK(lines.size() == 2);
    for (const std::string& line : lines) {
        INFO(line);
        CHECK(page.find("    " + line + "\n") != std::string::npos);
    }
}
