// SPDX-License-Identifier: MIT
#include <tickertape/proc/diskstats.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include <tickertape/proc/tokens.hpp>

namespace tickertape::proc {

std::vector<DiskStats> parse_diskstats(std::string_view text, std::string_view file, SkippedRows& skipped,
                                       std::vector<DiskStats> disks) {
    constexpr std::array<std::size_t, 3> widths{4, 11,
                                                15}; // for partitions before Linux 2.6.25; since then; since 4.18
    disks.clear();
    each_row(text, file, skipped, [&](Tokens& tokens) {
        DiskStats disk{};
        disk.major = tokens.number<unsigned>();
        disk.minor = tokens.number<unsigned>();
        disk.name = tokens.next();
        if (disk.name.empty()) {
            tokens.refuse(disk.name, "is no name");
        }
        for (std::uint64_t& value : disk.values) {
            if (tokens.at_end() && std::find(widths.begin(), widths.end(), disk.columns) != widths.end()) {
                break;
            }
            value = tokens.number<std::uint64_t>();
            ++disk.columns;
        }
        disks.push_back(disk);
    });
    return disks;
}

std::vector<DiskStats> read_diskstats(const Root& root, std::string& buffer, std::vector<DiskStats> disks) {
    return parse_diskstats(root.need_all("diskstats", buffer), root.path_of("diskstats"), root.skipped(),
                           std::move(disks));
}

} // namespace tickertape::proc
