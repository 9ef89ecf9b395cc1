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

/// The receiver of the lines: tcollector, with an OpenTSDB behind it, or a server by its telnet port.
enum class Target : std::uint8_t { tcollector, opentsdb, victoriametrics, influxdb };

[[nodiscard]] std::string_view name_of(Target target) noexcept;
[[nodiscard]] std::optional<Target> target_named(std::string_view name) noexcept;

/// The fate of a point; worse ones are greater.
enum class Harm : std::uint8_t {
    note,    ///< stored with a trifling difference
    altered, ///< stored, but not as written: changed, misdated, merged with another, or late
    dropped, ///< not stored
    fatal,   ///< the target ends, or other lines are lost too
};

/// `note`, `altered`, `dropped`, `fatal`.
[[nodiscard]] std::string_view name_of(Harm harm) noexcept;

struct Rule {
    Fault fault{};
    Harm harm{};
    std::string_view effect{}; ///< a sentence's beginning; `{}` stands for the word at fault, `{n}` for a number
    std::string_view remedy{}; ///< its end
    std::string_view source{}; ///< how it is known
};

/// All rules of a target. Of two that concern the same word the former goes first.
[[nodiscard]] std::span<const Rule> rules_of(Target target) noexcept;

/// `EFFECT; REMEDY` with `token` where the effect names it, quoted if it is a word.
[[nodiscard]] std::string sentence(const Rule& rule, std::string_view token);

} // namespace tickertape::cli::lint
