// SPDX-License-Identifier: MIT
/// \file
/// The metric of a line, and the rules of servers that do not reply to refused lines. Those of OpenTSDB: push/put_rules.hpp.
#pragma once

#include <string_view>

namespace tickertape::testkit {

/// Returns the metric of a put line; empty if it has none.
[[nodiscard]] std::string_view metric_of(std::string_view line);

/// Returns whether VictoriaMetrics stores a row of this line. It does not report that.
[[nodiscard]] bool victoria_metrics_stores(std::string_view line);
/// The same for InfluxDB.
[[nodiscard]] bool influxdb_stores(std::string_view line);

} // namespace tickertape::testkit
