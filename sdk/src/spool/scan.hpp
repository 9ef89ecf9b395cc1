// SPDX-License-Identifier: MIT
/// \file
/// SegmentScan: the sound records of a segment file, one after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/syscalls.hpp"
#include "base/unique_fd.hpp"
#include "spool/format.hpp"

namespace tickertape::spool {

struct Record {
    RecordHeader header{};
    std::string_view payload{}; ///< until the scan goes on
    std::uint64_t offset = 0;   ///< in the file, of its header
    std::size_t size = 0;       ///< of header and payload
};

/// Reads a segment from its front. Bytes that are no sound record are skipped up to the next record, and counted. Memory: one
/// record, or a quarter of a MiB.
///
/// Thread safety: none.
class SegmentScan {
public:
    /// Of an open file.
    SegmentScan(base::UniqueFd file, base::Syscalls& syscalls) noexcept
        : file_{std::move(file)}, syscalls_{&syscalls} {}

    /// The header; reads nothing else. `good` also when the file is open but empty of records.
    [[nodiscard]] HeaderKind header(SegmentHeader& header);
    /// The next record that ends at or before `limit`; nothing at the end.
    [[nodiscard]] std::optional<Record> next(std::uint64_t limit);
    /// Stretches of bytes so far that are part of no sound record.
    [[nodiscard]] std::uint64_t damaged() const noexcept { return damaged_; }
    /// The number of reads that the disk refused so far; their bytes count as damaged.
    [[nodiscard]] std::uint64_t failed_reads() const noexcept { return failed_reads_; }
    /// Where the last sound record ended.
    [[nodiscard]] std::uint64_t good_until() const noexcept { return good_until_; }

private:
    [[nodiscard]] std::string_view window() const noexcept {
        return std::string_view{buffer_}.substr(static_cast<std::size_t>(at_ - buffer_offset_));
    }
    /// Whether `size` bytes from `at_` on are in the window, below `limit`; reads them if they are not.
    [[nodiscard]] bool has(std::size_t size, std::uint64_t limit);
    void skip(std::size_t bytes);

    base::UniqueFd file_;
    base::Syscalls* syscalls_;
    std::string buffer_;
    std::uint64_t buffer_offset_ = segment_header_size; // of the buffer, in the file
    std::uint64_t at_ = segment_header_size;
    std::uint64_t good_until_ = segment_header_size;
    std::uint64_t damaged_ = 0;
    std::uint64_t failed_reads_ = 0;
    bool in_damage_ = false;
};

} // namespace tickertape::spool
