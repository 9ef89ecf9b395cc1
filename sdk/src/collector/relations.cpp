// SPDX-License-Identifier: MIT
#include "collector/relations.hpp"

#include <optional>
#include <string_view>

#include "base/concat.hpp"
#include "collector/setting_values.hpp"

namespace tickertape::collector {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds::rep most_buckets = 100'000; // of a counter in a timespan: some megabytes

milliseconds round_up(milliseconds time, milliseconds step) { return (time + step - milliseconds{1}) / step * step; }

} // namespace

std::string follow_collectd(Settings& settings, Given& given, const Surroundings& surroundings) {
    constexpr std::string_view variable = "COLLECTD_INTERVAL";
    if (!given.timespan) {
        settings.timespan = milliseconds{1}; // rounded up to a bucket
    }
    const auto interval =
        surroundings.environment ? surroundings.environment(std::string{variable}) : std::optional<std::string>{};
    if (!interval || given.interval || given.granularity) {
        return {};
    }
    try {
        settings.interval = duration_of(*interval, milliseconds{1});
    } catch (const UsageError& error) {
        throw UsageError{base::concat(variable, ": ", error.what())};
    }
    given.interval = true;
    return base::concat(config_line("interval", *interval), "    # ", variable, "\n");
}

void relate(Settings& settings, const Given& given, const Collector::Defaults& defaults) {
    if (!given.granularity && given.interval && defaults.granularity == defaults.interval) {
        settings.granularity = settings.interval; // a bucket per reading, as it is by default
    }
    if (!given.timespan) {
        settings.timespan = round_up(settings.timespan, settings.granularity);
    } else if (settings.timespan % settings.granularity != milliseconds{0}) {
        throw UsageError{"--timespan: '" + in_seconds(settings.timespan) + "' is no multiple of the granularity, " +
                         in_seconds(settings.granularity) + " s"};
    }
    if (settings.timespan / settings.granularity > most_buckets) {
        throw UsageError{(given.timespan ? "--timespan: '" + in_seconds(settings.timespan)
                                         : "--granularity: '" + in_seconds(settings.granularity)) +
                         "' makes more than " + std::to_string(most_buckets) + " buckets in a timespan"};
    }
}

} // namespace tickertape::collector
