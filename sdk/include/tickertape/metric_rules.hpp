// SPDX-License-Identifier: MIT
/// \file
/// MetricRule: what a counter of the kernel is called when it is reported.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <tickertape/tags.hpp>

namespace tickertape {

/// One counter of the kernel, and its metric with tags.
struct MetricRule {
    std::string_view protocol; ///< the kernel's: `TcpExt`
    std::string_view name;     ///< the kernel's: `ListenDrops`
    std::string_view without;  ///< a counter that is taken off, as it is counted in `name`, too; or nothing
    std::string metric;
    Tags tags;
};

/// Reads rows `PROTOCOL METRIC TAG NAME=VALUE…`: NAME is the kernel's and VALUE the tag's. Of A-B, B is what is counted in A, too.
/// TAG may have another tag before it (`direction=in,reason`), or be `-`. Each METRIC gets `stem` in front. The rules point into
/// `rows`.
[[nodiscard]] std::vector<MetricRule> metric_rules(std::string_view rows, std::string_view stem);

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

} // namespace tickertape
