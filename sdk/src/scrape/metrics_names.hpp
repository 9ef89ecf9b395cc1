// SPDX-License-Identifier: MIT
/// \file
/// Names in Prometheus' characters.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tickertape/tags.hpp>

namespace tickertape::scrape {

/// `shop.requests` as `shop_requests`, `5xx` as `_5xx`.
[[nodiscard]] std::string metric_name(std::string_view metric);

/// `site="a",zone="b"`; without the tag `le` if asked. Nothing if two keys become the same. No value has a character that would have to
/// be escaped: tags consist of letters, digits and `-_./`.
[[nodiscard]] std::optional<std::string> labels_of(const Tags& tags, bool without_le);

/// The names that begin the lines of a family.
[[nodiscard]] std::vector<std::string> names_of(const std::string& family, bool is_distribution);

} // namespace tickertape::scrape
