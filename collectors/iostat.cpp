// SPDX-License-Identifier: MIT
// iostat: reads, writes and utilization of disks and partitions.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tickertape/attempt.hpp>
#include <tickertape/host_choices.hpp>
#include <tickertape/metric_name.hpp>
#include <tickertape/proc/block.hpp>
#include <tickertape/proc/diskstats.hpp>
#include <tickertape/totals.hpp>

using namespace tickertape;
using namespace std::chrono_literals;

namespace {

constexpr std::array<std::string_view, 17> columns{
    "read_requests",       "read_merged",       "read_sectors",    "msec_read",         "write_requests",
    "write_merged",        "write_sectors",     "msec_write",      "ios_in_progress",   "msec_total",
    "msec_weighted_total", "discards_requests", "discards_merged", "sectors_discarded", "msecs_discard",
    "flush_requests",      "msecs_flushing"};
constexpr std::array<std::string_view, 4> partition_columns{"read_issued", "read_sectors", "write_issued",
                                                            "write_sectors"}; // before Linux 2.6.25
constexpr std::uint64_t sector_bytes = 512; // the unit of /proc/diskstats for all disks

using Values = std::array<std::uint64_t, columns.size()>;

/// A disk in an earlier reading.
struct Before {
    std::string name;
    Values values;
    SteadyTime seen;

    static bool is_called_less(const Before& one, std::string_view name) { return one.name < name; }
};

double rounded(double number) { return std::round(number * 100) / 100; }

/// Reports the use of a disk between two readings; nothing if it was replaced in between.
void report_use(Readings& out, MetricName& metric, std::string_view name, const Values& before, const Values& now,
                double seconds) {
    const auto grown = [&](proc::DiskColumn column) -> std::optional<double> {
        const auto growth = tickertape::growth(before[column], now[column]);
        return growth ? std::optional{static_cast<double>(*growth)} : std::nullopt;
    };
    const auto reads = grown(proc::disk_reads);
    const auto writes = grown(proc::disk_writes);
    const auto reading = grown(proc::disk_ms_reading);
    const auto writing = grown(proc::disk_ms_writing);
    const auto busy = grown(proc::disk_ms_busy);
    if (!reads || !writes || !reading || !writing || !busy) {
        return;
    }
    const auto each = [](double milliseconds, double requests) {
        return requests > 0 ? rounded(milliseconds / requests) : 0.0;
    };
    out(metric("svctm"), each(*busy, *reads + *writes), {{"dev", name}});
    out(metric("r_await"), each(*reading, *reads), {{"dev", name}});
    out(metric("w_await"), each(*writing, *writes), {{"dev", name}});
    out(metric("await"), each(*reading + *writing, *reads + *writes), {{"dev", name}});
    out(metric("util"), rounded(*busy / 10 / seconds), {{"dev", name}}); // percent of the time
}

void report_values(Readings& out, Totals& totals, MetricName& metric, std::string_view name,
                   const proc::DiskStats& disk) {
    for (std::size_t i = 0; i < disk.columns; ++i) {
        const bool partition = disk.columns == partition_columns.size();
        const std::string_view column = partition ? partition_columns[i] : columns[i];
        if (!partition && i == proc::disk_in_progress) {
            out(metric(column), disk.values[i], {{"dev", name}});
        } else {
            totals(metric(column), disk.values[i], {{"dev", name}});
        }
        if (!partition && (i == proc::disk_sectors_read || i == proc::disk_sectors_written)) {
            totals(metric(i == proc::disk_sectors_read ? "read_bytes" : "write_bytes"), disk.values[i] * sector_bytes,
                   {{"dev", name}});
        }
    }
}

} // namespace

int main(int argc, char* argv[]) {
    bool per_second = false;
    std::string sys_root = "/sys";
    Choice devices{device_choice(sys_root)};
    Collector self{argc,
                   argv,
                   {.name = "iostat",
                    .description = "Report iostat.disk.* and iostat.part.*, the operations of block devices.",
                    .interval = 60s,
                    .differences = true,
                    .flags = devices.flags() + std::vector{rate_flag(per_second), sys_root_flag(sys_root)}}};
    const proc::Root root{self.proc_root()};
    const proc::Root sys{sys_root};
    need_kernel_file(root, "diskstats");
    Totals totals{per_second};
    std::vector<Before> before; // by name
    std::optional<SteadyTime> last;
    std::string text;
    std::string own_name;
    LegalNames names;
    std::vector<proc::DiskStats> disks;
    MetricName of_disks{"iostat.disk."};
    MetricName of_parts{"iostat.part."};
    return self.run_every_n_seconds(self.interval(), [&](Readings& out) {
        const SteadyTime now = self.clock().read().steady;
        totals.begin(out, now);
        names.begin();
        attempt([&] {
            const double seconds = last ? std::chrono::duration<double>(now - *last).count() : 0;
            disks = proc::read_diskstats(root, text, std::move(disks));
            for (const proc::DiskStats& disk : disks) {
                if (disk.values == Values{}) { // loop devices and the like that were never used
                    continue;
                }
                attempt([&] { // an unreadable name affects only this disk
                    const bool whole = proc::is_whole_disk(sys, disk.name);
                    MetricName& metric = whole ? of_disks : of_parts;
                    own_name = proc::mapped_name(sys, disk.name, std::move(own_name));
                    const std::string_view name = devices(own_name) ? names(own_name).value_or("") : "";
                    if (name.empty()) {
                        return;
                    }
                    report_values(out, totals, metric, name, disk);
                    const auto known = std::lower_bound(before.begin(), before.end(), name, Before::is_called_less);
                    if (known == before.end() || known->name != name) {
                        before.insert(known, {std::string{name}, disk.values, now});
                    } else if (known->seen != now) { // if two have the same name, the first one counts
                        if (whole && known->seen == last && seconds > 0) {
                            report_use(out, metric, name, known->values, disk.values, seconds);
                        }
                        *known = {std::move(known->name), disk.values, now};
                    }
                });
            }
            std::erase_if(before, [now](const Before& one) { return one.seen != now; });
            last = now;
        });
    });
}
