// SPDX-License-Identifier: MIT
// netburst: how unevenly bytes pass the network interfaces within a second.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tickertape/attempt.hpp>
#include <tickertape/host_choices.hpp>
#include <tickertape/proc/net_dev.hpp>
#include <tickertape/throughput.hpp>

using namespace tickertape;
using namespace std::chrono_literals;

int main(int argc, char* argv[]) {
    Throughput::Flags flags;
    Choice interfaces{interface_choice()};
    Collector self{argc,
                   argv,
                   {.name = "netburst",
                    .description = "Report proc.net.burst.bytes.*: peak and median throughput of links in seconds.",
                    .interval = 1s,
                    .differences = true,
                    .flags = interfaces.flags() + flags.flags()}};
    const proc::Root root{self.proc_root()};
    need_kernel_file(root, "net/dev");
    std::string text;
    std::vector<proc::NetDevice> devices;
    const auto name_of = [&interfaces](std::string_view interface) {
        return interfaces(interface) ? std::optional{sanitize(interface)} : std::nullopt;
    };
    Throughput throughput{
        {.metric = "proc.net.burst.bytes", .key = "iface", .directions = {"in", "out"}, .name = name_of},
        flags,
        self.interval()};
    return throughput.run(self, [&] {
        devices = proc::read_net_dev(root, text, std::move(devices));
        for (const proc::NetDevice& device : devices) {
            throughput(device.name, {device.received[0], device.sent[0]}); // bytes are the first column
        }
    });
}
