// SPDX-License-Identifier: MIT
#include <collector/command_line.hpp>
#include <collector/setting_values.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "support/catch.hpp"

using namespace std::chrono_literals;
using tickertape::Form;
using Defaults = tickertape::Collector::Defaults;
using tickertape::collector::Exit;
using tickertape::collector::parse_command_line;
using tickertape::collector::Settings;
using tickertape::collector::Surroundings;

namespace {

Settings settings_of(const std::vector<std::string>& arguments, Defaults defaults = {.name = "c"}) {
    auto parsed = parse_command_line(arguments, defaults);
    if (const auto* const end = std::get_if<Exit>(&parsed)) {
        FAIL("it ends: " << end->out << end->err);
    }
    return std::get<Settings>(std::move(parsed));
}

std::string complaint_about(const std::vector<std::string>& arguments) {
    const auto parsed = parse_command_line(arguments, {.name = "c"});
    const auto* const end = std::get_if<Exit>(&parsed);
    return end != nullptr ? end->err : "";
}

} // namespace

TEST_CASE("Without flags a collector's own defaults count") {
    const Settings settings = settings_of({}, {.name = "c", .interval = 3s, .timespan = 12s, .granularity = 2s});
    CHECK(settings.interval == 3s);
    CHECK(settings.timespan == 12s);
    CHECK(settings.granularity == 2s);
    CHECK(settings.tags.empty());
    CHECK(settings.host_tag.is_automatic());
    CHECK(settings.form == Form::automatic);
    CHECK_FALSE(settings.dedup.has_value());
    CHECK_FALSE(settings.run_for.has_value());
    CHECK_FALSE(settings.once);
    CHECK(settings.proc_root == "/proc");
    CHECK_FALSE(settings.now.has_value());
    CHECK_FALSE(settings.hostname.has_value());
}

TEST_CASE("Each flag sets its own setting") {
    const Settings settings =
        settings_of({"--interval", "0.5",       "--timespan=10", "--granularity", "250ms",    "--tag",
                     "zone=b",     "--tag=a=1", "--host-tag",    "web",           "--format", "put",
                     "--dedup",    "0",         "--for",         "1.5",           "--once",   "--proc-root",
                     "/sys",       "--now",     "1700000000",    "--hostname",    "h"});
    CHECK(settings.interval == 500ms);
    CHECK(settings.timespan == 10s);
    CHECK(settings.granularity == 250ms);
    REQUIRE(settings.tags.find("zone") != nullptr);
    CHECK(*settings.tags.find("zone") == "b");
    CHECK(*settings.tags.find("a") == "1");
    CHECK_FALSE(settings.host_tag.is_automatic());
    CHECK_FALSE(settings.host_tag.is_none());
    CHECK(settings.form == Form::put);
    CHECK(settings.dedup == 0s);
    CHECK(settings.run_for == 1500ms);
    CHECK(settings.once);
    CHECK(settings.proc_root == "/sys");
    CHECK(settings.now == tickertape::WallTime{1700000000s});
    CHECK(settings.hostname == "h");
    CHECK(settings_of({"--once=true"}).once);
    CHECK_FALSE(settings_of({"--once=false"}).once);
    CHECK(settings_of({"--host-tag", "none"}).host_tag.is_none());
    CHECK(settings_of({"--host-tag", "auto"}).host_tag.is_automatic());
    CHECK(settings_of({"--format", "tcollector"}).form == Form::tcollector);
    CHECK(settings_of({"--format", "auto"}).form == Form::automatic);
    CHECK(settings_of({"--format", "influx"}).form == Form::influx);
    CHECK(settings_of({"--format", "collectd"}).form == Form::collectd);
}

TEST_CASE("The last of two equal flags counts") {
    CHECK(settings_of({"--interval", "1", "--interval", "2"}).interval == 2s);
    CHECK(settings_of({"--format", "put", "--format", "tcollector"}).form == Form::tcollector);
}

TEST_CASE("Defaults follow the flags that are given") {
    const Defaults a_bucket_per_reading{.name = "c", .interval = 1s, .timespan = 5s, .granularity = 1s};
    CHECK(settings_of({"--interval", "10"}, a_bucket_per_reading).granularity == 10s);
    CHECK(settings_of({"--interval", "10"}, a_bucket_per_reading).timespan == 10s);
    CHECK(settings_of({"--interval", "10", "--granularity", "2"}, a_bucket_per_reading).granularity == 2s);
    CHECK(settings_of({"--interval", "10", "--granularity", "2"}, a_bucket_per_reading).timespan == 6s);
    CHECK(settings_of({"--granularity", "7"}, a_bucket_per_reading).timespan == 7s);
    CHECK(settings_of({"--interval", "60"}, {.name = "c"}).granularity == 1s);
}

