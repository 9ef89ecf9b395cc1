// SPDX-License-Identifier: MIT
/// \file
/// Store: keeps records of points on disk until they are settled.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tickertape/spool_options.hpp>
#include <tickertape/time.hpp>

#include "base/forks.hpp"
#include "base/syscalls.hpp"
#include "base/unique_fd.hpp"
#include "spool/folder.hpp"
#include "spool/format.hpp"
#include "spool/ranges.hpp"
#include "spool/scan.hpp"

namespace tickertape::spool {

using SyncPolicy = SpoolOptions::Sync;

struct StoreOptions {
    std::uint64_t max_bytes = std::uint64_t{1} << 30U;
    std::chrono::nanoseconds max_age = std::chrono::hours{7 * 24};
    SyncPolicy sync = SyncPolicy::each_second;
    /// The free bytes of the file system that the store leaves to others.
    std::uint64_t min_free = std::uint64_t{64} << 20U;
    /// The size of one file, which is also the smallest part that a limit drops. 0: a sixteenth of `max_bytes`, at most 8 MiB.
    std::uint64_t segment_bytes = 0;
    /// `open` fails if a file cannot be read: the disk may come back. If false, the records of such a file are lost.
    bool must_read_all = false;
};

/// The reason why appended points were lost.
enum class StoreLoss : std::uint8_t {
    full,    ///< more bytes than `max_bytes`: the oldest file without points that are out was deleted
    aged,    ///< older than `max_age`
    damaged, ///< their record cannot be read
    gone,    ///< their file does not exist any more
};
inline constexpr std::size_t store_losses = 4;

struct StoreCounts {
    std::uint64_t recovered = 0; ///< unsettled points that were found at the start
    std::uint64_t appended = 0;  ///< appended points
    std::uint64_t settled = 0;
    std::uint64_t waiting = 0; ///< points that `take` can return
    std::array<std::uint64_t, store_losses> lost{};
    std::uint64_t ever_dropped = 0; ///< dropped by limits since the folder was made; survives a kill
    std::uint64_t damaged_records = 0;
    std::uint64_t strange_files = 0; ///< files that are not the spool's; they are not touched
    std::uint64_t bytes = 0;
    std::uint64_t segments = 0;
    std::uint64_t append_failures = 0;
    std::uint64_t sync_failures = 0;
    /// The time since the oldest file was last written.
    std::chrono::nanoseconds oldest_age{0};
};

/// Consecutive waiting points of one record.
struct Taken {
    Range range{};
    std::uint64_t first = 0; ///< number of the first point in `payload`
    std::string payload{};
};

/// A first-in-first-out store of points in a folder. The files alone decide: a point waits if it is in a file and not settled by
/// the file `settled`. Points are numbered in their order of arrival. A number is *out* (the caller has the point in memory),
/// *waiting*, *settled*, or lost and counted: `recovered + appended == out + waiting + settled + lost`.
///
/// After a crash all points that were out wait, because no limit deletes a file with points that are out. The store does nothing
/// in the child of a fork.
///
/// Thread safety: all members may be called from any thread. `tick` waits for the disk without delaying others; `append` waits
/// for it only with SyncPolicy::each_batch.
class Store {
public:
    /// Returns null, and the reason in `trouble`, if the store cannot be opened. Reads headers, sizes and the last file. Never
    /// waits for a lock.
    [[nodiscard]] static std::unique_ptr<Store> open(std::string path, const StoreOptions& options,
                                                     base::Syscalls& syscalls, Trouble& trouble);
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
    /// Records settled points in the file `settled`, and deletes files that are not needed any more.
    ~Store();

    /// Appends `points` points, which are then out. `record` begins with `record_header_size` bytes, which are filled in; the
    /// payload follows. The points are accepted when this returns. If they are not accepted, returns an empty range and the
    /// reason in `trouble`; one reason is that all files together hold too many points that are out.
    [[nodiscard]] Range append(std::span<char> record, std::uint32_t points, Trouble& trouble);
    /// Changes points from out to waiting.
    void leave(Range range);
    /// Takes the first waiting points, which are then out. Returns nothing also while the disk cannot be read.
    /// That is reported, and tried again each second for a minute; then the unreadable points count as lost.
    [[nodiscard]] std::optional<Taken> take();
    /// Settles points that are out: they need not be kept any longer.
    void settle(Range range);
    /// Counts points that are out as lost, because their payload is not valid.
    void give_up(Range range);

