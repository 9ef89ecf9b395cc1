// SPDX-License-Identifier: MIT
#include "spool/crc32c.hpp"

#include <array>
#include <cstddef>
#include <cstring>

namespace tickertape::spool {

namespace {

constexpr std::uint32_t polynomial = 0x82f63b78; // reflected
constexpr std::size_t slices = 8;
using Table = std::array<std::array<std::uint32_t, 256>, slices>;

constexpr Table make_table() {
    Table table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t crc = i;
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? polynomial : 0);
        }
        table[0][i] = crc;
    }
    for (std::size_t slice = 1; slice < slices; ++slice) {
        for (std::size_t i = 0; i < 256; ++i) {
            const std::uint32_t last = table[slice - 1][i];
            table[slice][i] = (last >> 8) ^ table[0][last & 0xff];
        }
    }
    return table;
}

constexpr Table table = make_table();

#if defined(__x86_64__) && defined(__GNUC__)
__attribute__((target("sse4.2"))) std::uint32_t crc32c_by_instruction(std::string_view bytes,
                                                                      std::uint32_t before) noexcept {
    std::uint64_t crc = ~before;
    const char* at = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= sizeof(std::uint64_t); left -= sizeof(std::uint64_t), at += sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, at, sizeof word);
        crc = __builtin_ia32_crc32di(crc, word);
    }
    auto last = static_cast<std::uint32_t>(crc);
    for (; left > 0; --left, ++at) {
        last = __builtin_ia32_crc32qi(last, static_cast<unsigned char>(*at));
    }
    return ~last;
}
#endif

} // namespace

std::uint32_t crc32c_by_table(std::string_view bytes, std::uint32_t before) noexcept {
    std::uint32_t crc = ~before;
    const auto byte = [&bytes](std::size_t i) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i]));
    };
    std::size_t i = 0;
    for (; i + slices <= bytes.size(); i += slices) {
        crc ^= byte(i) | byte(i + 1) << 8 | byte(i + 2) << 16 | byte(i + 3) << 24;
        crc = table[7][crc & 0xff] ^ table[6][crc >> 8 & 0xff] ^ table[5][crc >> 16 & 0xff] ^ table[4][crc >> 24] ^
              table[3][byte(i + 4)] ^ table[2][byte(i + 5)] ^ table[1][byte(i + 6)] ^ table[0][byte(i + 7)];
    }
    for (; i < bytes.size(); ++i) {
        crc = (crc >> 8) ^ table[0][(crc ^ byte(i)) & 0xff];
    }
    return ~crc;
}

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) noexcept {
#if defined(__x86_64__) && defined(__GNUC__)
    static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
    if (has_instruction) {
        return crc32c_by_instruction(bytes, before);
    }
#endif
    return crc32c_by_table(bytes, before);
}

} // namespace tickertape::spool
