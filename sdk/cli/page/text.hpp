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

/// Integers in full, other numbers with four significant digits, or with those before the point. Like the texts below `n/a`
/// for nan and infinity.
[[nodiscard]] std::string short_text(double number);
template <std::integral Integer>
[[nodiscard]] std::string short_text(Integer number) {
    return std::to_string(number);
}
/// `n/a` for nothing.
template <class T>
[[nodiscard]] std::string short_text(const std::optional<T>& number) {
    return number ? short_text(*number) : "n/a";
}
/// Three significant digits.
[[nodiscard]] std::string rough_text(double number);
/// At most eight characters: `123456`, `1.23e+08`.
[[nodiscard]] std::string narrow_text(double number);
/// `8.3 %` for 0.083; `n/a` for nothing.
[[nodiscard]] std::string percent_text(std::optional<double> share);
/// `20 ms`, `1.28 s`, `5 min`, `2 h`: three significant digits.
[[nodiscard]] std::string length_text(std::chrono::nanoseconds length);
/// `10:04:55`, with `.123` if `with_ms`; in UTC.
[[nodiscard]] std::string clock_text(WallTime time, bool with_ms);
/// `2026-11-21`, in UTC.
[[nodiscard]] std::string date_text(WallTime time);
/// Milliseconds since 1970, as in lines.
[[nodiscard]] std::int64_t ms_of(WallTime time);

} // namespace tickertape::cli::page
