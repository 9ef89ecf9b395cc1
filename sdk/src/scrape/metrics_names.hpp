// SPDX-License-Identifier: MIT
/// \file
/// The names and labels of Prometheus for metrics and tags.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tickertape/tags.hpp>

namespace tickertape::scrape {

/// Returns the name of a metric or tag in the characters of Prometheus: `shop_requests` for `shop.requests`, `_5xx` for `5xx`.
[[nodiscard]] std::string metric_name(std::string_view metric);

/// Returns labels such as `site="a",zone="b"`; nothing if two keys become equal. `without_le` leaves out the tag `le`. Values need
/// no escapes, because tags consist of letters, digits and `-_./`.
[[nodiscard]] std::optional<std::string> labels_of(const Tags& tags, bool without_le);

/// Returns the names with which lines of a family begin.
[[nodiscard]] std::vector<std::string> names_of(const std::string& family, bool is_distribution);

} // namespace tickertape::scrape
