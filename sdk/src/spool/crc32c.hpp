// SPDX-License-Identifier: MIT
/// \file
/// CRC-32C (Castagnoli), which guards the content of spool files.
#pragma once

#include <cstdint>
#include <string_view>

namespace tickertape::spool {

/// The checksum of `bytes`; `before` is that of the bytes in front of them. Uses the processor's instruction where there is
/// one. Does not allocate.
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0) noexcept;

/// The same without that instruction, for tests.
[[nodiscard]] std::uint32_t crc32c_by_table(std::string_view bytes, std::uint32_t before = 0) noexcept;

} // namespace tickertape::spool