TEST_CASE("Under collectd its interval counts, unless the collector's settings differ, and each bucket is written "
          "separately") {
    const auto under_collectd = [](std::vector<std::string> arguments, const Defaults& defaults) {
        const Surroundings surroundings{.environment = [](const std::string& variable) {
            return variable == "COLLECTD_INTERVAL" ? std::optional<std::string>{"10.000"} : std::nullopt;
        }};
        const auto settings = std::get<Settings>(parse_command_line(arguments, defaults, surroundings));
        return std::tuple{settings.interval, settings.granularity, settings.timespan};
    };
    const Defaults a_bucket_per_reading{.name = "c", .interval = 1s, .timespan = 5s, .granularity = 1s};
    const Defaults others{.name = "c", .interval = 15s, .timespan = 15s, .granularity = 1s};
    using Times = std::tuple<std::chrono::milliseconds, std::chrono::milliseconds, std::chrono::milliseconds>;
    CHECK(under_collectd({"--format", "collectd"}, a_bucket_per_reading) == Times{10s, 10s, 10s});
    CHECK(under_collectd({"--format", "collectd"}, others) == Times{10s, 1s, 1s});
    CHECK(under_collectd({"--format", "collectd", "--interval", "2"}, a_bucket_per_reading) == Times{2s, 2s, 2s});
    CHECK(under_collectd({"--format", "collectd", "--granularity", "2"}, a_bucket_per_reading) == Times{1s, 2s, 2s});
    CHECK(under_collectd({"--format", "collectd", "--timespan", "20"}, a_bucket_per_reading) == Times{10s, 10s, 20s});
    CHECK(under_collectd({"--format", "influx"}, a_bucket_per_reading) == Times{1s, 1s, 5s});
    CHECK(under_collectd({"--format", "collectd", "--tsd", "h"}, a_bucket_per_reading) == Times{1s, 1s, 5s});
}

TEST_CASE("The form of a crew counts for its members, not their own") {
    const Surroundings surroundings{.form = Form::collectd};
    const auto parsed = parse_command_line({"--format", "put"}, {.name = "c"}, surroundings);
    CHECK(std::get<Settings>(parsed).form == Form::collectd);
    CHECK(std::get<Settings>(parsed).timespan == 1s);
}

TEST_CASE("A format that does not exist is answered with the nearest one") {
    CHECK(complaint_about({"--format", "colectd"}) == "c: --format: 'colectd' is no format; perhaps collectd is meant; "
                                                      "there are auto, put, tcollector, influx and collectd\n");
    CHECK(complaint_about({"--format", "json"}) ==
          "c: --format: 'json' is no format; there are auto, put, tcollector, influx and collectd\n");
}

TEST_CASE("A timespan that would need too many buckets is refused") {
    CHECK(complaint_about({"--timespan", "86400", "--granularity", "1ms"}).starts_with("c: --timespan: '86400' "));
    CHECK(complaint_about({"--timespan", "86400"}).empty());
}

TEST_CASE("A collector's own flag is read like the others") {
    std::string file = "/var/log/auth.log";
    const Defaults defaults{.name = "c",
                            .flags = {{.name = "--file", .help = "Follow this file", .kind = "FILE", .target = &file}}};
    settings_of({}, defaults);
    CHECK(file == "/var/log/auth.log");
    settings_of({"--file", "/x y"}, defaults);
    CHECK(file == "/x y");
    const auto help = parse_command_line({"--help"}, defaults);
    CHECK(std::get<Exit>(help).out.find("--file FILE") != std::string::npos);
}

TEST_CASE("The message names an unknown flag, and a flag without its value") {
    CHECK(complaint_about({"--bogus=1"}).starts_with("c: '--bogus' is no flag"));
    CHECK(complaint_about({"--interval", "5", "extra"}).starts_with("c: 'extra' is no flag"));
    CHECK(complaint_about({"--inter", "5"}).starts_with("c: '--inter' is no flag"));
    CHECK(complaint_about({"--intreval", "5"}) ==
          "c: '--intreval' is no flag of this collector; perhaps --interval is meant; --help lists all flags\n");
    CHECK(complaint_about({"--interval"}) == "c: --interval: its DURATION is missing\n");
    CHECK(complaint_about({"--interval", "--once"}) == "c: --interval: its DURATION is missing\n");
    CHECK(complaint_about({"--once", "false"}).starts_with("c: 'false' is no flag"));
    CHECK(complaint_about({"--interval="}).starts_with("c: --interval: '' is no duration"));
}

TEST_CASE("The value of a flag may begin with a hyphen and hold an equals sign") {
    std::string pattern;
    const Defaults defaults{.name = "c",
                            .flags = {{.name = "--pattern", .help = "", .kind = "REGEX", .target = &pattern}}};
    settings_of({"--pattern", "-a=b"}, defaults);
    CHECK(pattern == "-a=b");
    settings_of({"--pattern=--a=b"}, defaults);
    CHECK(pattern == "--a=b");
}
