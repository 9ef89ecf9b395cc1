// SPDX-License-Identifier: MIT
/// \file
/// Rules: drop, rename and retag metrics.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tickertape/tags.hpp>

namespace tickertape::cli::agent {

/// An action on the metrics that a glob matches.
struct Rule {
    enum class Kind : std::uint8_t { drop, rename, retag };
    Kind kind = Kind::drop;
    std::string glob{};
    std::string to{};    ///< rename: the new name; its first `*` gets the text of the glob's first `*`, and so on
    std::string key{};   ///< retag
    std::string value{}; ///< retag; empty: the tag is removed
};

/// Returns a rule as it is given: `rename m.*=n.*`.
[[nodiscard]] std::string to_string(const Rule& rule);

/// Applies rules in order. A renamed metric is matched by the later rules under its new name.
///
/// Thread safety: immutable.
class Rules {
public:
    Rules() = default;
    explicit Rules(std::vector<Rule> rules) : rules_{std::move(rules)} {}

    /// Returns false if the series is to be dropped.
    [[nodiscard]] bool apply(std::string& metric, Tags& tags) const;
    [[nodiscard]] const std::vector<Rule>& all() const noexcept { return rules_; }

private:
    std::vector<Rule> rules_;
};

/// Parses `GLOB`, as in `--drop 'proc.interrupts.*'`. These three throw UsageError that names the text.
[[nodiscard]] Rule drop_rule(std::string_view text);
/// Parses `GLOB=NAME`, as in `--rename 'proc.net.*=host.net.*'`.
[[nodiscard]] Rule rename_rule(std::string_view text);
/// Parses `GLOB:KEY=VALUE`, as in `--retag 'proc.*:tier=web'`; without a value the rule removes the tag.
[[nodiscard]] Rule retag_rule(std::string_view text);

} // namespace tickertape::cli::agent
