// SPDX-License-Identifier: MIT
/// \file
/// /proc/diskstats: reads and writes of block devices.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tickertape/proc/root.hpp>

namespace tickertape::proc {

/// A block device or partition: its counts since boot, in the order of the columns' names below. A sector is 512
/// bytes for all devices. Times are milliseconds, 32 bits wide in the kernel: they wrap.
struct DiskStats {
    unsigned major;
    unsigned minor;
    std::string_view name; ///< points into the text
    std::size_t columns;   ///< how many there are: 4 (partitions before Linux 2.6.25), 11, 15 (4.18) or 17 (5.5)
    std::array<std::uint64_t, 17> values;
};

/// Indices in DiskStats::values. In a line of four columns the first four are reads, sectors_read, writes and sectors_written.
enum DiskColumn : std::size_t {
    disk_reads,
    disk_reads_merged,
    disk_sectors_read,
    disk_ms_reading,
    disk_writes,
    disk_writes_merged,
    disk_sectors_written,
    disk_ms_writing,
    disk_in_progress, ///< the only column that is not a total
    disk_ms_busy,
    disk_ms_weighted,
    disk_discards,
    disk_discards_merged,
    disk_sectors_discarded,
    disk_ms_discarding,
    disk_flushes,
    disk_ms_flushing
};

/// Reads lines `MAJOR MINOR NAME NUMBER…` of 4 or at least 11 numbers; numbers after the 17th are ignored. Throws ParseError that
/// names `file`, line and token. Pure. Replaces the content of `disks`, and uses its memory again.
[[nodiscard]] std::vector<DiskStats> parse_diskstats(std::string_view text, std::string_view file, SkippedRows& skipped,
                                                     std::vector<DiskStats> disks = {});

/// Throws std::system_error or ParseError that names the file. The names point into `buffer`.
[[nodiscard]] std::vector<DiskStats> read_diskstats(const Root& root, std::string& buffer,
                                                    std::vector<DiskStats> disks = {});

} // namespace tickertape::proc
