// SPDX-License-Identifier: MIT
// cgroup: resources of control groups (services, containers), and the effects of their limits.
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tickertape/attempt.hpp>
#include <tickertape/collector.hpp>
#include <tickertape/metric_name.hpp>
#include <tickertape/proc/cgroup.hpp>
#include <tickertape/proc/relative_path.hpp>
#include <tickertape/proc/tokens.hpp>
#include <tickertape/totals.hpp>

using namespace tickertape;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t most_groups = 1000;

/// The files of one group.
class Group {
public:
    Group(const proc::Root& sys, std::string_view folder) : sys_{sys}, folder_{folder} {}

    void open(std::string_view group) { group_ = group; }

    /// Calls f(text, path) if the group has this file. The controllers of a group decide which files it has.
    template <class F>
    void with(std::string_view file, const F& f) {
        attempt([&] {
            const proc::RelativePath name = proc::RelativePath{folder_}.append(group_).append("/").append(file);
            if (const auto text = sys_.read_all(name.c_str(), text_); text) {
                f(*text, sys_.path_of(name.text()));
            }
        });
    }

private:
    const proc::Root& sys_;
    std::string_view folder_;
    std::string_view group_;
    std::string text_;
};

/// Returns `sda` for `8:0`. The device may have gone.
std::string device_name(const proc::Root& sys, std::string_view numbers) {
    std::string text;
    const proc::RelativePath file = proc::RelativePath{"dev/block/"}.append(numbers).append("/uevent");
    const std::string_view about = sys.read_all(file.c_str(), text).value_or("");
    constexpr std::string_view key = "DEVNAME=";
    const std::size_t at = about.find(key);
    return at == std::string_view::npos
               ? std::string{numbers}
               : std::string{about.substr(at + key.size(), about.find('\n', at) - at - key.size())};
}

} // namespace

int main(int argc, char* argv[]) {
    bool per_second = false;
    std::string sys_root = "/sys";
    std::string depth = "4";
    const auto check_depth = [](const std::string& text) {
        if (unsigned levels = 0; !proc::to_number(text, levels)) {
            throw UsageError{"'" + text + "' is no number of levels"};
        }
    };
    Collector self{argc,
                   argv,
                   {.name = "cgroup",
                    .description = "Report cgroup.*, use and limits of control groups (version 2).",
                    .interval = 15s,
                    .flags = {rate_flag(per_second),
                              sys_root_flag(sys_root),
                              {.name = "--depth",
                               .help = "Report groups up to LEVELS below the root",
                               .kind = "LEVELS",
                               .target = &depth,
                               .check = check_depth}}}};
    const proc::Root sys{sys_root};
    const auto folder = proc::cgroup_folder(sys);
    if (!folder) {
        throw CannotWork{"there are no control groups of version 2 below " + sys_root + "/fs/cgroup"};
    }
    Totals totals{per_second};
    LegalNames names;
    Group group{sys, *folder};
    std::vector<std::string> groups;
    std::vector<proc::NamedNumber> numbers;
    std::vector<proc::CgroupIo> transfers;
    MetricName metric{"cgroup."};
    return self.run_every_n_seconds(self.interval(), [&](Readings& out) {
        totals.begin(out, self.clock().read().steady);
        names.begin();
        attempt([&] { groups = proc::list_cgroups(sys, *folder, std::stoul(depth), most_groups, std::move(groups)); });
        if (groups.size() >= most_groups) {
            // Message: control groups: more than 1000: the others are left out
            // Cause: The machine has more groups within --depth than are reported.
            // Remedy: Use a smaller --depth.
            warn("control groups: more than 1000: the others are left out");
        }
        for (const std::string& its : groups) {
            const auto name = names(its.empty() ? "/" : its);
            if (!name) {
                continue;
            }
            group.open(its);
            group.with("cpu.stat", [&](std::string_view text, std::string_view path) {
                numbers = proc::parse_named_numbers(text, path, sys.skipped(), std::move(numbers));
                for (const auto& [what, number] : numbers) {
                    totals(metric(std::string{"cpu."}.append(what)), number, {{"cgroup", *name}});
                }
            });
            group.with("memory.events", [&](std::string_view text, std::string_view path) {
                numbers = proc::parse_named_numbers(text, path, sys.skipped(), std::move(numbers));
                for (const auto& [event, number] : numbers) {
                    totals("cgroup.memory.events", number, {{"cgroup", *name}, {"event", event}});
                }
            });
            group.with("io.stat", [&](std::string_view text, std::string_view path) {
                transfers = proc::parse_cgroup_io(text, path, sys.skipped(), std::move(transfers));
                for (const auto& [device, what, number] : transfers) {
                    std::string dev = device_name(sys, device);
                    repair(dev);
                    totals(metric(std::string{"io."}.append(what)), number, {{"cgroup", *name}, {"dev", dev}});
                }
            });
            group.with("cpu.max", [&](std::string_view text, std::string_view path) {
                if (const auto cpus = proc::parse_cgroup_cpus(text, path)) {
                    out("cgroup.cpu.max", *cpus, {{"cgroup", *name}});
                }
            });
            for (const std::string_view file : {"memory.current", "memory.max"}) {
                group.with(file, [&](std::string_view text, std::string_view path) {
                    if (const auto bytes = proc::parse_cgroup_limit(text, path)) {
                        out(metric(file), *bytes, {{"cgroup", *name}});
                    }
                });
            }
        }
    });
}
