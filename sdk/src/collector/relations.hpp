// SPDX-License-Identifier: MIT
/// \file
/// Settings that follow from others.
#pragma once

#include <string>

#include <tickertape/collector.hpp>

#include "collector/command_line.hpp"

namespace tickertape::collector {

/// Tells which times were set. The others are defaults.
struct Given {
    bool interval = false;
    bool timespan = false;
    bool granularity = false;
};

/// Adapts settings to collectd: the collector reads once per interval of collectd, unless its own settings differ, and writes each bucket
/// separately. (collectd drops a value if one of its threads has already written a later value of the series.) Returns collectd's
/// interval as a line of a config file, or nothing. Throws UsageError if it is not a duration.
[[nodiscard]] std::string follow_collectd(Settings& settings, Given& given, const Surroundings& surroundings);

/// Combines given values with defaults. Throws UsageError.
void relate(Settings& settings, const Given& given, const Collector::Defaults& defaults);

} // namespace tickertape::collector
