// SPDX-License-Identifier: MIT
// netstat: sockets, and what became of TCP connections and UDP datagrams.
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tickertape/attempt.hpp>
#include <tickertape/collector.hpp>
#include <tickertape/metric_name.hpp>
#include <tickertape/proc/net_netstat.hpp>
#include <tickertape/proc/net_sockstat.hpp>
#include <tickertape/proc/tcp_sockets.hpp>
#include <tickertape/proc/tokens.hpp>
#include <tickertape/totals.hpp>

using namespace tickertape;
using namespace std::chrono_literals;

namespace {

/// What is reported: PROTOCOL METRIC TAG NAME=VALUE…, NAME being the kernel's and VALUE the tag's. Of A-B, B is what it
/// counts in A, too. TAG may have another tag before it, or be `-`. METRIC is below `net.`.
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
Tcp stat.tcp.resets direction OutRsts=out
Tcp stat.tcp.errors direction InErrs=in
Udp stat.udp.datagrams direction InDatagrams=in OutDatagrams=out
Udp stat.udp.errors direction=in,reason NoPorts=noport InErrors-RcvbufErrors=other RcvbufErrors=nomem
Udp stat.udp.errors direction=out,reason SndbufErrors=nomem)";

struct Rule {
    std::string_view protocol;
    std::string_view name;
    std::string_view without; // of A-B: B
    std::string metric;
    Tags tags;
};

/// `text` at the first `mark`; the second part is empty if there is none.
std::pair<std::string_view, std::string_view> split(std::string_view text, char mark) {
    const std::size_t at = std::min(text.find(mark), text.size());
    return {text.substr(0, at), text.substr(std::min(at + 1, text.size()))};
}

std::vector<Rule> rules_of(std::string_view rows) {
    std::vector<Rule> rules;
    while (!rows.empty()) {
        proc::Tokens row{proc::next_line(rows), "table", 1};
        const std::string_view protocol = row.next();
        const std::string metric = std::string{"net."}.append(row.next());
        const auto [first, second] = split(row.next(), ',');
        while (!row.at_end()) {
            const auto [number, value] = split(row.next(), '=');
            const auto [name, without] = split(number, '-');
            Rule& rule = rules.emplace_back(Rule{protocol, name, without, metric, {}});
            if (!value.empty()) {
                rule.tags.set(second.empty() ? first : second, value);
            }
            if (!second.empty()) {
                rule.tags.set(split(first, '=').first, split(first, '=').second);
            }
        }
    }
    return rules;
}

/// Calls `report(rule, number)` for each rule whose number is among `numbers`.
template <class Numbers, class Report>
void apply(const std::vector<Rule>& rules, const Numbers& numbers, const Report& report) {
    const auto find = [&](std::string_view protocol, std::string_view name) {
        return std::find_if(numbers.begin(), numbers.end(),
                            [&](const auto& entry) { return entry.name == name && entry.protocol == protocol; });
    };
    for (const Rule& rule : rules) {
        if (const auto found = find(rule.protocol, rule.name); found != numbers.end()) {
            const auto part = rule.without.empty() ? numbers.end() : find(rule.protocol, rule.without);
            report(rule, found->value - (part == numbers.end() ? 0 : std::min(part->value, found->value)));
        }
    }
}

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
    const std::vector<Rule> rules = rules_of(table);
    std::vector<proc::SockStat> uses;
    std::vector<proc::SnmpCounter> rows;
    MetricName state{"net.tcp_state."};
    return self.run_every_n_seconds(self.interval(), [&](Readings& out) {
        totals.begin(out, self.clock().read().steady);
        const auto socket = [&](const Rule& rule, std::uint64_t number) {
            const bool in_pages = rule.name == "mem";
            out(rule.metric, in_pages ? number * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) : number, rule.tags);
        };
        const auto counter = [&](const Rule& rule, std::uint64_t number) { totals(rule.metric, number, rule.tags); };
        attempt([&] { apply(rules, uses = proc::read_net_sockstat(root, text, std::move(uses)), socket); });
        attempt([&] { apply(rules, rows = proc::read_net_netstat(root, text, std::move(rows)), counter); });
        attempt([&] { apply(rules, rows = proc::read_net_snmp(root, text, std::move(rows)), counter); });
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
