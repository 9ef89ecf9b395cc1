// SPDX-License-Identifier: MIT
/// \file
/// name_mask: finds the bytes that no name may hold, 64 at a time.
#pragma once

#include <cstddef>
#include <cstdint>

#include <tickertape/name.hpp>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace tickertape::cli::lines {

/// The number of bytes that a mask covers.
inline constexpr std::size_t mask_bytes = 64;

/// Returns a mask whose bit `i` is set if no name may hold `bytes[i]`. Works on every processor.
[[nodiscard]] inline std::uint64_t portable_name_mask(const char* bytes) noexcept {
    std::uint64_t mask = 0;
    for (std::size_t i = 0; i < mask_bytes; ++i) {
        mask |= std::uint64_t{is_name_character(bytes[i]) ? 0U : 1U} << i;
    }
    return mask;
}

#if defined(__SSE2__)

/// Does the same as portable_name_mask, 16 bytes at a time.
[[nodiscard]] inline std::uint64_t name_mask(const char* bytes) noexcept {
    // Setting the bit 0x20 turns capital letters into small ones. The characters `-./0123456789` have consecutive codes. SSE2
    // cannot compare unsigned bytes, but min(byte, last) == byte is the same as byte <= last.
    const auto is_within = [](__m128i from_begin, char last) {
        return _mm_cmpeq_epi8(_mm_min_epu8(from_begin, _mm_set1_epi8(last)), from_begin);
    };
    std::uint64_t mask = 0;
    for (unsigned i = 0; i < mask_bytes; i += sizeof(__m128i)) {
        __m128i text;
        __builtin_memcpy(&text, bytes + i, sizeof text); // NOLINT(*-pointer-arithmetic)
        const __m128i lower = _mm_or_si128(text, _mm_set1_epi8(0x20));
        const __m128i letters = is_within(_mm_sub_epi8(lower, _mm_set1_epi8('a')), 'z' - 'a');
        const __m128i digits = is_within(_mm_sub_epi8(text, _mm_set1_epi8('-')), '9' - '-');
        const __m128i names = _mm_or_si128(_mm_or_si128(letters, digits), _mm_cmpeq_epi8(text, _mm_set1_epi8('_')));
        mask |= std::uint64_t{static_cast<std::uint16_t>(~_mm_movemask_epi8(names))} << i;
    }
    return mask;
}

#elif defined(__ARM_NEON) && defined(__aarch64__)

/// Does the same as portable_name_mask, 16 bytes at a time.
[[nodiscard]] inline std::uint64_t name_mask(const char* bytes) noexcept {
    constexpr std::size_t vectors = mask_bytes / sizeof(uint8x16_t);
    constexpr std::uint8_t bits_of_bytes[sizeof(uint8x16_t)] = {1, 2, 4, 8, 16, 32, 64, 128,
                                                                1, 2, 4, 8, 16, 32, 64, 128};
    const uint8x16_t bits = vld1q_u8(bits_of_bytes);
    uint8x16_t beyond[vectors];
    for (std::size_t i = 0; i < vectors; ++i) {
        uint8x16_t text;
        __builtin_memcpy(&text, bytes + i * sizeof text, sizeof text);
        const uint8x16_t lower = vorrq_u8(text, vdupq_n_u8(0x20));
        const uint8x16_t letters = vcleq_u8(vsubq_u8(lower, vdupq_n_u8('a')), vdupq_n_u8('z' - 'a'));
        const uint8x16_t digits = vcleq_u8(vsubq_u8(text, vdupq_n_u8('-')), vdupq_n_u8('9' - '-'));
        const uint8x16_t names = vorrq_u8(vorrq_u8(letters, digits), vceqq_u8(text, vdupq_n_u8('_')));
        beyond[i] = vbicq_u8(bits, names); // bytes that no name may hold keep the bit of their place
    }
    // Adds neighbouring bytes three times, which collects the bits of eight bytes in one byte.
    const uint8x16_t pairs = vpaddq_u8(vpaddq_u8(beyond[0], beyond[1]), vpaddq_u8(beyond[2], beyond[3]));
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(pairs, pairs)), 0);
}

#else

[[nodiscard]] inline std::uint64_t name_mask(const char* bytes) noexcept { return portable_name_mask(bytes); }

#endif

} // namespace tickertape::cli::lines
