// SPDX-License-Identifier: MIT
// sdk/docs/lint.md lists the rules of all targets, and no others.
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <cli/lint/rule.hpp>

#include "support/catch.hpp"

using namespace tickertape::cli::lint;

TEST_CASE("The page on lint lists each rule with its harm to each target") {
    std::ifstream page{std::filesystem::path{TICKERTAPE_SOURCE_DIR} / "sdk/docs/lint.md"};
    std::vector<std::string> listed;
    for (std::string line; std::getline(page, line);) {
        if (line.starts_with("| `")) {
            listed.push_back(line);
        }
    }
    REQUIRE(listed.size() == fault_count);
    for (std::size_t i = 0; i < fault_count; ++i) {
        const auto fault = static_cast<Fault>(i);
        CHECK(listed[i].starts_with("| `" + std::string{name_of(fault)} + "` | "));
        std::string harms;
        for (const Target target : {Target::tcollector, Target::opentsdb, Target::victoriametrics, Target::influxdb}) {
            std::string harm;
            for (const Rule& rule : rules_of(target)) {
                harm = rule.fault == fault ? " " + std::string{name_of(rule.harm)} : harm;
            }
            harms += harm + " |";
        }
        CAPTURE(listed[i], harms);
        CHECK(listed[i].ends_with(" |" + harms));
    }
}
