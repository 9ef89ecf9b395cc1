// SPDX-License-Identifier: MIT
/// \file
/// The format of the files of a spool, byte by byte. All numbers are little-endian.
///
///     segment  = preamble, header, record…
///     preamble = "TTSPOOL\n", version u32, CRC-32C of these u32                  16 bytes, the same in all versions
///     header   = spool u64, serial u64, first u64, prior_end u64, created i64, CRC-32C of these u32, 0 u32
///     record   = "TTR1", payload's size u32, first u64, points u32, payload's CRC-32C u32, CRC-32C of these u32, payload
///
/// Records are independent: each has the numbers of its points, so any other record may be missing.
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
    std::uint64_t spool = 0;  ///< a random number that all segments of a spool share
    std::uint64_t serial = 0; ///< the number of the segment, and its file's name
    std::uint64_t first = 0;  ///< the number of its first point
    std::uint64_t prior_end =
        0; ///< the end of the segment before this one; shows how many numbers are missing between them
    WallTime created{};

    friend bool operator==(const SegmentHeader&, const SegmentHeader&) noexcept = default;
};

[[nodiscard]] std::string to_bytes(const SegmentHeader& header);

/// The state of a file's header.
enum class HeaderKind : std::uint8_t { good, damaged, newer_version };

/// Reads the beginning of a file. Fills `header` if the result is good.
[[nodiscard]] HeaderKind read_segment_header(std::string_view bytes, SegmentHeader& header) noexcept;

struct RecordHeader {
    std::uint64_t first = 0;
    std::uint32_t points = 0;
    std::uint32_t size = 0; ///< the size of the payload
    std::uint32_t payload_crc = 0;

    [[nodiscard]] Range range() const noexcept { return {.from = first, .to = first + points}; }
};

/// Fills in the first `record_header_size` bytes of `record`; the payload follows them.
void seal_record(std::span<char> record, std::uint64_t first, std::uint32_t points) noexcept;

/// Returns the record at the start of `bytes`; nothing without a sound header.
[[nodiscard]] std::optional<RecordHeader> read_record_header(std::string_view bytes) noexcept;

/// Returns the first place at or after `from` where a record may begin; the size of `bytes` if there is none.
[[nodiscard]] std::size_t find_record(std::string_view bytes, std::size_t from) noexcept;

/// The content of the file `settled`: the points that need not be sent any more.
struct SettledFile {
    std::uint64_t spool = 0;
    std::uint64_t next = 0; ///< all lower numbers had been used when this was written
    Ranges settled{};
};

/// Writes at most `most` ranges. Points of further ranges are sent again.
[[nodiscard]] std::string to_bytes(const SettledFile& file, std::size_t most);
[[nodiscard]] std::optional<SettledFile> read_settled_file(std::string_view bytes);

/// The content of the file `dropped`: the number of points that limits have dropped.
struct DroppedFile {
    std::uint64_t spool = 0;
    std::uint64_t serial = 0; ///< of the last dropped segment; its points are counted
    std::uint64_t points = 0; ///< the total
};
inline constexpr std::size_t dropped_file_size = 44;

[[nodiscard]] std::string to_bytes(const DroppedFile& file);
[[nodiscard]] std::optional<DroppedFile> read_dropped_file(std::string_view bytes);

} // namespace tickertape::spool
