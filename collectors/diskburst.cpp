// SPDX-License-Identifier: MIT
// diskburst: how unevenly bytes are read from disks and written to them within a second.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tickertape/attempt.hpp>
#include <tickertape/host_choices.hpp>
#include <tickertape/proc/block.hpp>
#include <tickertape/proc/diskstats.hpp>
#include <tickertape/throughput.hpp>
#include <tickertape/totals.hpp>

using namespace tickertape;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t sector_bytes = 512;  // the unit of /proc/diskstats for all disks
constexpr std::size_t partition_columns = 4; // before Linux 2.6.25

} // namespace

int main(int argc, char* argv[]) {
    Throughput::Flags flags;
    std::string sys_root = "/sys";
    Choice devices{device_choice(sys_root)};
    Collector self{argc,
                   argv,
                   {.name = "diskburst",
                    .description = "Report iostat.burst.bytes.*: peak and median throughput of disks within seconds.",
                    .interval = 1s,
                    .differences = true,
                    .flags = devices.flags() + flags.flags() + std::vector{sys_root_flag(sys_root)}}};
    const proc::Root root{self.proc_root()};
    const proc::Root sys{sys_root};
    need_kernel_file(root, "diskstats");
    std::string text;
    std::vector<proc::DiskStats> disks;
    // Partitions are parts of disks: the traffic of a partition is also its disk's.
    const auto name_of = [&](std::string_view disk) -> std::optional<std::string> {
        const std::string name = proc::mapped_name(sys, disk);
        return proc::is_whole_disk(sys, disk) && devices(name) ? std::optional{sanitize(name)} : std::nullopt;
    };
    Throughput throughput{{.metric = "iostat.burst.bytes",
                           .key = "dev",
                           .directions = {"read", "write"},
                           .unit = sector_bytes,
                           .name = name_of},
                          flags,
                          self.interval()};
    return throughput.run(self, [&] {
        disks = proc::read_diskstats(root, text, std::move(disks));
        for (const proc::DiskStats& disk : disks) {
            if (disk.columns > partition_columns) {
                throughput(disk.name, {disk.values[proc::disk_sectors_read], disk.values[proc::disk_sectors_written]});
            }
        }
    });
}
