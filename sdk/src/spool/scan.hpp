// SPDX-License-Identifier: MIT
/// \file
/// SegmentScan: reads the sound records of a segment file in order.
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
    std::string_view payload{}; ///< valid until the scan continues
    std::uint64_t offset = 0;   ///< of its header, in the file
    std::size_t size = 0;       ///< of header and payload together
};

/// Reads a segment from the start. It skips bytes that belong to no sound record, up to the next record, and counts them. It
/// needs memory for one record, or a quarter of a MiB.
///
/// Thread safety: none.
class SegmentScan {
public:
    /// Reads an open file.
    SegmentScan(base::UniqueFd file, base::Syscalls& syscalls) noexcept
        : file_{std::move(file)}, syscalls_{&syscalls} {}

    /// Reads only the header. Returns `good` also for a file without records.
    [[nodiscard]] HeaderKind header(SegmentHeader& header);
    /// Returns the next record that ends at or before `limit`; nothing at the end.
    [[nodiscard]] std::optional<Record> next(std::uint64_t limit);
    /// Returns the number of runs of bytes so far that belong to no sound record.
    [[nodiscard]] std::uint64_t damaged() const noexcept { return damaged_; }
    /// Returns the number of failed reads so far; their bytes count as damaged.
    [[nodiscard]] std::uint64_t failed_reads() const noexcept { return failed_reads_; }
    /// Returns the end of the last sound record.
    [[nodiscard]] std::uint64_t good_until() const noexcept { return good_until_; }

private:
    [[nodiscard]] std::string_view window() const noexcept {
        return std::string_view{buffer_}.substr(static_cast<std::size_t>(at_ - buffer_offset_));
    }
    /// Returns whether `size` bytes from `at_` on are in the window, below `limit`. Reads them if they are not.
    [[nodiscard]] bool has(std::size_t size, std::uint64_t limit);
    void skip(std::size_t bytes);

    base::UniqueFd file_;
    base::Syscalls* syscalls_;
    std::string buffer_;
    std::uint64_t buffer_offset_ = segment_header_size; // where the buffer begins in the file
    std::uint64_t at_ = segment_header_size;
    std::uint64_t good_until_ = segment_header_size;
    std::uint64_t damaged_ = 0;
    std::uint64_t failed_reads_ = 0;
    bool in_damage_ = false;
};

} // namespace tickertape::spool
