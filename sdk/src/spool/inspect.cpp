// SPDX-License-Identifier: MIT
#include "spool/inspect.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/concat.hpp"
#include "spool/scan.hpp"
#include "spool/segment_name.hpp"

namespace tickertape::spool {

namespace {

constexpr std::size_t largest_small_file = std::size_t{64} * 1024;

std::string path_of(const std::string& folder, std::string_view name) { return base::concat(folder, "/", name); }

base::UniqueFd open_file(const std::string& path, base::Syscalls& syscalls) {
    return base::UniqueFd{syscalls.open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0)};
}

std::string read_small_file(const std::string& path, base::Syscalls& syscalls) {
    const base::UniqueFd file = open_file(path, syscalls);
    std::string bytes(largest_small_file, '\0');
    const ssize_t size = file.valid() ? syscalls.pread(file.get(), bytes.data(), bytes.size(), 0) : 0;
    bytes.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return bytes;
}

/// Returns the parts of a range that are not settled.
std::vector<Range> parts_of(Range range, const Ranges& settled) {
    Ranges left;
    left.add(range);
    for (const Range& each : settled.all()) {
        left.remove(each);
    }
    return left.all();
}

} // namespace

QueueReport inspect(const std::string& path, base::Syscalls& syscalls, Trouble& trouble, const TakeWaiting& take) {
    QueueReport report;
    std::vector<std::string> names;
    if (syscalls.list(path.c_str(), names) != 0) {
        trouble = Trouble::of_errno("list", path);
        return report;
    }
    std::sort(names.begin(), names.end());
    const auto settled_file = read_settled_file(read_small_file(path_of(path, settled_name), syscalls));
    const Ranges settled = settled_file ? settled_file->settled : Ranges{};
    if (const auto dropped = read_dropped_file(read_small_file(path_of(path, dropped_name), syscalls))) {
        report.ever_dropped = dropped->points;
    }
    for (const std::string& name : names) {
        if (!serial_of(name)) {
            continue;
        }
        base::UniqueFd file = open_file(path_of(path, name), syscalls);
        struct stat status{};
        if (!file.valid() || syscalls.fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
            continue;
        }
        FileReport one{.name = name, .bytes = static_cast<std::uint64_t>(status.st_size)};
        SegmentScan scan{std::move(file), syscalls};
        SegmentHeader header;
        one.header = one.bytes == 0 ? HeaderKind::good : scan.header(header);
        while (const std::optional<Record> record = scan.next(one.bytes)) {
            ++one.records;
            for (const Range& part : parts_of(record->header.range(), settled)) {
                one.waiting += part.size();
                if (take) {
                    take(record->payload, record->header.first, part);
                }
            }
        }
        one.damaged = scan.damaged();
        report.bytes += one.bytes;
        report.waiting += one.waiting;
        report.damaged += one.damaged;
        report.files.push_back(std::move(one));
    }
    return report;
}

} // namespace tickertape::spool
