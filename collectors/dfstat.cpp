// SPDX-License-Identifier: MIT
// dfstat: the used and free space of file systems.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <tickertape/attempt.hpp>
#include <tickertape/flag_values.hpp>
#include <tickertape/host_choices.hpp>
#include <tickertape/metric_name.hpp>
#include <tickertape/proc/mount_space.hpp>
#include <tickertape/proc/mounts.hpp>

using namespace tickertape;
using namespace std::chrono_literals;

namespace {

/// The choice of mounts to report, by the user's --include- and --exclude- flags.
struct Interest {
    Choice mounts{mount_choice()};
    Choice types{fs_type_choice()};

    /// Returns whether a mount is reported. Other mounts are not asked for their space. An autofs is never asked, because the question
    /// would make it mount. The collector's own list of types does not apply to the root.
    bool operator()(const proc::Mount& mount) const {
        return mount.device != "none" && mount.type != "autofs" && mounts(mount.point) &&
               types(mount.type, mount.point != "/");
    }
};

/// Keeps one mount of each file system, the one with the shortest name: the others show a part of it.
std::vector<proc::Mount> without_doubles(std::vector<proc::MountInfo> all, const Interest& is_of_interest) {
    std::erase_if(all, [&](const proc::MountInfo& one) { return !is_of_interest(one.mount); });
    std::map<std::string, proc::Mount> shortest; // by file system
    for (proc::MountInfo& one : all) {
        proc::Mount& mount = shortest[one.file_system];
        if (mount.point.empty() || one.mount.point.size() < mount.point.size()) {
            mount = std::move(one.mount);
        }
    }
    std::vector<proc::Mount> mounts;
    for (auto& [file_system, mount] : shortest) {
        mounts.push_back(std::move(mount));
    }
    std::sort(mounts.begin(), mounts.end(), [](const auto& a, const auto& b) { return a.point < b.point; });
    return mounts;
}

void report(Readings& out, const proc::Mount& mount, const struct statvfs& space, MetricName& bytes,
            MetricName& inodes) {
    const auto report_kind = [&](MetricName& metric, std::uint64_t unit, std::uint64_t total, std::uint64_t used,
                                 std::uint64_t free, std::uint64_t available) {
        const auto with_tags = [&](std::string_view name, auto value) {
            out(metric(name), value, {{"mount", mount.point}, {"fstype", mount.type}});
        };
        with_tags("total", unit * total);
        with_tags("used", unit * used);
        with_tags("free", unit * free);
        if (used + available > 0) { // otherwise there is nothing to compute a percentage of
            with_tags("percentused", static_cast<double>(used) * 100.0 / static_cast<double>(used + available));
        }
    };
    out("df.readonly", mount.is_read_only() ? 1 : 0, {{"mount", mount.point}, {"fstype", mount.type}});
    report_kind(bytes, space.f_frsize, space.f_blocks, space.f_blocks - std::min(space.f_bfree, space.f_blocks),
                space.f_bavail, space.f_bavail);
    const std::uint64_t used_inodes = space.f_files - std::min(space.f_ffree, space.f_files);
    report_kind(inodes, 1, space.f_files, used_inodes, space.f_ffree, space.f_files - used_inodes);
}

} // namespace

int main(int argc, char* argv[]) {
    std::string longest_wait = "2";
    Interest interest;
    Collector self{argc,
                   argv,
                   {.name = "dfstat",
                    .description = "Report df.bytes.*, df.inodes.* and df.readonly of each mounted file system.",
                    .interval = 60s,
                    .flags = interest.mounts.flags() + interest.types.flags() +
                             std::vector<Collector::Flag>{{.name = "--deadline",
                                                           .help = "Skip a mount that does not answer within DURATION",
                                                           .kind = "DURATION",
                                                           .target = &longest_wait,
                                                           .check = [](const std::string& text) {
                                                               static_cast<void>(positive_duration(text));
                                                           }}}}};
    const proc::Root root{self.proc_root()};
    need_kernel_file(root, "mounts");
    proc::MountSpace space_of;
    proc::MountReader reader;
    std::vector<proc::Mount> mounts;
    proc::Mount tags; // the present mount
    LegalNames names;
    // The host's mounts are below the folder of its process 1.
    const std::string folder = root.is_of_another_host() ? (root.path() / "1/root").string() : "";
    std::string place;
    Problem closed;
    MetricName bytes{"df.bytes."};
    MetricName inodes{"df.inodes."};
    const std::chrono::milliseconds deadline = positive_duration(longest_wait);
    return self.run_every_n_seconds(self.interval(), [&](Readings& out) {
        names.begin();
        int silent = 0;
        int forbidden = 0; // mounts of containers are always like this, so it is not reported
        attempt([&] {
            if (reader.read(root)) {
                mounts = without_doubles(reader.mounts(), interest);
            }
            for (const proc::Mount& mount : mounts) {
                attempt([&] {
                    try {
                        const auto space = space_of.of(place.assign(folder).append(mount.point), deadline);
                        silent += space ? 0 : 1;
                        if (space && space->f_blocks > 0) { // other mounts have no size, such as autofs
                            if (const auto name = names(mount.point)) {
                                tags.point.assign(*name);
                                repair(tags.type.assign(mount.type));
                                tags.options.assign(mount.options);
                                report(out, tags, *space, bytes, inodes);
                            }
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
        const bool are_closed = !folder.empty() && forbidden > 0 && std::cmp_equal(forbidden, mounts.size());
        closed.set(are_closed
                       ? folder +
                             " may not be looked into, so that nothing is reported: this needs --user root and the "
                             "capability SYS_PTRACE"
                       : "",
                   self.clock().read().steady);
        out("df.mounts.skipped", silent, {{"reason", "no_answer"}});
        out("df.mounts.skipped", forbidden, {{"reason", "no_permission"}});
    });
}
