// SPDX-License-Identifier: MIT
// Reading waiting points back.
#include <algorithm>
#include <utility>

#include "base/concat.hpp"
#include "base/diagnostics.hpp"
#include "base/quote.hpp"
#include "spool/segment_name.hpp"
#include "spool/store.hpp"

namespace tickertape::spool {

namespace {

constexpr std::chrono::seconds read_again_each{1};
constexpr std::chrono::seconds patience{60}; // how long a failing read is tried again

} // namespace

std::optional<Taken> Store::take() {
    if (forks_.is_child()) {
        return std::nullopt;
    }
    const std::lock_guard taking{taking_};
    if (syscalls_.now() < read_again_at_) {
        return std::nullopt;
    }
    std::uint64_t number = 0;
    while (const std::optional<Segment> segment = first_waiting(number)) {
        Trouble trouble;
        if (!open_scan(number, *segment, trouble)) {
            if (trouble.kind == Trouble::Kind::failed) { // for example too many open files: only a limit ends this
                read_later(trouble.sentence);
                return std::nullopt;
            }
            const std::lock_guard lock{mutex_};
            lose({.from = number, .to = segment->range.to}, StoreLoss::gone);
            continue;
        }
        const std::uint64_t failed_before = scan_->failed_reads();
        std::optional<Record> record;
        do {
            record = scan_->next(segment->bytes);
        } while (record && record->header.range().to <= number);
        if (scan_->failed_reads() == failed_before) {
            unreadable_since_ = SteadyTime::max();
        } else if (!may_give_up()) {
            scan_.reset();
            read_later(base::concat("cannot read ", base::quote(folder_->path_of(segment_name(segment->serial)))));
            return std::nullopt;
        }
        const Range found = record ? common(record->header.range(), segment->range) : Range{};
        scanned_until_ = record ? found.to : segment->range.to;
        const std::lock_guard lock{mutex_};
        if (found.size() == 0 || found.from > number) {
            lose({.from = number, .to = found.size() == 0 ? segment->range.to : found.from}, StoreLoss::damaged);
            ++counts_.damaged_records;
        }
        for (const Range& waits : waiting_.all()) {
            if (const Range part = common(waits, found); part.size() > 0) {
                waiting_.remove(part);
                return Taken{.range = part, .first = record->header.first, .payload = std::string{record->payload}};
            }
        }
    }
    return std::nullopt;
}

/// Finds the first waiting number. Returns its segment without the open file.
std::optional<Store::Segment> Store::first_waiting(std::uint64_t& number) {
    const std::lock_guard lock{mutex_};
    while (!waiting_.empty()) {
        number = waiting_.all().front().from;
        if (const Segment* const found = segment_of(number)) {
            return Segment{.serial = found->serial, .range = found->range, .bytes = found->bytes};
        }
        lose({.from = number, .to = number + 1}, StoreLoss::gone);
    }
    return std::nullopt;
}

/// Lets `scan_` read the segment, from its start if it has passed `number` already. Returns false if the file cannot be opened.
bool Store::open_scan(std::uint64_t number, const Segment& segment, Trouble& trouble) {
    if (scan_ && scan_serial_ == segment.serial && scanned_until_ <= number) {
        return true;
    }
    std::optional<base::UniqueFd> file = folder_->open_file(segment_name(segment.serial), trouble);
    if (!file) {
        return false;
    }
    scan_.emplace(std::move(*file), syscalls_);
    scan_serial_ = segment.serial;
    scanned_until_ = segment.range.from;
    return true;
}

/// Called after a failed read. Returns whether the record has been tried for long enough to count it as lost. The
/// next record gets the same time, so a disk that is away for a while costs one record, not all waiting points.
bool Store::may_give_up() {
    const SteadyTime now = syscalls_.now();
    unreadable_since_ = std::min(unreadable_since_, now);
    if (now - unreadable_since_ < patience) {
        return false;
    }
    unreadable_since_ = SteadyTime::max();
    return true;
}

void Store::read_later(std::string_view why) {
    read_again_at_ = syscalls_.now() + read_again_each;
    // Message: spool: REASON: its points are read later
    // Cause: A file of the spool cannot be read.
    // Remedy: Look at the reason; tickertape spool DIR lists the faults. The points stay in the spool.
    base::report(base::concat("spool: ", why, ": its points are read later"));
}

} // namespace tickertape::spool
