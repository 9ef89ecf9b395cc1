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
    /// How much a power loss may cost. A process that dies costs nothing in any of them.
    enum class Sync : std::uint8_t {
        each_second, ///< what was written in the last second, or two
        each_batch,  ///< nothing; each `send` and `publish` waits for the disk
        never,       ///< what the kernel has not written by itself, usually half a minute
    };

    /// Has a folder for each queue, which is named after `program`, `instance` and `target`, so that the next run of the same
    /// program finds it. Both are made if they are not there. Empty: no spool.
    std::string directory{};
    /// Empty: the name of this program's file.
    std::string program{};
    /// Tells two queues of one program and target apart.
    std::string instance{"main"};
    /// Empty: a TsdClient's first target. Buffered demands one.
    std::string target{};
    /// Of all files of the queue. At the limit the oldest points that wait on disk are dropped, counted as Account::Loss::spool_full.
    std::uint64_t max_bytes = std::uint64_t{1} << 30U;
    /// Points that are older are dropped, counted as Account::Loss::spool_age.
    std::chrono::seconds max_age = std::chrono::hours{7 * 24};
    Sync sync = Sync::each_second;
    /// Free space that stays on the file system. With less, points are kept in memory, which is reported.
    std::uint64_t min_free = std::uint64_t{64} << 20U;
    /// The most points a second that are sent out of the backlog, beside what is new. 0: twice as many as come in.
    std::uint32_t backlog_per_second = 0;
    /// A server that is killed loses what it acknowledged last and had not written yet: a VictoriaMetrics up to 16 s. So points are kept
    /// for so long after their acknowledgement, and sent again when the server has been away: a connection to it was lost, and then it
    /// refused one. A server that keeps repeated points (VictoriaMetrics without `-dedup.minScrapeInterval`) may then have some
    /// twice. 0: not at all. Nothing: 20 s for InfluxDB, for OpenTSDB by telnet, and by HTTP
    /// without `sync`, where a repeated point is harmless; else not at all.
    std::optional<std::chrono::seconds> keep_acknowledged{};
    /// The most points that are kept so; beyond it the oldest are forgotten sooner, which is reported.
    std::uint64_t keep_at_most = 1'000'000;
    /// How long the constructor waits for another process to let go of the folder. Then points are kept in memory, which is
    /// reported, until the folder is free.
    std::chrono::milliseconds wait_for_owner{5'000};
};
static_assert(std::is_aggregate_v<SpoolOptions>);

} // namespace tickertape
