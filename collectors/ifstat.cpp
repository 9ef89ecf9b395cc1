// SPDX-License-Identifier: MIT
// ifstat: the traffic of the network interfaces.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tickertape/attempt.hpp>
#include <tickertape/host_choices.hpp>
#include <tickertape/metric_name.hpp>
#include <tickertape/proc/net_dev.hpp>
#include <tickertape/totals.hpp>

using namespace tickertape;
using namespace std::chrono_literals;

namespace {

void report(Totals& out, MetricName& metric, const std::array<std::string_view, 8>& columns,
            const std::array<std::uint64_t, 8>& counts, std::string_view interface, std::string_view direction) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        out(metric(columns[i]), counts[i], {{"iface", interface}, {"direction", direction}});
    }
}

} // namespace

int main(int argc, char* argv[]) {
    bool per_second = false;
    Choice interfaces{interface_choice()};
    Collector self{argc,
                   argv,
                   {.name = "ifstat",
                    .description = "Report proc.net.*, the traffic of each network interface.",
                    .interval = 15s,
                    .flags = interfaces.flags() + std::vector{rate_flag(per_second)}}};
    const proc::Root root{self.proc_root()};
    need_kernel_file(root, "net/dev");
    Totals totals{per_second};
    std::string text;
    std::vector<proc::NetDevice> devices;
    MetricName metric{"proc.net."};
    LegalNames names;
    return self.run_every_n_seconds(self.interval(), [&](Readings& out) {
        totals.begin(out, self.clock().read().steady);
        names.begin();
        attempt([&] {
            devices = proc::read_net_dev(root, text, std::move(devices));
            for (const proc::NetDevice& device : devices) {
                if (!interfaces(device.name)) {
                    continue;
                }
                if (const auto interface = names(device.name)) {
                    report(totals, metric, proc::net_dev_received, device.received, *interface, "in");
                    report(totals, metric, proc::net_dev_sent, device.sent, *interface, "out");
                }
            }
        });
    });
}