    /// Does the periodic work, at most once a second: syncs, records settled points, and checks the limits and whether the folder
    /// exists. Call it at least every second. Returns the present trouble; without trouble `append` may work. After `append` has
    /// failed, it does not use the disk before the next tick.
    Trouble tick();
    /// Does the same at once.
    Trouble flush();
    [[nodiscard]] StoreCounts counts() const;
    [[nodiscard]] const std::string& path() const noexcept { return folder_->path(); }

private:
    struct Segment {
        std::uint64_t serial = 0;
        Range range{};
        std::uint64_t bytes = 0;
        SteadyTime written{}; ///< the time of the last record, or of the start without one
        SteadyTime begun{};
        std::shared_ptr<base::UniqueFd> file{}; ///< while it is written, or has to be synced
        std::uint64_t synced_bytes = 0;
        std::uint64_t synced_until = 0; ///< as a number of a point
        bool is_suspect = false;        ///< a sync and then the copy failed, so no later sync proves anything
    };
    using Lock = std::unique_lock<std::mutex>;

    Store(std::unique_ptr<Folder> folder, const StoreOptions& options, base::Syscalls& syscalls);

    /// Writes all of `bytes`; needs no mutex.
    [[nodiscard]] bool write(const base::UniqueFd& file, std::string_view bytes, std::uint64_t offset);

    // Opening; in store_open.cpp.
    [[nodiscard]] bool recover(Trouble& trouble);
    [[nodiscard]] bool read_segment(const std::string& name, Segment& segment, SegmentHeader& header, Trouble& trouble);
    void find_ends(const std::vector<SegmentHeader>& headers);
    void scan_whole(Segment& segment, bool begins_where_it_says);
    void read_settled();
    void read_dropped();

    // Taking, without the mutex; in store_take.cpp.
    [[nodiscard]] std::optional<Segment> first_waiting(std::uint64_t& number);
    [[nodiscard]] bool open_scan(std::uint64_t number, const Segment& segment, Trouble& trouble);
    [[nodiscard]] bool may_give_up();
    void read_later(std::string_view why);

    // The mutex must be held for all of these.
    [[nodiscard]] Segment* current() noexcept;
    [[nodiscard]] bool is_current(const Segment& segment) const noexcept;
    [[nodiscard]] bool begin_segment(std::uint64_t first, Trouble& trouble);
    [[nodiscard]] Trouble refused_by_disk();
    [[nodiscard]] bool make_room(std::uint64_t bytes, Trouble& trouble);
    [[nodiscard]] const Segment* segment_of(std::uint64_t number) const noexcept;
    void lose(Range range, StoreLoss why);
    void forget_settled();
    /// Returns false if the file cannot be deleted; it then stays one of the segments.
    bool remove(std::size_t index);
    [[nodiscard]] bool has_out(const Segment& segment) const noexcept;
    bool drop_oldest(StoreLoss why);
    void note_dropped(std::uint64_t serial);
    void lose_everything();
    void expire(SteadyTime now);

    // Keeping; in store_keep.cpp.
    [[nodiscard]] Trouble look(SteadyTime now);
    [[nodiscard]] Trouble sync(Lock& lock);
    [[nodiscard]] Trouble heal_suspects();
    void heal(std::uint64_t serial);
    [[nodiscard]] bool write_settled(const std::string& bytes, Trouble& trouble);

    std::unique_ptr<Folder> folder_;
    const StoreOptions options_;
    base::Syscalls& syscalls_;
    const base::Forks forks_;

    mutable std::mutex mutex_;
    std::uint64_t spool_ = 0;
    std::vector<Segment> segments_; // by serial
    std::uint64_t bytes_ = 0;       // of all segments
    std::uint64_t next_serial_ = 0;
    std::uint64_t next_ = 0; // the next number
    bool is_open_ = false;   // the last segment accepts records
    bool folder_is_dirty_ = false;
    bool can_delete_ = true; // false after a failed deletion, until the next tick
    Ranges waiting_;
    Ranges settled_; // those that are still in segments
    bool settled_is_new_ = false;
    std::uint64_t dropped_serial_ = UINT64_MAX; // the last file that a limit dropped
    std::uint64_t failed_reads_ = 0;            // while the store was opened
    StoreCounts counts_;
    Trouble trouble_; // the present one
    SteadyTime kept_ = SteadyTime::min();

    std::mutex keeping_; // locked before the others
    std::mutex taking_;  // locked before mutex_
    std::optional<SegmentScan> scan_;
    std::uint64_t scan_serial_ = 0;
    std::uint64_t scanned_until_ = 0; // the next number of the scan
    SteadyTime unreadable_since_ = SteadyTime::max();
    SteadyTime read_again_at_ = SteadyTime::min();
};

} // namespace tickertape::spool
