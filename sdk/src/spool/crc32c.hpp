// SPDX-License-Identifier: MIT
/// \file
/// CRC-32C (Castagnoli), which guards the content of spool files.
#pragma once

#include <cstdint>
#include <string_view>

namespace tickertape::spool {

/// Returns the checksum of `bytes`; `before` is the checksum of the bytes before them. Uses the processor's instruction if there
/// is one. Does not allocate.
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0) noexcept;

/// The same without that instruction, for tests.
[[nodiscard]] std::uint32_t crc32c_by_table(std::string_view bytes, std::uint32_t before = 0) noexcept;

} // namespace tickertape::spool
