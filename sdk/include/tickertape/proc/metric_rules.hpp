// SPDX-License-Identifier: MIT
/// \file
/// MetricRule: the metric of a counter of the kernel.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tickertape/proc/tokens.hpp>
#include <tickertape/tags.hpp>

namespace tickertape::proc {

/// One counter of the kernel, and its metric with tags.
struct MetricRule {
    std::string_view protocol; ///< the kernel's: `TcpExt`
    std::string_view name;     ///< the kernel's: `ListenDrops`
    std::string_view without;  ///< a counter that is subtracted, because `name` includes it; may be empty
    std::string metric;
    Tags tags;
};

/// Reads rows `PROTOCOL METRIC TAG NAME=VALUE…`. NAME is the kernel's name, and VALUE the value of the tag. `A-B` subtracts B,
/// because A includes it. TAG may have another tag before it (`direction=in,reason`), or be `-`. `stem` is put in front of each
/// METRIC. The rules point into `rows`.
[[nodiscard]] inline std::vector<MetricRule> metric_rules(std::string_view rows, std::string_view stem) {
    // Splits at the first `mark`; the second part is empty if there is none.
    const auto split = [](std::string_view text, char mark) {
        const std::size_t at = std::min(text.find(mark), text.size());
        return std::pair{text.substr(0, at), text.substr(std::min(at + 1, text.size()))};
    };
    std::vector<MetricRule> rules;
    while (!rows.empty()) {
        Tokens row{next_line(rows), "table", 1};
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

/// Calls `report(rule, value)` for each rule whose counter is among `counters`, which have `protocol`, `name` and `value`.
template <class Counters, class Report>
void apply(const std::vector<MetricRule>& rules, const Counters& counters, const Report& report) {
    const auto find = [&](std::string_view protocol, std::string_view name) {
        return std::find_if(counters.begin(), counters.end(),
                            [&](const auto& entry) { return entry.name == name && entry.protocol == protocol; });
    };
    for (const MetricRule& rule : rules) {
        if (const auto found = find(rule.protocol, rule.name); found != counters.end()) {
            const auto part = rule.without.empty() ? counters.end() : find(rule.protocol, rule.without);
            report(rule, found->value - (part == counters.end() ? 0 : std::min(part->value, found->value)));
        }
    }
}

} // namespace tickertape::proc
