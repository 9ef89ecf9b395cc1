// SPDX-License-Identifier: MIT
// The real host collectors on this machine under load, compared with node_exporter (Debian's prometheus-node-exporter). Values
// that both report are within 1 %. Skipped if it is not installed; NODE_EXPORTER can name another place.
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/crosscheck.hpp"
#include "support/process.hpp"

using test::CrossCheck;
using test::of;
using test::times;
using test::Value;

namespace {

std::string program() {
    const char* const named = std::getenv("NODE_EXPORTER"); // NOLINT(concurrency-mt-unsafe): nobody sets any
    return named != nullptr ? named : "/usr/bin/prometheus-node-exporter";
}

/// node_exporter on a free port.
class NodeExporter {
public:
    NodeExporter()
        : process_{{.program = program(),
                    .arguments = {"--web.listen-address=127.0.0.1:0", "--web.disable-exporter-metrics"},
                    .out = std::filesystem::path{"/dev/null"}}} {
        const std::string place = "Listening on\" address=127.0.0.1:";
        while (const auto line = process_.err.read_line(test::at_some_time)) {
            if (const std::size_t at = line->find(place); at != std::string::npos) {
                port_ = std::to_string(std::stoi(line->substr(at + place.size())));
                return;
            }
        }
        FAIL("node_exporter does not say where it listens");
    }

    /// Returns the value of a label in the first series of a metric.
    [[nodiscard]] std::string first(const std::string& metric, const std::string& label) const {
        return test::output_of(get() + "sed -n 's/^" + metric + "{.*" + label +
                               "=\"\\([^\"]*\\)\".*/\\1/p' <&3 | head -n 1 | tr -d '\\n'");
    }

    /// Returns a command that prints the value of node_exporter's `series`.
    [[nodiscard]] std::string tell(const std::string& series) const {
        return get() + "awk '$1 == \"" + quoted(series) + "\" { print $2 }' <&3";
    }

private:
    [[nodiscard]] std::string get() const {
        return "exec 3<>/dev/tcp/127.0.0.1/" + port_ + "; printf 'GET /metrics HTTP/1.0\\r\\n\\r\\n' >&3; ";
    }
    static std::string quoted(const std::string& series) {
        std::string text;
        for (const char c : series) {
            text.append(c == '"' ? "\\" : "").push_back(c);
        }
        return text;
    }

    test::Process process_;
    std::string port_;
};

} // namespace

TEST_CASE("Host collectors agree with node_exporter, within 1 %") {
    if (!std::filesystem::exists(program())) {
        WARN("skipped, as " + program() + " is not installed");
        return;
    }
    const test::Load load;
    const NodeExporter others;
    std::vector<CrossCheck> checks;
    const auto same = [&](const char* collector, const std::string& series, const Value& ours, double rounding = 0) {
        checks.push_back({.collector = collector,
                          .command = others.tell("node_" + series),
                          .ours = ours,
                          .rounding = rounding,
                          .tolerance = 0.01});
    };
    const double ticks = 100; // a second
    same("procstats", "context_switches_total", of("proc.stat.ctxt"));
    same("procstats", "intr_total", of("proc.stat.intr"));
    same("procstats", "forks_total", of("proc.stat.processes"));
    same("procstats", "procs_blocked", of("proc.stat.procs_blocked"), 1);
    same("procstats", "cpu_seconds_total{cpu=\"0\",mode=\"user\"}",
         times(of("proc.stat.cpu.percpu", {"cpu=0", "type=user"}), 1 / ticks));
    same("procstats", "memory_MemTotal_bytes", of("proc.meminfo.memtotal"));
    same("procstats", "memory_MemAvailable_bytes", of("proc.meminfo.memavailable"));
    same("procstats", "vmstat_pgfault", of("proc.vmstat.pgfault"));
    same("procstats", "vmstat_oom_kill", of("proc.vmstat.oom_kill"));
    same("procstats", "load15", of("proc.loadavg.15min"));
    const std::string device = others.first("node_network_receive_bytes_total", "device");
    const std::string of_device = "{device=\"" + device + "\"}";
    same("ifstat", "network_receive_bytes_total" + of_device,
         of("proc.net.bytes", {"iface=" + device, "direction=in"}));
    same("ifstat", "network_transmit_packets_total" + of_device,
         of("proc.net.packets", {"iface=" + device, "direction=out"}));
    same("netstat", "netstat_Tcp_ActiveOpens", of("net.stat.tcp.activeopens"));
    same("netstat", "netstat_Tcp_PassiveOpens", of("net.stat.tcp.passiveopens"));
    same("netstat", "netstat_Tcp_RetransSegs", of("net.stat.tcp.retranssegs"));
    same("netstat", "netstat_Tcp_InSegs", of("net.stat.tcp.segments", {"direction=in"}));
    same("netstat", "netstat_TcpExt_TCPTimeouts", of("net.stat.tcp.timeouts"));
    same("netstat", "netstat_TcpExt_TCPSynRetrans", of("net.stat.tcp.synretrans"));
    same("netstat", "netstat_TcpExt_ListenOverflows", of("net.stat.tcp.failed_accept", {"reason=full_acceptq"}));
    same("pressure", "pressure_cpu_waiting_seconds_total", times(of("proc.pressure.cpu.some.total"), 1e-6));
    same("kernel", "filefd_allocated", of("proc.filefd.allocated"), 200); // it goes up and down
    same("kernel", "filefd_maximum", of("proc.filefd.maximum"));
    same("kernel", "timex_sync_status", of("timex.sync_status"));
    same("kernel", "timex_maxerror_seconds", of("timex.maxerror_seconds"), 0.001);
    same("kernel", "timex_frequency_adjustment_ratio", of("timex.frequency_adjustment_ratio"));
    same("netlinks", "softnet_processed_total{cpu=\"0\"}", of("net.softnet.processed", {"cpu=0"}));
    same("netlinks", "softnet_dropped_total{cpu=\"0\"}", of("net.softnet.dropped", {"cpu=0"}));
    same("netlinks", "softnet_times_squeezed_total{cpu=\"0\"}", of("net.softnet.times_squeezed", {"cpu=0"}));
    same("netlinks", "network_carrier{device=\"lo\"}", of("net.link.carrier", {"iface=lo"}));
    same("netlinks", "network_carrier_changes_total{device=\"lo\"}", of("net.link.carrier_changes", {"iface=lo"}));
    test::check(checks);
}
