// SPDX-License-Identifier: MIT
#include "proc/diskstats.hpp"

#include <utility>

#include "proc/tokens.hpp"

namespace tickertape::proc {

std::vector<DiskStats> parse_diskstats(std::string_view text, std::string_view file, std::vector<DiskStats> disks) {
    constexpr std::size_t partition_columns = 4;
    constexpr std::size_t least_columns = 11;
    disks.clear();
    for (std::size_t line = 1; !text.empty(); ++line) {
        Tokens tokens{next_line(text), file, line};
        if (tokens.at_end()) {
            continue;
        }
        DiskStats disk{};
        disk.major = tokens.number<unsigned>();
        disk.minor = tokens.number<unsigned>();
        disk.name = tokens.next();
        if (disk.name.empty()) {
            tokens.refuse(disk.name, "is no name");
        }
        for (std::uint64_t& value : disk.values) {
            if (tokens.at_end() && (disk.columns == partition_columns || disk.columns >= least_columns)) {
                break;
            }
            value = tokens.number<std::uint64_t>();
            ++disk.columns;
        }
        disks.push_back(disk);
    }
    return disks;
}

std::vector<DiskStats> read_diskstats(const Root& root, std::string& buffer, std::vector<DiskStats> disks) {
    return parse_diskstats(root.need_all("diskstats", buffer), root.path_of("diskstats"), std::move(disks));
}

} // namespace tickertape::proc
