// SPDX-License-Identifier: MIT
#include "cli/page/text.hpp"

#include <array>
#include <cmath>
#include <cstdio>

namespace tickertape::cli::page {

namespace {

constexpr std::string_view not_available = "n/a";

template <class... Numbers>
std::string formatted(const char* format, Numbers... numbers) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), format, numbers...);
    return text.data();
}

} // namespace

std::string short_text(double number) {
    if (!std::isfinite(number)) {
        return std::string{not_available};
    }
    const double size = std::abs(number);
    return formatted(size >= 1e4 && size < 1e9 ? "%.0f" : "%.4g", number);
}

std::string rough_text(double number) {
    if (!std::isfinite(number)) {
        return std::string{not_available};
    }
    const double size = std::abs(number);
    return formatted(size >= 1e3 && size < 1e6 ? "%.0f" : "%.3g", number);
}

std::string narrow_text(double number) {
    constexpr std::size_t most = 8;
    std::string text = short_text(number);
    return text.size() <= most ? text : formatted(number < 0 ? "%.1e" : "%.2e", number);
}

std::string percent_text(std::optional<double> share) {
    return share && std::isfinite(*share) ? formatted("%.3g %%", *share * 100) : std::string{not_available};
}

std::string length_text(std::chrono::nanoseconds length) {
    const double seconds = std::chrono::duration<double>(length).count();
    if (seconds < 1) {
        return formatted("%.3g ms", seconds * 1e3);
    }
    if (seconds < 120) {
        return formatted("%.3g s", seconds);
    }
    constexpr double minute = 60;
    constexpr double hour = 3600;
    return seconds < 120 * minute ? formatted("%.3g min", seconds / minute) : formatted("%.4g h", seconds / hour);
}

std::string clock_text(WallTime time, bool with_ms) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::milliseconds>(time - day)};
    std::string text = formatted("%02d:%02d:%02d", static_cast<int>(clock.hours().count()),
                                 static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
    return with_ms ? text.append(formatted(".%03d", static_cast<int>(clock.subseconds().count()))) : text;
}

std::string date_text(WallTime time) {
    const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(time)};
    return formatted("%04d-%02u-%02u", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

std::int64_t ms_of(WallTime time) {
    return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}

} // namespace tickertape::cli::page
