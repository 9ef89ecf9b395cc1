// SPDX-License-Identifier: MIT
// dfstat: how full file systems are.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <tickertape/collector.hpp>

#include "base/quote.hpp"
#include "collector/attempt.hpp"
#include "collector/metric_name.hpp"
#include "collector/mount_space.hpp"
#include "collector/setting_values.hpp"
#include "proc/mounts.hpp"

using namespace tickertape;
using namespace std::chrono_literals;

namespace {

constexpr std::array<std::string_view, 6> ignored_types{"cgroup", "debugfs", "devtmpfs", "nfs", "rpc_pipefs", "rootfs"};
constexpr std::array<std::string_view, 5> ignored_folders{"/dev", "/sys", "/proc", "/lib", "/var/lib/kubelet"};

bool is_below(std::string_view path, std::string_view folder) {
    return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

bool is_of_interest(const proc::Mount& mount) {
    return mount.device != "none" && !mount.type.starts_with("fuse.") && !mount.point.starts_with("net:") &&
           std::find(ignored_types.begin(), ignored_types.end(), mount.type) == ignored_types.end() &&
           std::none_of(ignored_folders.begin(), ignored_folders.end(),
                        [&](std::string_view folder) { return is_below(mount.point, folder); });
}

/// Of those on one directory the last, which hides the others; then of the mounts of one disk the one with the shortest
/// name, as the others are parts of it.
std::vector<proc::Mount> without_doubles(const std::vector<proc::Mount>& all) {
    std::map<std::string, const proc::Mount*> by_point;
    for (const proc::Mount& mount : all) {
        by_point[mount.point] = &mount;
    }
    std::vector<proc::Mount> mounts;
    for (const auto& [point, mount] : by_point) {
        const auto same =
            std::find_if(mounts.begin(), mounts.end(), [device = mount->device](const proc::Mount& other) {
                return is_below(device, "/dev") && other.device == device;
            });
        if (!is_of_interest(*mount)) {
            continue;
        }
        if (same == mounts.end()) {
            mounts.push_back(*mount);
        } else if (point.size() < same->point.size()) {
            *same = *mount;
        }
    }
    return mounts;
}

void report(Readings& out, const proc::Mount& mount, const struct statvfs& space, collector::MetricName& bytes,
            collector::MetricName& inodes) {
    const auto report_kind = [&](collector::MetricName& metric, std::uint64_t unit, std::uint64_t total,
                                 std::uint64_t used, std::uint64_t free, std::uint64_t available) {
        const auto with_tags = [&](std::string_view name, auto value) {
            out(metric(name), value, {{"mount", mount.point}, {"fstype", mount.type}});
        };
        with_tags("total", unit * total);
        with_tags("used", unit * used);
        with_tags("free", unit * free);
        if (used + available > 0) { // else there is nothing to have a percentage of
            with_tags("percentused", static_cast<double>(used) * 100.0 / static_cast<double>(used + available));
        }
    };
    report_kind(bytes, space.f_frsize, space.f_blocks, space.f_blocks - std::min(space.f_bfree, space.f_blocks),
                space.f_bavail, space.f_bavail);
    const std::uint64_t used_inodes = space.f_files - std::min(space.f_ffree, space.f_files);
    report_kind(inodes, 1, space.f_files, used_inodes, space.f_ffree, space.f_files - used_inodes);
}

std::chrono::milliseconds seconds_of(const std::string& text) {
    const auto time = collector::parse_duration(text);
    if (!time || *time <= 0s) {
        throw UsageError{base::quote(text) + " is no time above 0; write 2, 0.5 or 500ms"};
    }
    return *time;
}

} // namespace

int main(int argc, char* argv[]) {
    std::string longest_wait = "2";
    Collector self{argc,
                   argv,
                   {.name = "dfstat",
                    .description = "Reports df.bytes.* and df.inodes.*, how full each mounted file system is.",
                    .interval = 60s,
                    .flags = {{.name = "--deadline",
                               .help = "Skip a mount that does not answer for so long",
                               .kind = "SECONDS",
                               .target = &longest_wait,
                               .check = [](const std::string& text) { static_cast<void>(seconds_of(text)); }}}}};
    const proc::Root root{self.proc_root()};
    collector::need_kernel_file(root, "mounts");
    collector::MountSpace space_of;
    std::string text;
    std::string before; // text of the mounts
    std::vector<proc::Mount> mounts;
    proc::Mount tags; // of the one at hand
    collector::MetricName bytes{"df.bytes."};
    collector::MetricName inodes{"df.inodes."};
    const std::chrono::milliseconds deadline = seconds_of(longest_wait);
    return self.run_every_n_seconds(self.interval(), [&](Readings& out) {
        int silent = 0;
        int forbidden = 0; // as the mounts of containers are, for good: nothing to be said each minute
        collector::attempt([&] {
            if (const std::string_view now = root.need_all("mounts", text); now != before) {
                mounts = without_doubles(proc::parse_mounts(now, root.path_of("mounts")));
                before.assign(now);
            }
            for (const proc::Mount& mount : mounts) {
                collector::attempt([&] {
                    try {
                        const auto space = space_of.of(mount.point, deadline);
                        silent += space ? 0 : 1;
                        if (space && space->f_blocks > 0) { // others are of no size, as autofs
                            collector::repair(tags.point.assign(mount.point));
                            collector::repair(tags.type.assign(mount.type));
                            report(out, tags, *space, bytes, inodes);
                        }
                    } catch (const std::system_error& error) {
                        if (error.code() != std::errc::permission_denied) {
                            throw;
                        }
                        ++forbidden;
                    }
                });
            }
        });
        out("df.mounts.skipped", silent, {{"reason", "no_answer"}});
        out("df.mounts.skipped", forbidden, {{"reason", "no_permission"}});
    });
}
