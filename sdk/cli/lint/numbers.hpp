// SPDX-License-Identifier: MIT
/// \file
/// The faults of stamps and values as texts.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "cli/lint/fault_set.hpp"
#include "cli/lint/rule.hpp"

namespace tickertape::cli::lint {

/// A stamp, read as its target reads it.
struct Stamp {
    FaultSet faults{};
    /// The number with which the target calculates: seconds or milliseconds, for OpenTSDB without any point.
    double number = 0;
    double seconds = 0;
    bool is_milliseconds = false;
};

/// `now` in seconds since 1970.
[[nodiscard]] Stamp read_stamp(std::string_view text, Target target, std::int64_t now) noexcept;

/// A value, as a double and as an integer if it is one of 64 bits without point and exponent.
struct Number {
    FaultSet faults{};
    double number = 0;
    std::int64_t integer = 0;
    bool is_integer = false;
};

[[nodiscard]] Number read_number(std::string_view text, Target target);

[[nodiscard]] bool has_tab(std::string_view text) noexcept;
/// Whether a put line has a tab that OpenTSDB objects to. It accepts tabs around a value with a point or an exponent, as Java's
/// parser skips them there.
[[nodiscard]] bool has_tab_for_opentsdb(std::string_view line) noexcept;

/// The least stamp that tcollector calls too far ahead, in seconds.
inline constexpr std::int64_t tcollector_last_second = 2209212000;

} // namespace tickertape::cli::lint
