// SPDX-License-Identifier: MIT
/// \file
/// The bins of a Sketch: the bin of a value, and the values of a bin. Not for users. sdk/DESIGN.md, "A distribution's bins", has the
/// reasons.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace tickertape::counter {

__extension__ using Int128 = __int128;

/// A bin is part of an octave, [2^k, 2^(k+1)) units of the resolution; k is from 0 to 59, for each sign.
inline constexpr unsigned octaves = 60;
inline constexpr unsigned bins_of_octave = 36;
inline constexpr int last_bin = static_cast<int>(octaves * bins_of_octave);
/// The largest relative error of a bin's value.
inline constexpr double bin_error = 0.01;
/// The upper end of the octaves, in units.
inline constexpr double most_units = 0x1p60;

/// The division of an octave into the fewest bins that keep the error, with edges at multiples of 1/512.
struct OctaveDivision {
    static constexpr unsigned steps = 512;

    std::array<std::uint8_t, steps> bin{};                ///< by the first nine bits of the mantissa
    std::array<std::uint16_t, bins_of_octave + 1> edge{}; ///< in steps
    unsigned bins = 0;

    consteval OctaveDivision() {
        unsigned low = 0;
        while (low < steps) {
            unsigned high = low + 1;
            // (b - a) / (b + a) is the error of 2ab / (a + b), for a and for b.
            while (high < steps && static_cast<double>(high + 1 - low) / (2 * steps + low + high + 1) <= bin_error) {
                ++high;
            }
            for (unsigned step = low; step < high; ++step) {
                bin[step] = static_cast<std::uint8_t>(bins);
            }
            ++bins;
            edge[bins] = static_cast<std::uint16_t>(high);
            low = high;
        }
    }
};
inline constexpr OctaveDivision octave_division;
static_assert(octave_division.bins == bins_of_octave);

/// The place of a positive number of units.
struct BinPlace {
    std::uint64_t
        octave; ///< at least `octaves` if it is outside of them: not positive, too small, too large, or not a number
    std::uint64_t bin; ///< within the octave
};

inline BinPlace place_of(double units) noexcept {
    constexpr unsigned mantissa_bits = 52;
    constexpr std::uint64_t exponent_of_one = 1023;
    const auto bits = std::bit_cast<std::uint64_t>(units);
    return {.octave = (bits >> mantissa_bits) - exponent_of_one,
            .bin = octave_division.bin[(bits >> (mantissa_bits - 9U)) & (OctaveDivision::steps - 1)]};
}

/// The number of a bin, in order of values: bin 0 is for the value 0, `-last_bin` and `last_bin` are the outermost bins.
[[nodiscard]] constexpr int bin_number(bool negative, unsigned octave, unsigned bin) noexcept {
    const int number = static_cast<int>(octave * bins_of_octave + bin) + 1;
    return negative ? -number : number;
}

/// The number of the bin of a finite number of units. A number outside of all bins goes to the nearest bin of its sign.
[[nodiscard]] int bin_number(double units) noexcept;
[[nodiscard]] constexpr bool is_clamped(double units) noexcept {
    const double size = units < 0 ? -units : units;
    const bool has_bin = size >= 1 && size < most_units; // false for NaN
    return size != 0 && !has_bin;
}

/// The value that represents all values of a bin, in units.
[[nodiscard]] double value_of_bin(int number) noexcept;

/// The nearest whole number, for less than 2^62.
inline std::int64_t whole(double units) noexcept {
#if defined(__SSE2__)
    return _mm_cvtsd_si64(_mm_set_sd(units)); // std::llrint is a call, for errno
#else
    return std::llrint(units);
#endif
}
/// The same for any finite number. A number outside of all bins counts as the nearest end of the bins.
[[nodiscard]] std::int64_t whole_clamped(double units) noexcept;

/// Converts values to units and back.
class Scale {
public:
    Scale() noexcept = default;
    /// Throws UsageError unless the resolution is a positive number.
    explicit Scale(double resolution);

    [[nodiscard]] double resolution() const noexcept { return resolution_; }
    /// The number of units in 1.
    [[nodiscard]] double factor() const noexcept { return factor_; }
    [[nodiscard]] double units(double value) const noexcept { return value * factor_; }
    [[nodiscard]] double value(double units) const noexcept {
        return factor_ >= 1 ? units / factor_ : units * resolution_; // the one of the two that is a whole number
    }
    friend bool operator==(const Scale&, const Scale&) = default;

private:
    double resolution_ = 1e-9;
    double factor_ = 1e9;
};

} // namespace tickertape::counter
