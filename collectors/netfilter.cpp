// SPDX-License-Identifier: MIT
// netfilter: how full the table of tracked connections is, and how it is set up.
#include <array>
#include <string>
#include <string_view>

#include <tickertape/attempt.hpp>
#include <tickertape/collector.hpp>
#include <tickertape/metric_name.hpp>
#include <tickertape/proc/number_file.hpp>

using namespace tickertape;
using namespace std::chrono_literals;

namespace {

// Of those in the directory, the ones that dashboards know.
constexpr std::array<std::string_view, 21> names{"nf_conntrack_buckets",
                                                 "nf_conntrack_checksum",
                                                 "nf_conntrack_count",
                                                 "nf_conntrack_generic_timeout",
                                                 "nf_conntrack_icmp_timeout",
                                                 "nf_conntrack_log_invalid",
                                                 "nf_conntrack_max",
                                                 "nf_conntrack_tcp_be_liberal",
                                                 "nf_conntrack_tcp_loose",
                                                 "nf_conntrack_tcp_max_retrans",
                                                 "nf_conntrack_tcp_timeout_close",
                                                 "nf_conntrack_tcp_timeout_close_wait",
                                                 "nf_conntrack_tcp_timeout_established",
                                                 "nf_conntrack_tcp_timeout_fin_wait",
                                                 "nf_conntrack_tcp_timeout_last_ack",
                                                 "nf_conntrack_tcp_timeout_max_retrans",
                                                 "nf_conntrack_tcp_timeout_syn_recv",
                                                 "nf_conntrack_tcp_timeout_syn_sent",
                                                 "nf_conntrack_tcp_timeout_time_wait",
                                                 "nf_conntrack_udp_timeout",
                                                 "nf_conntrack_udp_timeout_stream"};

} // namespace

int main(int argc, char* argv[]) {
    Collector self{argc,
                   argv,
                   {.name = "netfilter",
                    .description = "Reports proc.sys.net.netfilter.*, the table of tracked connections and its limits.",
                    .interval = 15s}};
    const proc::Root root{self.proc_root()};
    if (!root.has("sys/net/netfilter/nf_conntrack_max")) {
        throw CannotWork{"there is no " + (root.path() / "sys/net/netfilter/nf_conntrack_max").string() +
                         ": connections are not tracked here"};
    }
    MetricName file{"sys/net/netfilter/"};
    MetricName metric{"proc.sys.net.netfilter."};
    return self.run_every_n_seconds(self.interval(), [&](Readings& out) {
        for (const std::string_view name : names) {
            attempt([&] {
                // Kernels differ in what they have.
                if (const auto value = proc::read_number_file(root, file(name).c_str())) {
                    out(metric(name), *value);
                }
            });
        }
    });
}
