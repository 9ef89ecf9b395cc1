// SPDX-License-Identifier: MIT
// Opening a store: it finds the points that the last process left.
#include <sys/stat.h>

#include <algorithm>
#include <random>
#include <utility>

#include "base/concat.hpp"
#include "base/quote.hpp"
#include "spool/segment_name.hpp"
#include "spool/store.hpp"

namespace tickertape::spool {

namespace {

constexpr std::size_t largest_settled_file = std::size_t{64} * 1024;

std::uint64_t random_number() {
    std::random_device random;
    return static_cast<std::uint64_t>(random()) << 32U | random();
}

} // namespace

std::unique_ptr<Store> Store::open(std::string path, const StoreOptions& options, base::Syscalls& syscalls,
                                   Trouble& trouble) {
    std::unique_ptr<Folder> folder = Folder::open(std::move(path), syscalls, trouble);
    if (!folder) {
        return nullptr;
    }
    std::unique_ptr<Store> store{new Store{std::move(folder), options, syscalls}};
    if (!store->recover(trouble)) {
        store->segments_.clear(); // the folder must not be touched
        return nullptr;
    }
    static_cast<void>(store->tick());
    return store;
}

/// Reads only headers and sizes, so that many files cost little. Returns false if the folder must not be touched.
bool Store::recover(Trouble& trouble) {
    std::vector<std::string> names;
    if (!folder_->list(names)) {
        trouble = Trouble::of_errno("list", folder_->path());
        return false;
    }
    std::sort(names.begin(), names.end());
    std::vector<SegmentHeader> headers; // an empty header for a damaged segment
    for (const std::string& name : names) {
        const std::optional<std::uint64_t> serial = serial_of(name);
        if (!serial) {
            continue;
        }
        next_serial_ = *serial + 1;
        Segment segment{.serial = *serial};
        SegmentHeader header;
        Trouble why;
        if (read_segment(name, segment, header, why)) {
            segments_.push_back(segment);
            headers.push_back(header);
        } else if (!why.sentence.empty()) {
            trouble = why;
            return false;
        } else if (why) {
            ++counts_.strange_files;
        }
    }
    find_ends(headers);
    if (failed_reads_ > 0 && options_.must_read_all) {
        trouble = {.kind = Trouble::Kind::failed,
                   .sentence = base::concat("cannot read files in ", base::quote(folder_->path()))};
        return false;
    }
    for (const Segment& segment : segments_) {
        bytes_ += segment.bytes;
        next_ = std::max(next_, segment.range.to);
        waiting_.add(segment.range);
    }
    read_settled();
    read_dropped();
    if (spool_ == 0) {
        spool_ = random_number() | 1U;
    }
    for (const Range& range : settled_.all()) {
        waiting_.remove(range);
    }
    counts_.recovered = waiting_.size();
    forget_settled();
    return true;
}

/// Returns false if the file must not be read; `trouble` has the reason, with a sentence if the folder must not be used.
bool Store::read_segment(const std::string& name, Segment& segment, SegmentHeader& header, Trouble& trouble) {
    std::optional<base::UniqueFd> file = folder_->open_file(name, trouble);
    struct stat status{};
    if (!file || syscalls_.fstat(file->get(), &status) != 0) {
        if (!options_.must_read_all || trouble.kind != Trouble::Kind::failed) {
            trouble = {.kind = Trouble::Kind::failed};
        }
        return false;
    }
    segment.bytes = static_cast<std::uint64_t>(status.st_size);
    if (segment.bytes == 0) {
        return true; // the process died after it had created the file
    }
    const WallTime written{std::chrono::seconds{status.st_mtim.tv_sec} +
                           std::chrono::nanoseconds{status.st_mtim.tv_nsec}};
    const auto age = std::max<std::chrono::nanoseconds>(syscalls_.wall_now() - written, std::chrono::nanoseconds{0});
    segment.written = segment.begun = syscalls_.now() - age;
    SegmentScan scan{std::move(*file), syscalls_};
    const HeaderKind kind = scan.header(header);
    failed_reads_ += scan.failed_reads();
    switch (kind) {
    case HeaderKind::newer_version:
        trouble = {.kind = Trouble::Kind::foreign,
                   .sentence = base::quote(folder_->path_of(name)).append(" is of a newer version of this program")};
        return false;
    case HeaderKind::damaged:
        ++counts_.damaged_records;
        header = {};
        return true;
    case HeaderKind::good: break;
    }
    if (spool_ != 0 && header.spool != spool_) {
        trouble = {.kind = Trouble::Kind::failed}; // the file belongs to another queue
        return false;
    }
    spool_ = header.spool;
    return true;
}

/// Finds the ends of the segments. Each header has the end of the segment before it; other segments are read.
void Store::find_ends(const std::vector<SegmentHeader>& headers) {
    for (std::size_t i = 0; i < segments_.size(); ++i) {
        Segment& segment = segments_[i];
        const bool is_known = headers[i].spool != 0;
        const std::uint64_t prior_end =
            i > 0 && segments_[i - 1].serial + 1 == segment.serial ? segments_[i - 1].range.to : 0;
        const bool has_next =
            i + 1 < segments_.size() && headers[i + 1].spool != 0 && segments_[i + 1].serial == segment.serial + 1;
        segment.range.from = segment.range.to = is_known ? headers[i].first : prior_end;
        if (!is_known || !has_next) {
            scan_whole(segment, is_known || prior_end > 0);
        }
        if (has_next && (is_known || segment.range.size() > 0 || prior_end > 0)) {
            segment.range.to = std::max(segment.range.from, headers[i + 1].prior_end);
        }
    }
}

void Store::scan_whole(Segment& segment, bool begins_where_it_says) {
    Trouble trouble;
    std::optional<base::UniqueFd> file = folder_->open_file(segment_name(segment.serial), trouble);
    if (!file) {
        ++failed_reads_;
        return;
    }
    SegmentScan scan{std::move(*file), syscalls_};
    while (const std::optional<Record> record = scan.next(segment.bytes)) {
        const Range range = record->header.range();
        if (!std::exchange(begins_where_it_says, true)) {
            segment.range.from = range.from;
        }
        segment.range.to = std::max(segment.range.to, range.to);
    }
    counts_.damaged_records += scan.damaged();
    failed_reads_ += scan.failed_reads();
}

void Store::read_settled() {
    Trouble trouble;
    const std::optional<base::UniqueFd> file = folder_->open_file(settled_name, trouble);
    if (!file) {
        return; // then all points are sent again
    }
    std::string bytes(largest_settled_file, '\0');
    const ssize_t size = syscalls_.pread(file->get(), bytes.data(), bytes.size(), 0);
    bytes.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    std::optional<SettledFile> read = read_settled_file(bytes);
    if (!read || (spool_ != 0 && read->spool != spool_)) {
        return;
    }
    spool_ = read->spool;
    next_ = std::max(next_, read->next);
    settled_ = std::move(read->settled);
}

void Store::read_dropped() {
    Trouble trouble;
    const std::optional<base::UniqueFd> file = folder_->open_file(dropped_name, trouble);
    std::string bytes(dropped_file_size, '\0');
    if (!file || syscalls_.pread(file->get(), bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
        return;
    }
    const std::optional<DroppedFile> read = read_dropped_file(bytes);
    if (!read || (spool_ != 0 && read->spool != spool_)) {
        return;
    }
    counts_.ever_dropped = read->points;
    for (const Segment& segment : segments_) {
        if (segment.serial == read->serial) {
            settled_.add(segment.range); // the process died after it had counted these points
        }
    }
}

} // namespace tickertape::spool
