// SPDX-License-Identifier: MIT
/// \file
/// Numbers, times and lengths of time as `tickertape burst` prints them for people.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>

#include <tickertape/time.hpp>

namespace tickertape::cli::page {

/// Returns integers in full, other numbers with four significant digits, or with all digits before the point if these are more.
/// Returns `n/a` for nan and infinity, as the functions below do.
[[nodiscard]] std::string short_text(double number);
template <std::integral Integer>
[[nodiscard]] std::string short_text(Integer number) {
    return std::to_string(number);
}
/// Returns `n/a` without a value.
template <class T>
[[nodiscard]] std::string short_text(const std::optional<T>& number) {
    return number ? short_text(*number) : "n/a";
}
/// Returns three significant digits.
[[nodiscard]] std::string rough_text(double number);
/// Returns at most eight characters: `123456`, `1.23e+08`.
[[nodiscard]] std::string narrow_text(double number);
/// Returns `8.3 %` for 0.083; `n/a` without a value.
[[nodiscard]] std::string percent_text(std::optional<double> share);
/// Returns `20 ms`, `1.28 s`, `5 min` or `2 h`, with three significant digits.
[[nodiscard]] std::string length_text(std::chrono::nanoseconds length);
/// Returns `10:04:55`, with `.123` if `with_ms`; in UTC.
[[nodiscard]] std::string clock_text(WallTime time, bool with_ms);
/// Returns `2026-11-21`, in UTC.
[[nodiscard]] std::string date_text(WallTime time);
/// Returns milliseconds since 1970, as in put lines.
[[nodiscard]] std::int64_t ms_of(WallTime time);

} // namespace tickertape::cli::page
