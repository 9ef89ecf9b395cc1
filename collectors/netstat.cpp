// SPDX-License-Identifier: MIT
// netstat: sockets, and what became of TCP connections and UDP datagrams.
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tickertape/attempt.hpp>
#include <tickertape/collector.hpp>
#include <tickertape/metric_name.hpp>
#include <tickertape/proc/metric_rules.hpp>
#include <tickertape/proc/net_netstat.hpp>
#include <tickertape/proc/net_sockstat.hpp>
#include <tickertape/proc/tcp_sockets.hpp>
#include <tickertape/totals.hpp>

using namespace tickertape;
using namespace std::chrono_literals;

namespace {

/// The counters of the kernel and their metrics, in the form that proc::metric_rules reads. `net.` goes in front of each metric.
constexpr std::string_view table = R"(TCP sockstat.num_sockets type alloc=tcp
TCP sockstat.num_timewait - tw
TCP sockstat.sockets_inuse type inuse=tcp
UDP sockstat.sockets_inuse type inuse=udp
UDPLITE sockstat.sockets_inuse type inuse=udplite
RAW sockstat.sockets_inuse type inuse=raw
TCP sockstat.num_orphans - orphan
TCP sockstat.memory type mem=tcp
UDP sockstat.memory type mem=udp
FRAG sockstat.memory type memory=ipfrag
FRAG sockstat.ipfragqueues - inuse
TcpExt stat.tcp.abort.failed - TCPAbortFailed
TcpExt stat.tcp.syncookies type SyncookiesSent=sent SyncookiesRecv=received SyncookiesFailed=failed
TcpExt stat.tcp.memory.prune type OfoPruned=drop_ofo_queue RcvPruned=drop_received
TcpExt stat.tcp.delayedack type DelayedACKs=sent DelayedACKLocked=locked DelayedACKLost=lost
TcpExt stat.tcp.failed_accept reason ListenOverflows=full_acceptq ListenDrops-ListenOverflows=other
TcpExt stat.tcp.retransmit type TCPForwardRetrans=forward TCPFastRetrans=fast TCPSlowStartRetrans=slowstart
TcpExt stat.tcp.packetloss.recovery type TCPRenoRecovery=fast_retransmit TCPSackRecovery=sack
TcpExt stat.tcp.reording detectedby TCPFACKReorder=fack TCPSACKReorder=sack
TcpExt stat.tcp.reording detectedby TCPRenoReorder=fast_retransmit TCPTSReorder=timestamp
TcpExt stat.tcp.congestion.recovery type TCPFullUndo=full_undo TCPPartialUndo=hoe_heuristic
TcpExt stat.tcp.congestion.recovery type TCPDSACKUndo=sack TCPLossUndo=ack
TcpExt stat.tcp.abort type TCPAbortOnSyn=unexpected_syn TCPAbortOnData=data_after_fin_wait1 TCPAbortOnTimeout=timeout
TcpExt stat.tcp.abort type TCPAbortOnClose=data_after_close TCPAbortOnMemory=out_of_memory TCPAbortOnLinger=linger
TcpExt stat.tcp.memory.pressure - TCPMemoryPressures
TcpExt stat.tcp.invalid_sack type TCPSACKDiscard=invalid TCPDSACKIgnoredOld=retransmit TCPDSACKIgnoredNoUndo=olddup
TcpExt stat.tcp.receive.queue.full - TCPBacklogDrop
TcpExt stat.tcp.timeouts - TCPTimeouts
TcpExt stat.tcp.synretrans - TCPSynRetrans
Tcp stat.tcp.retranssegs - RetransSegs
Tcp stat.tcp.activeopens - ActiveOpens
Tcp stat.tcp.passiveopens - PassiveOpens
Tcp stat.tcp.attemptfails - AttemptFails
Tcp stat.tcp.estabresets - EstabResets
Tcp stat.tcp.segments direction InSegs=in OutSegs=out
Tcp stat.tcp.resets direction OutRsts=out
Tcp stat.tcp.errors direction InErrs=in
Udp stat.udp.datagrams direction InDatagrams=in OutDatagrams=out
Udp stat.udp.errors direction=in,reason NoPorts=noport InErrors-RcvbufErrors=other RcvbufErrors=nomem
Udp stat.udp.errors direction=out,reason SndbufErrors=nomem)";

} // namespace

int main(int argc, char* argv[]) {
    bool per_second = false;
    Collector self{argc,
                   argv,
                   {.name = "netstat",
                    .description = "Reports net.sockstat.*, net.stat.* and net.tcp_state.*: sockets, TCP and UDP.",
                    .interval = 15s,
                    .flags = {rate_flag(per_second)}}};
    const proc::Root root{self.proc_root()};
    need_kernel_file(root, "net/sockstat");
    proc::TcpSocketReader tcp{root};
    Totals totals{per_second};
    std::string text;
    const std::vector<proc::MetricRule> rules = proc::metric_rules(table, "net.");
    std::vector<proc::SockStat> uses;
    std::vector<proc::SnmpCounter> rows;
    MetricName state{"net.tcp_state."};
    return self.run_every_n_seconds(self.interval(), [&](Readings& out) {
        totals.begin(out, self.clock().read().steady);
        const auto socket = [&](const proc::MetricRule& rule, std::uint64_t number) {
            const bool in_pages = rule.name == "mem";
            out(rule.metric, in_pages ? number * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) : number, rule.tags);
        };
        const auto counter = [&](const proc::MetricRule& rule, std::uint64_t number) {
            totals(rule.metric, number, rule.tags);
        };
        attempt([&] { proc::apply(rules, uses = proc::read_net_sockstat(root, text, std::move(uses)), socket); });
        attempt([&] { proc::apply(rules, rows = proc::read_net_netstat(root, text, std::move(rows)), counter); });
        attempt([&] { proc::apply(rules, rows = proc::read_net_snmp(root, text, std::move(rows)), counter); });
        for (const std::string_view file : {"net/tcp", "net/tcp6"}) {
            attempt([&] {
                const auto count = tcp.count(file.data(), text);
                for (std::size_t i = 0; count && i < count->size(); ++i) {
                    out(state(proc::tcp_states[i]), (*count)[i], {{"type", file.substr(4)}});
                }
            });
        }
    });
}
