// SPDX-License-Identifier: MIT
// netfilter: the use of the table of tracked connections, and its settings.
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tickertape/attempt.hpp>
#include <tickertape/proc/number_file.hpp>
#include <tickertape/tables.hpp>

using namespace tickertape;
using namespace std::chrono_literals;

namespace {

// The files that dashboards know, out of all in the directory.
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
    std::vector<Tables::Table> files;
    for (const std::string_view name : names) {
        files.push_back({std::string{name}});
    }
    Tables tables{files, false};
    Collector self{argc,
                   argv,
                   {.name = "netfilter",
                    .description = "Report proc.sys.net.netfilter.*, tracked connections and their limits.",
                    .interval = 15s,
                    .flags = tables.flags()}};
    const auto root = std::make_shared<proc::Root>(self.proc_root());
    if (!root->has("sys/net/netfilter/nf_conntrack_max")) {
        throw CannotWork{"there is no " + (root->path() / "sys/net/netfilter/nf_conntrack_max").string() +
                         ": connections are not tracked here"};
    }
    for (const Tables::Table& table : files) {
        using Number = std::optional<std::int64_t>; // kernels differ in their files
        tables.add<Number>(
            table.name,
            [root, file = "sys/net/netfilter/" + table.name](Number& value) {
                value = proc::read_number_file(*root, file.c_str());
            },
            [metric = "proc.sys.net.netfilter." + table.name](Number& value, Readings& out, Totals&) {
                if (value) {
                    out(metric, *value);
                }
            });
    }
    return self.run_every_n_seconds(self.interval(), [&](Readings& out) { tables.run(self, out); });
}
