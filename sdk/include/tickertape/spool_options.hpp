// SPDX-License-Identifier: MIT
/// \file
/// SpoolOptions: where and how a queue keeps its points on disk.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>

namespace tickertape {

/// A spool is a folder with the points of one queue, so that they outlive the process. Off unless `directory` is set.
struct SpoolOptions {
    /// The points that a power loss may lose. If only the process dies, no points are lost, whatever the choice.
    enum class Sync : std::uint8_t {
        each_second, ///< the points of the last second or two
        each_batch,  ///< none; each `send` and `publish` waits for the disk
        never,       ///< the points that the kernel has not written yet, usually of half a minute
    };

    /// The directory of the spools. Each queue has a folder in it, named after `program`, `instance` and `target`, so that the next run of
    /// the same program finds it. Both are created if missing. Empty: no spool.
    std::string directory{};
    /// Empty: the name of this program's file.
    std::string program{};
    /// Tells two queues of one program and target apart.
    std::string instance{"main"};
    /// Empty: a TsdClient uses its first target. Buffered requires one.
    std::string target{};
    /// The most bytes of all files of the queue. At the limit the oldest points on disk are dropped and counted as
    /// Account::Loss::spool_full.
    std::uint64_t max_bytes = std::uint64_t{1} << 30U;
    /// Older points are dropped and counted as Account::Loss::spool_age.
    std::chrono::seconds max_age = std::chrono::hours{7 * 24};
    Sync sync = Sync::each_second;
    /// Free space that stays on the file system. With less, points are kept in memory, and a message reports that.
    std::uint64_t min_free = std::uint64_t{64} << 20U;
    /// The most points of the backlog that are sent in a second, in addition to new ones. 0: twice the rate at which new ones come in.
    std::uint32_t backlog_per_second = 0;
    /// The time for which points are kept after their acknowledgement. A killed server loses the points that it acknowledged last and
    /// had not written yet: a VictoriaMetrics up to 16 s. When a connection was lost and the server refused the next one, the kept
    /// points are sent again. A server that keeps repeated points (VictoriaMetrics without `-dedup.minScrapeInterval`) may then have
    /// some twice. 0: not kept. Nothing: 20 s for InfluxDB, for OpenTSDB by telnet, and for OpenTSDB by HTTP without `sync`, which
    /// store a repeated point once; for other targets 0.
    std::optional<std::chrono::seconds> keep_acknowledged{};
    /// The most points that are kept after their acknowledgement. Beyond that the oldest are forgotten sooner, and a message reports that.
    std::uint64_t keep_at_most = 1'000'000;
    /// The longest time for which the constructor waits for another process that uses the folder. After that, points are kept in
    /// memory until the folder is free, and a message reports that.
    std::chrono::milliseconds wait_for_owner{5'000};
};
static_assert(std::is_aggregate_v<SpoolOptions>);

} // namespace tickertape
