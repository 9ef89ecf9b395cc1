// SPDX-License-Identifier: MIT
/// \file
/// The rules of a server for points, and OpenTSDB's replies to refused points.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickertape::testkit {

using PutTags = std::vector<std::pair<std::string, std::string>>;

/// The rules of OpenTSDB, in the order in which it checks them.
///
/// Thread safety: none.
class PutRules {
public:
    /// Parses the line of a put. Returns the error, without `put: ` and newline; nothing if the line is accepted.
    std::string check(std::string_view line);
    /// The same for a point that came in parts. Letters that are no ASCII pass here.
    std::string check(std::string_view metric, std::string_view timestamp, std::string_view value, const PutTags& tags);

    /// The line that was taken last with the time at which it is stored, made in `buffer` if that is another one: milliseconds
    /// wrap in 2106.
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

/// The metric of a put line, empty if it has none.
[[nodiscard]] std::string_view metric_of(std::string_view line);

/// Whether VictoriaMetrics stores a row of this line, which it does not tell.
[[nodiscard]] bool victoria_metrics_stores(std::string_view line);
/// Whether InfluxDB does.
[[nodiscard]] bool influxdb_stores(std::string_view line);

} // namespace tickertape::testkit
