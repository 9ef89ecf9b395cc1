// SPDX-License-Identifier: MIT
/// \file
/// Store: records of points on disk until they are settled.
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
    /// The free bytes of the file system that are left to other users.
    std::uint64_t min_free = std::uint64_t{64} << 20U;
    /// The size of one file, and so the smallest part that is dropped at once. 0: a sixteenth of `max_bytes`, at most 8 MiB.
    std::uint64_t segment_bytes = 0;
    /// Whether `open` fails if a file cannot be read, because the disk may come back. Otherwise the records of the file are lost.
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
    std::uint64_t recovered = 0; ///< points that were there at the start, not settled
    std::uint64_t appended = 0;  ///< points
    std::uint64_t settled = 0;
    std::uint64_t waiting = 0; ///< can be taken
    std::array<std::uint64_t, store_losses> lost{};
    std::uint64_t ever_dropped = 0; ///< by caps, since the folder was made; a kill does not take that away
    std::uint64_t damaged_records = 0;
    std::uint64_t strange_files = 0; ///< left alone
    std::uint64_t bytes = 0;
    std::uint64_t segments = 0;
    std::uint64_t append_failures = 0;
    std::uint64_t sync_failures = 0;
    /// Since the oldest file was last written to.
    std::chrono::nanoseconds oldest_age{0};
};

/// A row of points that wait, all of one record.
struct Taken {
    Range range{};
    std::uint64_t first = 0; ///< number of the first point in `payload`
    std::string payload{};
};

/// A first-in-first-out store of points in a folder. Its files are the only truth: a point that is in them and not in the
/// file `settled` waits. Points are numbered in the order in which they come. A number is *out* (the caller has the point
/// in memory), *waiting*, *settled*, or lost and counted:
/// `recovered + appended == out + waiting + settled + lost`.
///
/// After a crash all points that were out wait: no limit deletes the file of a point that is out. It does nothing in the child of
/// a fork.
///
/// Thread safety: all members may be called from any thread. `tick` waits for the disk without holding up others, `append`
/// only with SyncPolicy::each_batch.
class Store {
public:
    /// Null and `trouble` if it cannot be opened. Reads headers and sizes, and the last file; never waits for a lock.
    [[nodiscard]] static std::unique_ptr<Store> open(std::string path, const StoreOptions& options,
                                                     base::Syscalls& syscalls, Trouble& trouble);
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
    /// Records settled points in the file `settled`, and deletes files that are not needed any more.
    ~Store();

    /// Appends `points` points, which are out then. `record` begins with `record_header_size` bytes of any content, which
    /// are filled in; behind them stands the payload. The points are accepted once this returns. An empty range and
    /// `trouble` if they are not, also when all files together hold too many points that are out.
    [[nodiscard]] Range append(std::span<char> record, std::uint32_t points, Trouble& trouble);
    /// Makes points wait that are out.
    void leave(Range range);
    /// Takes the first waiting points; they are out then. Returns nothing also while the disk refuses to read: reading is reported and
    /// tried again each second for a minute, then the unreadable points are given up.
    [[nodiscard]] std::optional<Taken> take();
    /// Settles points that are out: they need not be kept.
    void settle(Range range);
    /// Gives up points that are out, because their payload makes no sense.
    void give_up(Range range);

    /// Does the periodic work, at most once a second: syncs, records settled points, checks the limits, and checks that the folder
    /// still exists. Call it at least every second. Returns the present trouble; without trouble `append` is worth trying. After
    /// `append` has failed, it does not touch the disk before the next tick.
    Trouble tick();
    /// The same at once.
    Trouble flush();
    [[nodiscard]] StoreCounts counts() const;
    [[nodiscard]] const std::string& path() const noexcept { return folder_->path(); }

private:
    struct Segment {
        std::uint64_t serial = 0;
        Range range{};
        std::uint64_t bytes = 0;
        SteadyTime written{}; ///< the last record, or when it would have been
        SteadyTime begun{};
        std::shared_ptr<base::UniqueFd> file{}; ///< while it is written to, or has to be synced
        std::uint64_t synced_bytes = 0;
        std::uint64_t synced_until = 0; ///< a number
        bool is_suspect = false;        ///< a sync failed, and the copy, too: no later sync says anything
    };
    using Lock = std::unique_lock<std::mutex>;

    Store(std::unique_ptr<Folder> folder, const StoreOptions& options, base::Syscalls& syscalls);

    /// All of `bytes`; needs no mutex.
    [[nodiscard]] bool write(const base::UniqueFd& file, std::string_view bytes, std::uint64_t offset);

    // Opening: store_open.cpp.
    [[nodiscard]] bool recover(Trouble& trouble);
    [[nodiscard]] bool read_segment(const std::string& name, Segment& segment, SegmentHeader& header, Trouble& trouble);
    void find_ends(const std::vector<SegmentHeader>& headers);
    void scan_whole(Segment& segment, bool begins_where_it_says);
    void read_settled();
    void read_dropped();

    // Taking, without the mutex: store_take.cpp.
    [[nodiscard]] std::optional<Segment> first_waiting(std::uint64_t& number);
    [[nodiscard]] bool open_scan(std::uint64_t number, const Segment& segment, Trouble& trouble);
    [[nodiscard]] bool may_give_up();
    void read_later(std::string_view why);

    // All of these are called under the mutex.
    [[nodiscard]] Segment* current() noexcept;
    [[nodiscard]] bool is_current(const Segment& segment) const noexcept;
    [[nodiscard]] bool begin_segment(std::uint64_t first, Trouble& trouble);
    [[nodiscard]] Trouble refused_by_disk();
    [[nodiscard]] bool make_room(std::uint64_t bytes, Trouble& trouble);
    [[nodiscard]] const Segment* segment_of(std::uint64_t number) const noexcept;
    void lose(Range range, StoreLoss why);
    void forget_settled();
    /// False if the file cannot be deleted; it stays one of the segments then.
    bool remove(std::size_t index);
    [[nodiscard]] bool has_out(const Segment& segment) const noexcept;
    bool drop_oldest(StoreLoss why);
    void note_dropped(std::uint64_t serial);
    void lose_everything();
    void expire(SteadyTime now);

    // Keeping: store_keep.cpp.
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
    std::uint64_t bytes_ = 0;       // of all
    std::uint64_t next_serial_ = 0;
    std::uint64_t next_ = 0; // number
    bool is_open_ = false;   // the last segment may be appended to
    bool folder_is_dirty_ = false;
    bool can_delete_ = true; // until the next tick
    Ranges waiting_;
    Ranges settled_; // of those that are in the segments
    bool settled_is_new_ = false;
    std::uint64_t dropped_serial_ = UINT64_MAX; // the file that a cap dropped last
    std::uint64_t failed_reads_ = 0;            // while it was opened
    StoreCounts counts_;
    Trouble trouble_; // of now
    SteadyTime kept_ = SteadyTime::min();

    std::mutex keeping_; // before the others
    std::mutex taking_;  // before mutex_
    std::optional<SegmentScan> scan_;
    std::uint64_t scan_serial_ = 0;
    std::uint64_t scanned_until_ = 0; // a number
    SteadyTime unreadable_since_ = SteadyTime::max();
    SteadyTime read_again_at_ = SteadyTime::min();
};

} // namespace tickertape::spool
