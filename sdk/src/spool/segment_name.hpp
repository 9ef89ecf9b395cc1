// SPDX-License-Identifier: MIT
/// \file
/// The names of a spool's files.
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/whole_number.hpp"

namespace tickertape::spool {

inline constexpr std::string_view settled_name{"settled"};
inline constexpr std::string_view dropped_name{"dropped"};
inline constexpr std::string_view segment_suffix{".seg"};

/// Returns a name such as `000000000000002a.seg`. Names sort in the order of the segments.
[[nodiscard]] inline std::string segment_name(std::uint64_t serial) {
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), serial, 16).ptr;
    std::string name(static_cast<std::size_t>(digits.data() + digits.size() - end), '0');
    return name.append(digits.data(), end).append(segment_suffix);
}

[[nodiscard]] inline std::optional<std::uint64_t> serial_of(std::string_view name) noexcept {
    constexpr std::size_t digits = 16;
    if (name.size() != digits + segment_suffix.size() || !name.ends_with(segment_suffix)) {
        return std::nullopt;
    }
    return base::whole_number<std::uint64_t>(name.substr(0, digits), 16);
}

} // namespace tickertape::spool
