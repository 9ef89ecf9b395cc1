// SPDX-License-Identifier: MIT
#include "spool/scan.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include "spool/crc32c.hpp"

namespace tickertape::spool {

namespace {

constexpr std::size_t chunk = std::size_t{256} * 1024;
constexpr std::size_t unreadable_step = 4096;

/// Reads up to `size` bytes; fewer only at the end of the file. An unreadable page is replaced by zeros, so it costs only the
/// records that it belongs to.
std::size_t read_at(base::Syscalls& syscalls, int fd, char* out, std::size_t size, std::uint64_t offset,
                    std::uint64_t& failed_reads) {
    std::size_t done = 0;
    while (done < size) {
        const ssize_t got = syscalls.pread(fd, out + done, size - done, offset + done);
        if (got > 0) {
            done += static_cast<std::size_t>(got);
        } else if (got == 0) {
            break;
        } else if (errno != EINTR) {
            const std::size_t step = std::min(size - done, unreadable_step - (offset + done) % unreadable_step);
            std::fill_n(out + done, step, '\0');
            done += step;
            ++failed_reads;
        }
    }
    return done;
}

} // namespace

HeaderKind SegmentScan::header(SegmentHeader& header) {
    std::array<char, segment_header_size> bytes{};
    const std::size_t size = read_at(*syscalls_, file_.get(), bytes.data(), bytes.size(), 0, failed_reads_);
    const HeaderKind kind = read_segment_header({bytes.data(), size}, header);
    if (kind == HeaderKind::damaged) {
        ++damaged_;
    }
    return kind;
}

bool SegmentScan::has(std::size_t size, std::uint64_t limit) {
    if (at_ + size > limit) {
        return false;
    }
    if (window().size() >= size) {
        return true;
    }
    buffer_.erase(0, static_cast<std::size_t>(at_ - buffer_offset_));
    buffer_offset_ = at_;
    const std::size_t before = buffer_.size();
    const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(std::max(size, chunk), limit - at_));
    if (wanted > before) {
        buffer_.resize(wanted);
        buffer_.resize(before + read_at(*syscalls_, file_.get(), buffer_.data() + before, wanted - before, at_ + before,
                                        failed_reads_));
    }
    return buffer_.size() >= size;
}

void SegmentScan::skip(std::size_t bytes) {
    if (!in_damage_) {
        ++damaged_;
    }
    in_damage_ = true;
    at_ += bytes;
}

std::optional<Record> SegmentScan::next(std::uint64_t limit) {
    while (has(record_header_size, limit)) {
        const std::optional<RecordHeader> header = read_record_header(window());
        if (!header) {
            const std::size_t found = find_record(window(), 1);
            // The last three bytes may be the beginning of a record.
            skip(found < window().size() ? found : window().size() - 3);
            continue;
        }
        const std::size_t size = record_header_size + header->size;
        if (!has(size, limit)) {
            skip(1);
            continue;
        }
        const std::string_view payload = window().substr(record_header_size, header->size);
        if (crc32c(payload) != header->payload_crc) {
            skip(size);
            in_damage_ = false; // each damaged record is counted
            continue;
        }
        const Record record{.header = *header, .payload = payload, .offset = at_, .size = size};
        at_ += size;
        good_until_ = at_;
        in_damage_ = false;
        return record;
    }
    if (at_ < limit && has(1, limit) && !in_damage_) {
        ++damaged_; // an incomplete end
        in_damage_ = true;
    }
    return std::nullopt;
}

} // namespace tickertape::spool
