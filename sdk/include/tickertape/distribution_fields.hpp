// SPDX-License-Identifier: MIT
/// \file
/// The fields and quantiles of a distribution that are written.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>

#include <tickertape/name.hpp>

namespace tickertape {

/// A figure of a distribution's bucket. Each becomes a series: `NAME.count`, `NAME.sum`, `NAME.min`, `NAME.max`, `NAME.mean`.
enum class Field : std::uint8_t { count, sum, min, max, mean };

/// A set of fields: `{Field::count, Field::max}`. They are written in the order of the enumeration.
class Fields {
public:
    constexpr Fields(std::initializer_list<Field> fields) noexcept { // NOLINT(*-explicit-*): it is a list
        for (const Field field : fields) {
            bits_ |= bit(field);
        }
    }
    [[nodiscard]] constexpr bool has(Field field) const noexcept { return (bits_ & bit(field)) != 0; }
    friend constexpr bool operator==(Fields, Fields) noexcept = default;

private:
    static constexpr unsigned bit(Field field) noexcept { return 1U << static_cast<unsigned>(field); }

    unsigned bits_ = 0;
};

/// Shares from 0 to 1, at most 8. Their quantiles are written: `{0.5, 0.99, 0.999}` as `NAME.p50`, `NAME.p99`, `NAME.p999`.
class Quantiles {
public:
    static constexpr std::size_t most = 8;

    /// Throws UsageError for a share outside of 0 to 1, and for too many. A repeated share counts once.
    constexpr Quantiles(std::initializer_list<double> shares) { // NOLINT(*-explicit-*): it is a list
        for (const double share : shares) {
            if (std::find(begin(), end(), share) != end()) {
                continue;
            }
            const bool is_share = share >= 0 && share <= 1; // false for NaN
            if (!is_share || size_ == most) {
                refuse(share);
            }
            shares_[size_++] = share;
        }
    }
    [[nodiscard]] constexpr const double* begin() const noexcept { return shares_.data(); }
    [[nodiscard]] constexpr const double* end() const noexcept { return shares_.data() + size_; }
    [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }
    friend constexpr bool operator==(const Quantiles&, const Quantiles&) noexcept = default;

    /// Returns a name such as `p99`: the shortest percentage, without its point. 0.5 is p50, 0.999 is p999, 0.05 is p05.
    [[nodiscard]] static std::string name(double share);

private:
    [[noreturn]] static void refuse(double share);

    std::array<double, most> shares_{};
    std::size_t size_ = 0;
};

} // namespace tickertape
