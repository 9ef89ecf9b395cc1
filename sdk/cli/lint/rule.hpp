// SPDX-License-Identifier: MIT
/// \file
/// Rule: the effect of a fault on a target, and the remedy.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cli/lint/fault.hpp"

namespace tickertape::cli::lint {

/// The receiver of the lines: tcollector with an OpenTSDB behind it, or the telnet port of a server.
enum class Target : std::uint8_t { tcollector, opentsdb, victoriametrics, influxdb };

[[nodiscard]] std::string_view name_of(Target target) noexcept;
[[nodiscard]] std::optional<Target> target_named(std::string_view name) noexcept;

/// The effect on a point; a worse one is greater.
enum class Harm : std::uint8_t {
    note,    ///< stored with a small difference
    altered, ///< stored, but changed, misdated, merged with another point, or late
    dropped, ///< not stored
    fatal,   ///< the target ends, or other lines are lost, too
};

/// Returns `note`, `altered`, `dropped` or `fatal`.
[[nodiscard]] std::string_view name_of(Harm harm) noexcept;

struct Rule {
    Fault fault{};
    Harm harm{};
    std::string_view
        effect{}; ///< the beginning of a sentence; `{}` stands for the word with the fault, `{n}` for a number
    std::string_view remedy{}; ///< the end of that sentence
    std::string_view source{}; ///< the evidence for the rule
};

/// Returns all rules of a target. If two rules apply to the same word, the first one is used.
[[nodiscard]] std::span<const Rule> rules_of(Target target) noexcept;

/// Returns `EFFECT; REMEDY`, with `token` in place of `{}`. A word is quoted.
[[nodiscard]] std::string sentence(const Rule& rule, std::string_view token);

} // namespace tickertape::cli::lint
