// SPDX-License-Identifier: MIT
// netstat: sockets, and what became of TCP connections and UDP datagrams.
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tickertape/collector.hpp>

#include "collector/attempt.hpp"
#include "collector/totals.hpp"
#include "proc/net_netstat.hpp"
#include "proc/net_sockstat.hpp"
#include "proc/net_tcp.hpp"
#include "proc/tokens.hpp"

using namespace tickertape;
using namespace std::chrono_literals;

namespace {

/// What is reported: PROTOCOL METRIC TAG NAME=VALUE…, NAME being the kernel's and VALUE the tag's. Of A-B, B is what it
/// counts in A, too. TAG may have another tag before it, or be `-`. The metrics are below net.sockstat …
constexpr std::string_view sockets = R"(TCP num_sockets type alloc=tcp
TCP num_timewait - tw
TCP sockets_inuse type inuse=tcp
UDP sockets_inuse type inuse=udp
UDPLITE sockets_inuse type inuse=udplite
RAW sockets_inuse type inuse=raw
TCP num_orphans - orphan
TCP memory type mem=tcp
UDP memory type mem=udp
FRAG memory type memory=ipfrag
FRAG ipfragqueues - inuse)";
// … and below net.stat.
constexpr std::string_view counters = R"(TcpExt tcp.abort.failed - TCPAbortFailed
TcpExt tcp.syncookies type SyncookiesSent=sent SyncookiesRecv=received SyncookiesFailed=failed
TcpExt tcp.memory.prune type OfoPruned=drop_ofo_queue RcvPruned=drop_received
TcpExt tcp.delayedack type DelayedACKs=sent DelayedACKLocked=locked DelayedACKLost=lost
TcpExt tcp.failed_accept reason ListenOverflows=full_acceptq ListenDrops-ListenOverflows=other
TcpExt tcp.retransmit type TCPForwardRetrans=forward TCPFastRetrans=fast TCPSlowStartRetrans=slowstart
TcpExt tcp.packetloss.recovery type TCPRenoRecovery=fast_retransmit TCPSackRecovery=sack
TcpExt tcp.reording detectedby TCPFACKReorder=fack TCPSACKReorder=sack
TcpExt tcp.reording detectedby TCPRenoReorder=fast_retransmit TCPTSReorder=timestamp
TcpExt tcp.congestion.recovery type TCPFullUndo=full_undo TCPPartialUndo=hoe_heuristic
TcpExt tcp.congestion.recovery type TCPDSACKUndo=sack TCPLossUndo=ack
TcpExt tcp.abort type TCPAbortOnSyn=unexpected_syn TCPAbortOnData=data_after_fin_wait1 TCPAbortOnTimeout=timeout
TcpExt tcp.abort type TCPAbortOnClose=data_after_close TCPAbortOnMemory=out_of_memory TCPAbortOnLinger=linger
TcpExt tcp.memory.pressure - TCPMemoryPressures
TcpExt tcp.invalid_sack type TCPSACKDiscard=invalid TCPDSACKIgnoredOld=retransmit TCPDSACKIgnoredNoUndo=olddup
TcpExt tcp.receive.queue.full - TCPBacklogDrop
Tcp tcp.resets direction OutRsts=out
Tcp tcp.errors direction InErrs=in
Udp udp.datagrams direction InDatagrams=in OutDatagrams=out
Udp udp.errors direction=in,reason NoPorts=noport InErrors-RcvbufErrors=other RcvbufErrors=nomem
Udp udp.errors direction=out,reason SndbufErrors=nomem)";

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

std::vector<Rule> rules_of(std::string_view table, std::string_view below) {
    std::vector<Rule> rules;
    while (!table.empty()) {
        proc::Tokens row{proc::next_line(table), "table", 1};
        const std::string_view protocol = row.next();
        const std::string metric = std::string{below}.append(row.next());
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

void report_states(Readings& out, const proc::Root& root, std::string_view file, std::string& text) {
    if (const auto count = proc::count_tcp_states(root, std::string{"net/"}.append(file).c_str(), text)) {
        for (std::size_t i = 0; i < count->size(); ++i) {
            out(std::string{"net.tcp_state."}.append(proc::tcp_states[i]), (*count)[i], {{"type", file}});
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
                    .flags = {detail::rate_flag(per_second)}}};
    const proc::Root root{self.proc_root()};
    detail::need_kernel_file(root, "net/sockstat");
    detail::Totals totals{per_second};
    std::string text;
    const std::vector<Rule> socket_rules = rules_of(sockets, "net.sockstat.");
    const std::vector<Rule> counter_rules = rules_of(counters, "net.stat.");
    const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    return self.run_every_n_seconds(self.interval(), [&](Readings& out) {
        totals.begin(out, self.clock().read().steady);
        const auto socket = [&](const Rule& rule, std::uint64_t number) {
            out(rule.metric, rule.name == "mem" ? number * page : number, rule.tags); // counted in pages
        };
        const auto counter = [&](const Rule& rule, std::uint64_t number) { totals(rule.metric, number, rule.tags); };
        detail::attempt([&] { apply(socket_rules, proc::read_net_sockstat(root, text), socket); });
        detail::attempt([&] { apply(counter_rules, proc::read_net_netstat(root, text), counter); });
        detail::attempt([&] { apply(counter_rules, proc::read_net_snmp(root, text), counter); });
        detail::attempt([&] { report_states(out, root, "tcp", text); });
        detail::attempt([&] { report_states(out, root, "tcp6", text); });
    });
}
