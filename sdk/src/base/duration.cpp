// SPDX-License-Identifier: MIT
#include "base/duration.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "base/whole_number.hpp"

namespace tickertape::base {

namespace {

using std::chrono::milliseconds;

/// Removes the unit at the end of `text`, and returns its length in time.
std::int64_t take_unit(std::string_view& text) noexcept {
    constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> units{
        {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
    for (const auto& [name, length] : units) {
        if (text.ends_with(name)) {
            text.remove_suffix(name.size());
            return length;
        }
    }
    return 1'000;
}

/// Returns the number if `text` is digits only.
std::optional<std::int64_t> digits_only(std::string_view text) noexcept {
    return text.starts_with('-') ? std::nullopt : whole_number<std::int64_t>(text);
}

} // namespace

std::optional<milliseconds> parse_duration(std::string_view text) noexcept {
    constexpr std::int64_t longest = std::int64_t{std::numeric_limits<std::int32_t>::max()} * 1'000;
    constexpr std::size_t most_decimals = 9; // so that decimals times the milliseconds of a day fit into 64 bits
    const std::int64_t unit = take_unit(text);
    const std::size_t point = text.find('.');
    const std::optional<std::int64_t> whole = digits_only(text.substr(0, point));
    if (!whole || *whole > longest / unit) {
        return std::nullopt;
    }
    std::int64_t time = *whole * unit;
    if (point != std::string_view::npos) {
        const std::string_view decimals = text.substr(point + 1);
        const std::optional<std::int64_t> part = digits_only(decimals);
        if (!part || decimals.size() > most_decimals) {
            return std::nullopt;
        }
        std::int64_t scale = 1;
        for (std::size_t i = 0; i < decimals.size(); ++i) {
            scale *= 10;
        }
        if (*part * unit % scale != 0) {
            return std::nullopt;
        }
        time += *part * unit / scale;
    }
    return time <= longest ? std::optional{milliseconds{time}} : std::nullopt;
}

} // namespace tickertape::base
