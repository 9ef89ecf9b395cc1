// SPDX-License-Identifier: MIT
#include "cli/terminal/bars.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace tickertape::cli::terminal {

namespace {

constexpr std::array<std::string_view, 8> blocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::string_view ramp = "_.:-=+*#%@";

} // namespace

double bar_height(double value, double low, double high) noexcept {
    const double length = high / 2 - low / 2; // half of each, because the difference of two doubles may overflow
    return length > 0 ? std::clamp((value / 2 - low / 2) / length, 0.0, 1.0) : 0.0;
}

std::size_t step_of(double part, std::size_t steps) noexcept {
    // NaN fails the comparison; std::clamp would return it.
    return steps > 0 && part > 0
               ? static_cast<std::size_t>(std::lround(std::min(part, 1.0) * static_cast<double>(steps - 1)))
               : 0;
}

std::string_view bar(double value, double low, double high, const Style& style) {
    const double part = bar_height(value, low, high);
    return style.utf8 ? blocks[step_of(part, blocks.size())] : ramp.substr(step_of(part, ramp.size()), 1);
}

std::string two_bars(double left, double right, double low, double high, const Style& style) {
    const double left_part = bar_height(left, low, high);
    const double right_part = bar_height(right, low, high);
    if (!style.utf8) {
        const bool is_well_above = step_of(right_part, ramp.size()) >= step_of(left_part, ramp.size()) + 2;
        return is_well_above ? "^" : std::string{bar(left, low, high, style)};
    }
    // The Braille pattern is U+2800 plus a bit for each dot; the dots fill up from the bottom.
    constexpr std::array<unsigned, 4> left_dots{0x40, 0x44, 0x46, 0x47};
    constexpr std::array<unsigned, 4> right_dots{0x80, 0xA0, 0xB0, 0xB8};
    const unsigned dots =
        left_dots[step_of(left_part, left_dots.size())] | right_dots[step_of(right_part, right_dots.size())];
    return {'\xE2', static_cast<char>(0xA0U | (dots >> 6U)), static_cast<char>(0x80U | (dots & 0x3FU))};
}

double bars_begin(double smallest, double high) noexcept {
    return smallest < 0 || smallest > high / 2 ? smallest : 0.0;
}

} // namespace tickertape::cli::terminal
