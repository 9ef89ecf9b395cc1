// SPDX-License-Identifier: MIT
// netlinks: the links of network interfaces, and packets for which CPUs had no room or time.
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <tickertape/attempt.hpp>
#include <tickertape/metric_name.hpp>
#include <tickertape/proc/links.hpp>
#include <tickertape/proc/softnet.hpp>
#include <tickertape/tables.hpp>

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

struct Cpus {
    std::string text;
    std::vector<proc::Softnet> rows;
};

struct Links {
    std::vector<proc::Link> all;
    LegalNames names;
};

} // namespace

int main(int argc, char* argv[]) {
    std::string sys_root = "/sys";
    Tables tables{{{"softnet"}, {"links"}}};
    Collector self{argc,
                   argv,
                   {.name = "netlinks",
                    .description = "Report net.link.* and net.softnet.*: links and packets without room or time.",
                    .interval = 15s,
                    .flags = tables.flags() + std::vector{sys_root_flag(sys_root)}}};
    const auto root = std::make_shared<proc::Root>(self.proc_root());
    const auto sys = std::make_shared<proc::Root>(sys_root);
    need_kernel_file(*root, "net/softnet_stat");
    tables.add<Cpus>(
        "softnet", [root](Cpus& cpus) { cpus.rows = proc::read_softnet(*root, cpus.text, std::move(cpus.rows)); },
        [](Cpus& cpus, Readings&, Totals& totals) {
            for (const proc::Softnet& row : cpus.rows) {
                const std::string cpu = std::to_string(row.cpu);
                totals("net.softnet.processed", row.processed, {{"cpu", cpu}});
                totals("net.softnet.dropped", row.dropped, {{"cpu", cpu}});
                totals("net.softnet.times_squeezed", row.squeezed, {{"cpu", cpu}});
            }
        });
    tables.add<Links>(
        "links", [sys](Links& links) { links.all = proc::read_links(*sys, std::move(links.all)); },
        [](Links& links, Readings& out, Totals& totals) {
            links.names.begin();
            for (const proc::Link& link : links.all) {
                if (const auto name = links.names(link.name)) {
                    report(out, totals, link, *name);
                }
            }
        });
    return self.run_every_n_seconds(self.interval(), [&](Readings& out) { tables.run(self, out); });
}
