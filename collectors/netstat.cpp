// SPDX-License-Identifier: MIT
// netstat: sockets, and counts of TCP connections and UDP datagrams.
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tickertape/attempt.hpp>
#include <tickertape/host_tables.hpp>
#include <tickertape/proc/metric_rules.hpp>
#include <tickertape/proc/net_netstat.hpp>
#include <tickertape/proc/net_sockstat.hpp>

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

template <class Row>
struct Rows {
    std::string text;
    std::vector<Row> rows;
};
template <class Row>
using Read = std::vector<Row>(const proc::Root& root, std::string& buffer, std::vector<Row> rows);

} // namespace

int main(int argc, char* argv[]) {
    Tables tables{{{"sockstat"}, {"netstat"}, {"snmp"}, {"tcp"}, {"tcp6"}}};
    Collector self{argc,
                   argv,
                   {.name = "netstat",
                    .description = "Report net.sockstat.*, net.stat.* and net.tcp_state.*: sockets, TCP and UDP.",
                    .interval = 15s,
                    .flags = tables.flags()}};
    const auto root = std::make_shared<proc::Root>(self.proc_root());
    need_kernel_file(*root, "net/sockstat");
    const std::vector<proc::MetricRule> rules = proc::metric_rules(table, "net.");
    const auto add = [&]<class Row>(const char* name, Read<Row>* read, auto report) {
        tables.add<Rows<Row>>(
            name, [root, read](Rows<Row>& kept) { kept.rows = read(*root, kept.text, std::move(kept.rows)); },
            [&rules, report](Rows<Row>& kept, Readings& out, Totals& totals) {
                proc::apply(rules, kept.rows, [&](const proc::MetricRule& rule, std::uint64_t number) {
                    report(rule, number, out, totals);
                });
            });
    };
    add("sockstat", proc::read_net_sockstat,
        [](const proc::MetricRule& rule, std::uint64_t number, Readings& out, Totals&) {
            out(rule.metric, rule.name == "mem" ? number * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) : number,
                rule.tags);
        });
    const auto counter = [](const proc::MetricRule& rule, std::uint64_t number, Readings&, Totals& totals) {
        totals(rule.metric, number, rule.tags);
    };
    add("netstat", proc::read_net_netstat, counter);
    add("snmp", proc::read_net_snmp, counter);
    add_tcp_states(tables, root);
    return self.run_every_n_seconds(self.interval(), [&](Readings& out) { tables.run(self, out); });
}
