// SPDX-License-Identifier: MIT
// The periodic work of a store: syncs, limits, settled points.
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/concat.hpp"
#include "base/quote.hpp"
#include "spool/segment_name.hpp"
#include "spool/store.hpp"

namespace tickertape::spool {

namespace {

constexpr std::chrono::seconds each{1};
constexpr std::size_t most_settled_ranges = 2048; // in the file `settled`
constexpr int parts_of_age = 16;                  // a file holds at most this part of `max_age`

} // namespace

Trouble Store::tick() {
    if (forks_.is_child()) {
        return {};
    }
    const std::lock_guard keeping{keeping_};
    Lock lock{mutex_};
    const SteadyTime now = syscalls_.now();
    if (kept_ != SteadyTime::min() && now - kept_ < each) {
        return trouble_;
    }
    kept_ = now;
    Trouble trouble = look(now);
    if (trouble.kind != Trouble::Kind::gone) {
        if (Trouble unsynced = sync(lock)) {
            trouble = std::move(unsynced);
        }
    }
    trouble_ = std::move(trouble);
    return trouble_;
}

Trouble Store::flush() {
    if (!forks_.is_child()) {
        const std::lock_guard lock{mutex_};
        kept_ = SteadyTime::min();
    }
    return tick();
}

/// Checks the folder and the limits.
Trouble Store::look(SteadyTime now) {
    struct stat status{};
    const Segment* const open = current();
    if (!folder_->is_there() ||
        (open != nullptr && syscalls_.fstat(open->file->get(), &status) == 0 && status.st_nlink == 0)) {
        lose_everything();
        return {.kind = Trouble::Kind::gone, .sentence = base::quote(folder_->path()).append(" was removed")};
    }
    can_delete_ = true;
    forget_settled();
    expire(now);
    if (const std::int64_t free = folder_->free_bytes();
        free >= 0 && static_cast<std::uint64_t>(free) < options_.min_free) {
        return {.kind = Trouble::Kind::failed,
                .sentence = base::concat("fewer than ", options_.min_free >> 20U,
                                         " MiB are free on the file system of ", base::quote(folder_->path()))};
    }
    return {};
}

void Store::expire(SteadyTime now) {
    if (const Segment* const open = current();
        open != nullptr && open->range.size() > 0 && now - open->begun > options_.max_age / parts_of_age) {
        is_open_ = false;
        forget_settled();
    }
    const auto is_over = [this, now](const Segment& segment) {
        return !is_current(segment) && now - segment.written > options_.max_age;
    };
    while (!segments_.empty() && is_over(segments_.front()) && !has_out(segments_.front()) &&
           drop_oldest(StoreLoss::aged)) {
    }
}

void Store::lose_everything() {
    is_open_ = false;
    segments_.clear();
    bytes_ = 0;
    const std::vector<Range> all = waiting_.all();
    for (const Range& range : all) {
        lose(range, StoreLoss::gone);
    }
}

/// Syncs, while others may append. Data whose sync fails is written once more, to a new file.
Trouble Store::sync(Lock& lock) {
    struct Job {
        std::uint64_t serial;
        std::shared_ptr<base::UniqueFd> file;
        std::uint64_t bytes;
        std::uint64_t until;
        int error;
    };
    std::vector<Job> jobs;
    Trouble trouble = heal_suspects();
    for (Segment& segment : segments_) {
        if (options_.sync == SyncPolicy::each_second && segment.file && segment.bytes > segment.synced_bytes) {
            if (!segment.is_suspect) {
                jobs.push_back({segment.serial, segment.file, segment.bytes, segment.range.to, 0});
            }
        } else if (!is_current(segment)) {
            segment.file = nullptr;
        }
    }
    std::string settled;
    if (std::exchange(settled_is_new_, false)) {
        settled = to_bytes({.spool = spool_, .next = next_, .settled = settled_}, most_settled_ranges);
    }
    const bool syncs_folder = std::exchange(folder_is_dirty_, false) && options_.sync != SyncPolicy::never;
    lock.unlock();
    for (Job& job : jobs) {
        job.error = syscalls_.fdatasync(job.file->get()) == 0 ? 0 : errno;
    }
    const bool has_settled = settled.empty() || write_settled(settled, trouble);
    const bool has_folder = !syncs_folder || folder_->sync();
    if (!has_folder) {
        trouble = Trouble::of_errno("sync", folder_->path());
    }
    lock.lock();
    settled_is_new_ = settled_is_new_ || !has_settled;
    folder_is_dirty_ = folder_is_dirty_ || !has_folder;
    for (const Job& job : jobs) {
        const auto found = std::find_if(segments_.begin(), segments_.end(),
                                        [&job](const Segment& segment) { return segment.serial == job.serial; });
        if (found == segments_.end()) {
            continue;
        }
        if (job.error == 0) {
            found->synced_bytes = job.bytes;
            found->synced_until = job.until;
            continue;
        }
        ++counts_.sync_failures;
        found->is_suspect = true;
        errno = job.error;
        trouble = Trouble::of_errno("sync", folder_->path());
        heal(job.serial); // if that fails, nothing changes
    }
    return trouble;
}

/// Heals the segments that could not be healed at once.
Trouble Store::heal_suspects() {
    std::vector<std::uint64_t> serials;
    for (const Segment& segment : segments_) {
        if (segment.is_suspect) {
            serials.push_back(segment.serial);
        }
    }
    for (const std::uint64_t serial : serials) {
        heal(serial);
    }
    if (std::none_of(segments_.begin(), segments_.end(), [](const Segment& segment) { return segment.is_suspect; })) {
        return {};
    }
    errno = EIO;
    return Trouble::of_errno("sync", folder_->path());
}

/// After a failed sync the kernel takes the pages for clean, and may drop them. They are read back while the kernel still has
/// them, and written to a new file.
void Store::heal(std::uint64_t serial) {
    Trouble trouble;
    const auto index = [this, serial] {
        return static_cast<std::size_t>(
            std::find_if(segments_.begin(), segments_.end(),
                         [serial](const Segment& segment) { return segment.serial == serial; }) -
            segments_.begin());
    };
    const Range suspect{.from = segments_[index()].synced_until, .to = segments_[index()].range.to};
    std::optional<base::UniqueFd> file = folder_->open_file(segment_name(serial), trouble);
    is_open_ = false;
    if (suspect.size() == 0) {
        segments_[index()].is_suspect = false;
        return;
    }
    if (!file || !begin_segment(suspect.from, trouble)) {
        return;
    }
    SegmentScan scan{std::move(*file), syscalls_};
    Segment& copy = segments_.back();
    bool all = true;
    while (const std::optional<Record> record = scan.next(segments_[index()].bytes)) {
        if (record->header.first < suspect.from) {
            continue;
        }
        std::string bytes(record_header_size, '\0');
        bytes.append(record->payload);
        seal_record(bytes, record->header.first, record->header.points);
        all = all && write(*copy.file, bytes, copy.bytes);
        if (all) {
            copy.bytes += bytes.size();
            bytes_ += bytes.size();
            copy.range.to = record->header.range().to;
        }
    }
    is_open_ = false; // new numbers must not follow the copy
    if (!all || scan.failed_reads() > 0) {
        // Removes the copy. If it cannot be deleted, it does no harm, because its records are sound.
        static_cast<void>(remove(segments_.size() - 1));
        return;
    }
    copy.range.to = suspect.to;
    Segment& old = segments_[index()];
    old.range.to = suspect.from;
    if (syscalls_.ftruncate(old.file->get(), old.synced_bytes) == 0) {
        bytes_ -= old.bytes - old.synced_bytes;
        old.bytes = old.synced_bytes;
    }
    old.synced_bytes = old.bytes;
    old.is_suspect = false;
    forget_settled();
    while (bytes_ > options_.max_bytes && drop_oldest(StoreLoss::full)) {
    }
}

/// Called without the mutex.
bool Store::write_settled(const std::string& bytes, Trouble& trouble) {
    const std::string path = folder_->path_of(settled_name);
    const std::string new_path = base::concat(path, ".new");
    const auto fail = [&] {
        trouble = Trouble::of_errno("write to", folder_->path());
        return false;
    };
    static_cast<void>(syscalls_.unlink(new_path.c_str()));
    const base::UniqueFd file = folder_->make_file(base::concat(settled_name, ".new"));
    if (!file.valid()) {
        return fail();
    }
    if (!write(file, bytes, 0) || (options_.sync != SyncPolicy::never && syscalls_.fdatasync(file.get()) != 0) ||
        syscalls_.rename(new_path.c_str(), path.c_str()) != 0) {
        return fail();
    }
    return true;
}

} // namespace tickertape::spool
