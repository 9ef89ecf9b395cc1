// SPDX-License-Identifier: MIT
// ifstat: what went through the network interfaces.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tickertape/collector.hpp>

#include "collector/attempt.hpp"
#include "collector/metric_name.hpp"
#include "collector/totals.hpp"
#include "proc/net_dev.hpp"

using namespace tickertape;
using namespace std::chrono_literals;

namespace {

void report(collector::Totals& out, collector::MetricName& metric, const std::array<std::string_view, 8>& columns,
            const std::array<std::uint64_t, 8>& counts, std::string_view interface, std::string_view direction) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        out(metric(columns[i]), counts[i], {{"iface", interface}, {"direction", direction}});
    }
}

} // namespace

int main(int argc, char* argv[]) {
    bool per_second = false;
    Collector self{argc,
                   argv,
                   {.name = "ifstat",
                    .description = "Reports proc.net.*, what went through each network interface but bonds.",
                    .interval = 15s,
                    .flags = {collector::rate_flag(per_second)}}};
    const proc::Root root{self.proc_root()};
    collector::need_kernel_file(root, "net/dev");
    collector::Totals totals{per_second};
    std::string text;
    std::vector<proc::NetDevice> devices;
    collector::MetricName metric{"proc.net."};
    return self.run_every_n_seconds(self.interval(), [&](Readings& out) {
        totals.begin(out, self.clock().read().steady);
        collector::attempt([&] {
            devices = proc::read_net_dev(root, text, std::move(devices));
            for (const proc::NetDevice& device : devices) {
                if (device.name.starts_with("bond")) { // the interfaces that are bonded count the same
                    continue;
                }
                const std::string interface = sanitize(device.name);
                report(totals, metric, proc::net_dev_received, device.received, interface, "in");
                report(totals, metric, proc::net_dev_sent, device.sent, interface, "out");
            }
        });
    });
}
