// SPDX-License-Identifier: MIT
/// \file
/// The format of the files of a spool, byte by byte. All numbers are little-endian.
///
///     segment  = preamble, header, record…
///     preamble = "TTSPOOL\n", version u32, CRC-32C of these u32                  16 bytes, the same in all versions
///     header   = spool u64, serial u64, first u64, prior_end u64, created i64, CRC-32C of these u32, 0 u32
///     record   = "TTR1", payload's size u32, first u64, points u32, payload's CRC-32C u32, CRC-32C of these u32, payload
///
/// A record stands for itself: it carries the numbers of its points, so that any other record may be missing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <tickertape/time.hpp>

#include "spool/ranges.hpp"

namespace tickertape::spool {

inline constexpr std::uint32_t format_version = 1;
inline constexpr std::size_t segment_header_size = 64;
inline constexpr std::size_t record_header_size = 28;
inline constexpr std::size_t max_payload = std::size_t{1024} * 1024;
inline constexpr std::uint32_t max_record_points = 65'536;

void put_u32(char* out, std::uint32_t number) noexcept;
void put_u64(char* out, std::uint64_t number) noexcept;
[[nodiscard]] std::uint32_t get_u32(const char* in) noexcept;
[[nodiscard]] std::uint64_t get_u64(const char* in) noexcept;

struct SegmentHeader {
    std::uint64_t spool = 0;     ///< a random number that all segments of a spool share
    std::uint64_t serial = 0;    ///< of the segment; its file has this name
    std::uint64_t first = 0;     ///< the number of its first point
    std::uint64_t prior_end = 0; ///< the end of the segment before this one; shows how much is missing there
    WallTime created{};

    friend bool operator==(const SegmentHeader&, const SegmentHeader&) noexcept = default;
};

[[nodiscard]] std::string to_bytes(const SegmentHeader& header);

/// The header of a file.
enum class HeaderKind : std::uint8_t { good, damaged, newer_version };

/// Reads `bytes`, the beginning of a file. Fills `header` if it is good.
[[nodiscard]] HeaderKind read_segment_header(std::string_view bytes, SegmentHeader& header) noexcept;

struct RecordHeader {
    std::uint64_t first = 0;
    std::uint32_t points = 0;
    std::uint32_t size = 0; ///< of the payload
    std::uint32_t payload_crc = 0;

    [[nodiscard]] Range range() const noexcept { return {.from = first, .to = first + points}; }
};

/// Fills in the first `record_header_size` bytes of `record`, whose payload stands behind them.
void seal_record(std::span<char> record, std::uint64_t first, std::uint32_t points) noexcept;

/// The record that begins at the front of `bytes`, if a sound header does.
[[nodiscard]] std::optional<RecordHeader> read_record_header(std::string_view bytes) noexcept;

/// The place at or behind `from` where a record may begin; the size of `bytes` if there is none.
[[nodiscard]] std::size_t find_record(std::string_view bytes, std::size_t from) noexcept;

/// Which points need not be sent any more, as it stands in the file `settled`.
struct SettledFile {
    std::uint64_t spool = 0;
    std::uint64_t next = 0; ///< no number below was still to be given when this was written
    Ranges settled{};
};

/// At most `most` ranges go in; of those behind them it is forgotten that they are settled.
[[nodiscard]] std::string to_bytes(const SettledFile& file, std::size_t most);
[[nodiscard]] std::optional<SettledFile> read_settled_file(std::string_view bytes);

/// How many points caps have dropped, as it stands in the file `dropped`.
struct DroppedFile {
    std::uint64_t spool = 0;
    std::uint64_t serial = 0; ///< of the last segment that was dropped; those of its points are counted
    std::uint64_t points = 0; ///< in all
};
inline constexpr std::size_t dropped_file_size = 44;

[[nodiscard]] std::string to_bytes(const DroppedFile& file);
[[nodiscard]] std::optional<DroppedFile> read_dropped_file(std::string_view bytes);

} // namespace tickertape::spool
