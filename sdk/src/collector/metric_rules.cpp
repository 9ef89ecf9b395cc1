// SPDX-License-Identifier: MIT
#include <tickertape/metric_rules.hpp>

#include <utility>

#include <tickertape/proc/tokens.hpp>

namespace tickertape {

namespace {

/// `text` at the first `mark`; the second part is empty if there is none.
std::pair<std::string_view, std::string_view> split(std::string_view text, char mark) {
    const std::size_t at = std::min(text.find(mark), text.size());
    return {text.substr(0, at), text.substr(std::min(at + 1, text.size()))};
}

} // namespace

std::vector<MetricRule> metric_rules(std::string_view rows, std::string_view stem) {
    std::vector<MetricRule> rules;
    while (!rows.empty()) {
        proc::Tokens row{proc::next_line(rows), "table", 1};
        const std::string_view protocol = row.next();
        const std::string metric = std::string{stem}.append(row.next());
        const auto [first, second] = split(row.next(), ',');
        while (!row.at_end()) {
            const auto [number, value] = split(row.next(), '=');
            const auto [name, without] = split(number, '-');
            MetricRule& rule = rules.emplace_back(MetricRule{protocol, name, without, metric, {}});
            if (!value.empty()) {
                rule.tags.set(second.empty() ? first : second, value);
            }
            if (!second.empty()) {
                rule.tags.set(split(first, '=').first, split(first, '=').second);
            }
        }
    }
    return rules;
}

} // namespace tickertape
