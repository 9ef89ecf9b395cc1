// SPDX-License-Identifier: MIT
#include "spool/store.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/concat.hpp"
#include "base/quote.hpp"
#include "spool/segment_name.hpp"

namespace tickertape::spool {

namespace {

constexpr std::uint64_t largest_segment = std::uint64_t{8} << 20U;
constexpr std::uint64_t smallest_segment = 4096;
constexpr std::uint64_t segments_in_all = 16;

StoreOptions completed(StoreOptions options) {
    if (options.segment_bytes == 0) {
        options.segment_bytes = std::clamp(options.max_bytes / segments_in_all, smallest_segment, largest_segment);
    }
    return options;
}

} // namespace

Store::Store(std::unique_ptr<Folder> folder, const StoreOptions& options, base::Syscalls& syscalls)
    : folder_{std::move(folder)}, options_{completed(options)}, syscalls_{syscalls} {}

Store::~Store() {
    if (forks_.is_child()) {
        [[maybe_unused]] const Folder* const kept =
            folder_.release(); // not destroyed, because a mutex may be in any state
        return;
    }
    static_cast<void>(flush());
    const std::lock_guard lock{mutex_};
    is_open_ = false;
    forget_settled();
}

Store::Segment* Store::current() noexcept { return is_open_ ? &segments_.back() : nullptr; }

bool Store::is_current(const Segment& segment) const noexcept { return is_open_ && &segment == &segments_.back(); }

Range Store::append(std::span<char> record, std::uint32_t points, Trouble& trouble) {
    if (forks_.is_child()) {
        trouble = {.kind = Trouble::Kind::held, .sentence = "the spool is the parent's"};
        return {};
    }
    const std::lock_guard lock{mutex_};
    if (record.size() > record_header_size + max_payload || points == 0 || points > max_record_points) {
        trouble = {.kind = Trouble::Kind::failed, .sentence = "a record has too many points"};
        return {};
    }
    if (trouble_) {
        trouble = trouble_;
        return {};
    }
    if (!make_room(record.size(), trouble)) {
        ++counts_.append_failures;
        return {};
    }
    Segment& segment = *current();
    seal_record(record, next_, points);
    bool is_written = write(*segment.file, {record.data(), record.size()}, segment.bytes);
    if (is_written && options_.sync == SyncPolicy::each_batch) {
        is_written = syscalls_.fdatasync(segment.file->get()) == 0 && (!folder_is_dirty_ || folder_->sync());
        folder_is_dirty_ = folder_is_dirty_ && !is_written;
        counts_.sync_failures += is_written ? 0 : 1;
    }
    if (!is_written) {
        trouble = refused_by_disk();
        ++counts_.append_failures;
        // Bytes after its end belong to no record, because the next segment has the end of this one.
        static_cast<void>(syscalls_.ftruncate(segment.file->get(), segment.bytes));
        is_open_ = false;
        forget_settled();
        return {};
    }
    segment.bytes += record.size();
    bytes_ += record.size();
    segment.written = syscalls_.now();
    if (options_.sync == SyncPolicy::each_batch) {
        segment.synced_bytes = segment.bytes;
        segment.synced_until = next_ + points;
    }
    const Range range{.from = next_, .to = next_ + points};
    next_ = segment.range.to = range.to;
    counts_.appended += points;
    return range;
}

/// Makes a Trouble from errno. The disk is not used before the next `tick`. The sentence names the folder, because the next try
/// uses another file.
Trouble Store::refused_by_disk() {
    trouble_ = Trouble::of_errno("write to", folder_->path());
    return trouble_;
}

bool Store::write(const base::UniqueFd& file, std::string_view bytes, std::uint64_t offset) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t written = syscalls_.pwrite(file.get(), bytes.data() + done, bytes.size() - done, offset + done);
        if (written > 0) {
            done += static_cast<std::size_t>(written);
        } else if (written == 0) {
            errno = ENOSPC;
            return false;
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

/// Makes sure that `bytes` more can be appended to the current segment.
bool Store::make_room(std::uint64_t bytes, Trouble& trouble) {
    if (bytes + segment_header_size > options_.max_bytes) {
        trouble = {.kind = Trouble::Kind::failed, .sentence = "a record is larger than the whole spool may be"};
        return false;
    }
    if (is_open_ && segments_.back().bytes > segment_header_size &&
        segments_.back().bytes + bytes > options_.segment_bytes) {
        is_open_ = false;
        forget_settled();
    }
    const auto needed = [&] { return bytes_ + bytes + (is_open_ ? 0 : segment_header_size); };
    while (needed() > options_.max_bytes) {
        if (!drop_oldest(StoreLoss::full)) {
            trouble = {.kind = Trouble::Kind::failed,
                       .sentence =
                           base::concat("the spool has its ", options_.max_bytes,
                                        " bytes, and none of its files can be deleted, as they hold points that are "
                                        "about to be sent, or the disk fails")};
            return false;
        }
    }
    return is_open_ || begin_segment(next_, trouble);
}

bool Store::begin_segment(std::uint64_t first, Trouble& trouble) {
    const std::uint64_t serial = next_serial_;
    const std::string name = segment_name(serial);
    base::UniqueFd file = folder_->make_file(name);
    if (!file.valid()) {
        next_serial_ += errno == EEXIST ? 1 : 0;
        trouble = refused_by_disk();
        return false;
    }
    ++next_serial_;
    folder_is_dirty_ = true;
    const bool has_prior = !segments_.empty() && segments_.back().serial + 1 == serial;
    const std::string header = to_bytes({.spool = spool_,
                                         .serial = serial,
                                         .first = first,
                                         .prior_end = has_prior ? std::min(segments_.back().range.to, first) : first,
                                         .created = syscalls_.wall_now()});
    const SteadyTime now = syscalls_.now();
    Segment segment{.serial = serial,
                    .range = {.from = first, .to = first},
                    .bytes = 0,
                    .written = now,
                    .begun = now,
                    .file = std::make_shared<base::UniqueFd>(std::move(file)),
                    .synced_bytes = 0,
                    .synced_until = first};
    if (!write(*segment.file, header, 0)) {
        trouble = refused_by_disk();
        static_cast<void>(syscalls_.unlink(folder_->path_of(name).c_str()));
        return false;
    }
    segment.bytes = header.size();
    bytes_ += header.size();
    segments_.push_back(std::move(segment));
    is_open_ = true;
    return true;
}

/// Returns the segment of `number`. If it is in two places, returns the copy.
const Store::Segment* Store::segment_of(std::uint64_t number) const noexcept {
    const auto found = std::find_if(segments_.rbegin(), segments_.rend(), [number](const Segment& segment) {
        return segment.range.from <= number && number < segment.range.to;
    });
    return found == segments_.rend() ? nullptr : &*found;
}

void Store::lose(Range range, StoreLoss why) {
    settled_.add(range);
    settled_is_new_ = true;
    counts_.lost[static_cast<std::size_t>(why)] += waiting_.remove(range);
}

void Store::leave(Range range) {
    if (forks_.is_child()) {
        return;
    }
    const std::lock_guard lock{mutex_};
    Ranges gone;
    gone.add(range);
    for (const Segment& segment : segments_) {
        gone.remove(segment.range);
    }
    waiting_.add(range);
    for (const Range& part : gone.all()) {
        lose(part, StoreLoss::full); // its file was deleted while the caller had the point
    }
    forget_settled();
}

void Store::settle(Range range) {
    if (forks_.is_child()) {
        return;
    }
    const std::lock_guard lock{mutex_};
    settled_.add(range);
    settled_is_new_ = true;
    counts_.settled += range.size();
    forget_settled();
}

void Store::give_up(Range range) {
    if (forks_.is_child()) {
        return;
    }
    const std::lock_guard lock{mutex_};
    waiting_.add(range);
    lose(range, StoreLoss::damaged);
    ++counts_.damaged_records;
    forget_settled();
}

/// Deletes files without unsettled points. It remembers a file that cannot be deleted; otherwise the next process would send its
/// points again.
void Store::forget_settled() {
    for (std::size_t i = segments_.size(); i-- > 0 && can_delete_;) {
        if (!is_current(segments_[i]) && settled_.contains(segments_[i].range)) {
            can_delete_ = remove(i);
        }
    }
    std::uint64_t lowest = next_;
    for (const Segment& segment : segments_) {
        lowest = std::min(lowest, segment.range.from);
    }
    settled_.remove({.from = 0, .to = lowest});
}

bool Store::remove(std::size_t index) {
    const std::string path = folder_->path_of(segment_name(segments_[index].serial));
    if (syscalls_.unlink(path.c_str()) != 0 && errno != ENOENT) {
        return false;
    }
    bytes_ -= segments_[index].bytes;
    segments_.erase(segments_.begin() + static_cast<std::ptrdiff_t>(index));
    folder_is_dirty_ = true;
    return true;
}

bool Store::has_out(const Segment& segment) const noexcept {
    return segment.range.size() > waiting_.count(segment.range) + settled_.count(segment.range);
}

/// Drops the first file without points that are out. A kill would lose points that are out without counting them.
bool Store::drop_oldest(StoreLoss why) {
    const auto found =
        std::find_if(segments_.begin(), segments_.end(), [this](const Segment& segment) { return !has_out(segment); });
    if (found == segments_.end()) {
        return false;
    }
    is_open_ = is_open_ && !is_current(*found);
    const Range range = found->range;
    const std::uint64_t points = waiting_.count(range);
    counts_.ever_dropped += points;
    note_dropped(found->serial);
    if (!remove(static_cast<std::size_t>(found - segments_.begin()))) {
        counts_.ever_dropped -= points;
        return false;
    }
    lose(range, why);
    forget_settled();
    return true;
}

/// Called before the file is deleted. So a kill in between counts no point twice and misses none.
void Store::note_dropped(std::uint64_t serial) {
    dropped_serial_ = serial;
    const std::string path = folder_->path_of(dropped_name);
    const std::string new_path = base::concat(path, ".new");
    static_cast<void>(syscalls_.unlink(new_path.c_str()));
    const base::UniqueFd file = folder_->make_file(base::concat(dropped_name, ".new"));
    if (file.valid() && write(file, to_bytes({.spool = spool_, .serial = serial, .points = counts_.ever_dropped}), 0)) {
        // If this fails, the count is too low after a kill, at worst.
        static_cast<void>(syscalls_.rename(new_path.c_str(), path.c_str()));
    }
}

StoreCounts Store::counts() const {
    if (forks_.is_child()) {
        return {};
    }
    const std::lock_guard lock{mutex_};
    StoreCounts counts = counts_;
    counts.waiting = waiting_.size();
    counts.bytes = bytes_;
    counts.segments = segments_.size();
    if (!segments_.empty()) {
        counts.oldest_age = syscalls_.now() - segments_.front().written;
    }
    return counts;
}

} // namespace tickertape::spool
