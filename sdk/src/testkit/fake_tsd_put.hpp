// SPDX-License-Identifier: MIT
/// \file
/// The rules of servers for points, and OpenTSDB's replies to refused points.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickertape::testkit {

using PutTags = std::vector<std::pair<std::string, std::string>>;

/// OpenTSDB's rules, in the order in which it checks them.
///
/// Thread safety: none.
class PutRules {
public:
    /// Checks the line of a put. Returns the error, without `put: ` and newline; empty if the line is accepted.
    std::string check(std::string_view line);
    /// Checks a point that came in parts. Letters beyond ASCII are accepted here.
    std::string check(std::string_view metric, std::string_view timestamp, std::string_view value, const PutTags& tags);

    /// Returns the last accepted line with the time at which it is stored. Milliseconds wrap in 2106; the changed line is in
    /// `buffer`.
    [[nodiscard]] std::string_view as_stored(std::string_view line, std::string& buffer) const;

private:
    using Tag = std::pair<std::string_view, std::string_view>;

    std::string add_tag(std::string_view word);
    std::string check_head(std::string_view metric, std::string_view timestamp, std::string_view value);
    [[nodiscard]] std::string check_rest(std::string_view metric, std::string_view value) const;
    [[nodiscard]] std::string tags_text() const;

    std::vector<Tag> tags_;
    std::int64_t time_ = 0;
    bool ascii_ = true;
};

/// Returns the metric of a put line; empty if it has none.
[[nodiscard]] std::string_view metric_of(std::string_view line);

/// Returns whether VictoriaMetrics stores a row of this line. It does not report that.
[[nodiscard]] bool victoria_metrics_stores(std::string_view line);
/// The same for InfluxDB.
[[nodiscard]] bool influxdb_stores(std::string_view line);

} // namespace tickertape::testkit
