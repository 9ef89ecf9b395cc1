// SPDX-License-Identifier: MIT
/// \file
/// Settings that follow from others.
#pragma once

#include <string>

#include <tickertape/collector.hpp>

#include "collector/command_line.hpp"

namespace tickertape::collector {

/// The times that are set; the others are defaults.
struct Given {
    bool interval = false;
    bool timespan = false;
    bool granularity = false;
};

/// Under collectd a collector reads once per interval of collectd, unless its own settings say otherwise, and writes each bucket by
/// itself. (collectd drops a value if one of its threads has written a later value of the series before.) Returns collectd's
/// interval as a line of a config file, or nothing. Throws UsageError if it is no duration.
[[nodiscard]] std::string follow_collectd(Settings& settings, Given& given, const Surroundings& surroundings);

/// Combines given values with defaults. Throws UsageError.
void relate(Settings& settings, const Given& given, const Collector::Defaults& defaults);

} // namespace tickertape::collector
