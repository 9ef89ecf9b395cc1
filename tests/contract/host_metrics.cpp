// SPDX-License-Identifier: MIT
// Names, tags and intervals of the host collectors, on which dashboards depend, compared with tests/fixtures/host-metrics.
#include <cstdint>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/host_collectors.hpp"

namespace {

using Values = std::set<std::string>;
using Metrics = std::map<std::string, std::map<std::string, Values>>; // the values of tags, by metric and key

struct Known {
    std::uint64_t interval = 0;
    Metrics metrics;
};

/// Returns the known metrics, by collector.
std::map<std::string, Known> known_metrics() {
    std::ifstream file{test::fixture("host-metrics")};
    std::map<std::string, Known> all;
    std::string collector;
    for (std::string line; std::getline(file, line);) {
        std::istringstream words{line};
        std::string first;
        words >> first;
        if (line.starts_with('#')) {
            continue;
        }
        if (!line.starts_with(' ')) {
            collector = first;
            words >> all[collector].interval;
            continue;
        }
        auto& tags = all[collector].metrics[first];
        for (std::string tag; words >> tag;) {
            std::istringstream values{tag.substr(tag.find('=') + 1)};
            for (std::string value; std::getline(values, value, '|');) {
                tags[tag.substr(0, tag.find('='))].insert(value);
            }
        }
    }
    return all;
}

void add_to(Metrics& metrics, const std::string& out) {
    for (const std::string& line : test::complete_lines(out)) {
        std::istringstream words{line};
        std::string metric;
        std::string rest;
        words >> metric >> rest >> rest;
        auto& tags = metrics[metric];
        for (std::string tag; words >> tag;) {
            tags[tag.substr(0, tag.find('='))].insert(tag.substr(tag.find('=') + 1));
        }
    }
}

} // namespace

TEST_CASE("Names and tags of the host collectors are those that dashboards know, no more and no less") {
    const auto all = known_metrics();
    CHECK(all.size() == 8);
    for (const auto& [name, its] : all) {
        const test::HostCollector& collector = test::host_collector(name);
        CAPTURE(name);
        Metrics ours;
        for (const std::string tree : {"vm", "large"}) {
            std::vector<std::string> more{"--format", "tcollector"};
            if (name == "procnettcp") {
                more.emplace_back("--all");
            }
            add_to(ours, test::run_once_on(test::fixture("hosts/" + tree), collector, more).out);
        }
        const Metrics& known = its.metrics;
        for (const auto& [metric, tags] : known) {
            CAPTURE(metric);
            REQUIRE(ours.contains(metric));
            CHECK(ours[metric].size() == tags.size());
            for (const auto& [key, values] : tags) {
                CAPTURE(key);
                CHECK((values == Values{"*"} ? !ours[metric][key].empty() : ours[metric][key] == values));
            }
        }
        for (const auto& [metric, tags] : ours) {
            CAPTURE(metric);
            CHECK(known.contains(metric));
        }
    }
}

TEST_CASE("Host collectors have the intervals that dashboards know, and any other down to a second if asked to") {
    constexpr std::uint64_t minute = 1'700'000'040;
    for (const auto& [name, its] : known_metrics()) {
        for (const bool each_second : {false, true}) {
            CAPTURE(name, each_second);
            std::vector<std::string> arguments{"--now", std::to_string(minute), "--for", "60", "--dedup", "0"};
            if (each_second) {
                arguments.insert(arguments.end(), {"--interval", "1"});
            }
            const auto result = test::run_on(test::fixture("hosts/vm"), test::host_collector(name), arguments);
            std::set<std::uint64_t> stamps;
            for (const std::string& line : test::complete_lines(result.out)) {
                stamps.insert(std::stoull(line.substr(line.find(' ', 4))));
            }
            std::set<std::uint64_t> wanted;
            const std::uint64_t interval = each_second ? 1 : its.interval;
            for (std::uint64_t time = minute; time <= minute + 60; time += interval) {
                wanted.insert(time);
            }
            CHECK(stamps == wanted);
        }
    }
}
