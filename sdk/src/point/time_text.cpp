// SPDX-License-Identifier: MIT
#include "point/time_text.hpp"

#include <charconv>
#include <cstdint>

namespace tickertape::point {

char* write_seconds(std::chrono::nanoseconds time, bool with_decimals, char* out) noexcept {
    constexpr std::size_t most_digits = 20;
    constexpr std::uint64_t second = 1'000'000'000;
    // The magnitude is unsigned, because the smallest time has no positive counterpart.
    auto nanoseconds = static_cast<std::uint64_t>(time.count());
    if (time.count() < 0) {
        *out++ = '-';
        nanoseconds = 0 - nanoseconds;
    }
    out = std::to_chars(out, out + most_digits, nanoseconds / second).ptr;
    std::uint64_t rest = nanoseconds % second;
    if (rest == 0 && !with_decimals) {
        return out;
    }
    *out++ = '.';
    std::uint64_t unit = second / 10;
    do {
        for (int i = 0; i < 3; ++i, unit /= 10) {
            *out++ = static_cast<char>('0' + rest / unit);
            rest %= unit;
        }
    } while (rest != 0);
    return out;
}

} // namespace tickertape::point
