// SPDX-License-Identifier: MIT
// netlinks: the links of network interfaces, and packets that CPUs had no room or time for.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <tickertape/attempt.hpp>
#include <tickertape/collector.hpp>
#include <tickertape/metric_name.hpp>
#include <tickertape/proc/links.hpp>
#include <tickertape/proc/softnet.hpp>
#include <tickertape/slow_source.hpp>
#include <tickertape/totals.hpp>

using namespace tickertape;
using namespace std::chrono_literals;

namespace {

void report(Readings& out, Totals& totals, const proc::Link& link, std::string_view name) {
    const auto level = [&](Name metric, const auto& value) {
        if (value) {
            out(metric, static_cast<std::int64_t>(*value), {{"iface", name}});
        }
    };
    const auto total = [&](Name metric, const std::optional<std::int64_t>& value) {
        if (value && *value >= 0) {
            totals(metric, static_cast<std::uint64_t>(*value), {{"iface", name}});
        }
    };
    level("net.link.up", link.is_up);
    level("net.link.carrier", link.carrier);
    level("net.link.speed_bytes", link.speed);
    total("net.link.carrier_changes", link.carrier_changes);
    total("net.link.carrier_up_changes", link.carrier_up_count);
    total("net.link.carrier_down_changes", link.carrier_down_count);
}

} // namespace

int main(int argc, char* argv[]) {
    bool per_second = false;
    std::string sys_root = "/sys";
    Collector self{argc,
                   argv,
                   {.name = "netlinks",
                    .description = "Reports net.link.* and net.softnet.*: links, and packets without room or time.",
                    .interval = 15s,
                    .flags = {rate_flag(per_second), sys_root_flag(sys_root)}}};
    const proc::Root root{self.proc_root()};
    need_kernel_file(root, "net/softnet_stat");
    Totals totals{per_second};
    std::string text;
    std::vector<proc::Softnet> cpus;
    LegalNames names;
    SlowSource<std::vector<proc::Link>> links{"the state of network links", proc::links_reader(sys_root)};
    return self.run_every_n_seconds(self.interval(), [&](Readings& out) {
        totals.begin(out, self.clock().read().steady);
        names.begin();
        attempt([&] {
            cpus = proc::read_softnet(root, text, std::move(cpus));
            for (const proc::Softnet& row : cpus) {
                const std::string cpu = std::to_string(row.cpu);
                totals("net.softnet.processed", row.processed, {{"cpu", cpu}});
                totals("net.softnet.dropped", row.dropped, {{"cpu", cpu}});
                totals("net.softnet.times_squeezed", row.squeezed, {{"cpu", cpu}});
            }
        });
        if (const auto* const found = links(self.interval() / 10, self.clock().read().steady)) {
            for (const proc::Link& link : *found) {
                if (const auto name = names(link.name)) {
                    report(out, totals, link, *name);
                }
            }
        }
    });
}
