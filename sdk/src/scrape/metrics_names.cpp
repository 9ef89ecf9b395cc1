// SPDX-License-Identifier: MIT
#include "scrape/metrics_names.hpp"

#include <algorithm>

namespace tickertape::scrape {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_legal(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_'; }

} // namespace

std::string metric_name(std::string_view metric) {
    std::string name{metric};
    std::replace_if(name.begin(), name.end(), [](char c) { return !is_legal(c); }, '_');
    return is_digit(metric.front()) ? name.insert(0, 1, '_') : name;
}

std::optional<std::string> labels_of(const Tags& tags, bool without_le) {
    std::string text;
    std::vector<std::string> keys;
    for (const auto& [key, value] : tags) {
        if (without_le && key == "le") {
            continue;
        }
        std::string name = metric_name(key);
        if (name.starts_with("__")) {
            name.insert(0, "tag"); // Prometheus reserves names with two underscores
        }
        if (std::find(keys.begin(), keys.end(), name) != keys.end()) {
            return std::nullopt;
        }
        text.append(text.empty() ? "" : ",").append(name).append("=\"").append(value).append("\"");
        keys.push_back(std::move(name));
    }
    return text;
}

std::vector<std::string> names_of(const std::string& family, bool is_distribution) {
    return is_distribution ? std::vector<std::string>{family, family + "_bucket", family + "_count", family + "_sum"}
                           : std::vector<std::string>{family};
}

} // namespace tickertape::scrape
