// SPDX-License-Identifier: MIT
/// \file
/// The faults in the texts of timestamps and values.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "cli/lint/fault_set.hpp"
#include "cli/lint/rule.hpp"

namespace tickertape::cli::lint {

/// A timestamp, as its target reads it.
struct Stamp {
    FaultSet faults{};
    /// The number that the target uses: seconds or milliseconds; for OpenTSDB all digits without the point.
    double number = 0;
    double seconds = 0;
    bool is_milliseconds = false;
};

/// `now` is in seconds since 1970.
[[nodiscard]] Stamp read_stamp(std::string_view text, Target target, std::int64_t now) noexcept;

/// A value: a double, and also an integer if the text is one of 64 bits without point and exponent.
struct Number {
    FaultSet faults{};
    double number = 0;
    std::int64_t integer = 0;
    bool is_integer = false;
};

[[nodiscard]] Number read_number(std::string_view text, Target target);

[[nodiscard]] bool has_tab(std::string_view text) noexcept;
/// Returns whether a put line has a tab that OpenTSDB refuses. It accepts tabs around a value with a point or an exponent,
/// because Java's parser skips them there.
[[nodiscard]] bool has_tab_for_opentsdb(std::string_view line) noexcept;

/// The first timestamp that tcollector refuses as too far ahead, in seconds.
inline constexpr std::int64_t tcollector_last_second = 2209212000;

} // namespace tickertape::cli::lint
