// SPDX-License-Identifier: MIT
#include "cli/lint/rule.hpp"

#include <array>

#include "base/quote.hpp"
#include "cli/lint/tables.hpp"

namespace tickertape::cli::lint {

namespace {

constexpr std::array<std::string_view, 4> target_names{"tcollector", "opentsdb", "victoriametrics", "influxdb"};
constexpr std::array<std::string_view, 4> harm_names{"note", "altered", "dropped", "fatal"};

} // namespace

std::string_view name_of(Target target) noexcept { return target_names[static_cast<std::size_t>(target)]; }

std::optional<Target> target_named(std::string_view name) noexcept {
    for (std::size_t i = 0; i < target_names.size(); ++i) {
        if (target_names[i] == name) {
            return static_cast<Target>(i);
        }
    }
    return std::nullopt;
}

std::string_view name_of(Harm harm) noexcept { return harm_names[static_cast<std::size_t>(harm)]; }

std::span<const Rule> rules_of(Target target) noexcept {
    switch (target) {
    case Target::tcollector: return tcollector_rules();
    case Target::opentsdb: return opentsdb_rules();
    case Target::victoriametrics: return victoriametrics_rules();
    case Target::influxdb: return influxdb_rules();
    }
    return {};
}

std::string sentence(const Rule& rule, std::string_view token) {
    std::string text{rule.effect};
    constexpr std::string_view word = "{}";
    constexpr std::string_view number = "{n}";
    if (const std::size_t place = text.find(word); place != std::string::npos) {
        text.replace(place, word.size(), base::quote(token));
    } else if (const std::size_t number_place = text.find(number); number_place != std::string::npos) {
        text.replace(number_place, number.size(), token);
    }
    return text.append("; ").append(rule.remedy);
}

} // namespace tickertape::cli::lint
