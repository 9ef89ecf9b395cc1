// SPDX-License-Identifier: MIT
#include <tickertape/host_tables.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tickertape/attempt.hpp>
#include <tickertape/metric_name.hpp>
#include <tickertape/proc/numastat.hpp>
#include <tickertape/proc/softirqs.hpp>
#include <tickertape/proc/tcp_sockets.hpp>

#include "base/concat.hpp"

namespace tickertape {

namespace {

struct PerCpu {
    std::string text;
    proc::PerCpuTable table;
    std::vector<proc::NetworkInterrupt> network;
    std::vector<proc::TypeCount> counts;
    LegalNames names;
};

struct TcpStates {
    std::string text;
    std::optional<std::array<std::int64_t, proc::tcp_states.size()>> counts;
};

void report_table(PerCpu& table, Totals& totals, Name metric) {
    table.counts = proc::sum_by_type(table.table, table.network, std::move(table.counts));
    table.names.begin();
    for (const auto& [type, cpu, count] : table.counts) {
        if (const auto name = table.names(type)) {
            totals(metric, count, {{"type", *name}, {"cpu", std::to_string(cpu)}});
        }
    }
}

// The kernel's name, the metric, the value of its tag.
constexpr std::array<std::array<std::string_view, 3>, 6> node_rules{{{"numa_hit", "sys.numa.zoneallocs", "hit"},
                                                                     {"numa_miss", "sys.numa.zoneallocs", "miss"},
                                                                     {"numa_foreign", "sys.numa.foreign_allocs", ""},
                                                                     {"local_node", "sys.numa.allocation", "local"},
                                                                     {"other_node", "sys.numa.allocation", "remote"},
                                                                     {"interleave_hit", "sys.numa.interleave", "hit"}}};

void report_node(Totals& totals, const proc::NumaCount& count) {
    for (const auto& [known, metric, type] : node_rules) {
        if (known == count.name) {
            const std::string node = std::to_string(count.node);
            type.empty() ? totals(metric, count.pages, {{"node", node}})
                         : totals(metric, count.pages, {{"node", node}, {"type", type}});
        }
    }
}

} // namespace

void add_interrupts(Tables& tables, std::shared_ptr<const proc::Root> root, std::shared_ptr<const proc::Root> sys) {
    tables.add<PerCpu>(
        "interrupts",
        [root = std::move(root), sys = std::move(sys)](PerCpu& kept) {
            attempt([&] { kept.network = proc::read_network_interrupts(*sys, std::move(kept.network)); });
            kept.table = proc::read_interrupts(*root, kept.text, kept.network, std::move(kept.table));
        },
        [](PerCpu& kept, Readings&, Totals& totals) { report_table(kept, totals, "proc.interrupts"); });
}

void add_softirqs(Tables& tables, std::shared_ptr<const proc::Root> root) {
    tables.add<PerCpu>(
        "softirqs",
        [root = std::move(root)](PerCpu& kept) {
            kept.table = proc::read_softirqs(*root, kept.text, std::move(kept.table));
        },
        [](PerCpu& kept, Readings&, Totals& totals) { report_table(kept, totals, "proc.softirqs"); });
}

void add_numa(Tables& tables, std::shared_ptr<const proc::Root> sys) {
    tables.add<proc::NumaCounts>(
        "numa", [sys = std::move(sys)](proc::NumaCounts& nodes) { nodes.read(*sys); },
        [](proc::NumaCounts& nodes, Readings&, Totals& totals) {
            for (const proc::NumaCount& count : nodes.counts()) {
                report_node(totals, count);
            }
        });
}

void add_tcp_states(Tables& tables, const std::shared_ptr<const proc::Root>& root) {
    for (const char* const name : {"tcp", "tcp6"}) {
        tables.add<TcpStates>(
            name,
            [root, reader = std::make_shared<proc::TcpSocketReader>(*root), file = base::concat("net/", name)](
                TcpStates& kept) { kept.counts = reader->count(file.c_str(), kept.text); },
            [name, state = MetricName{"net.tcp_state."}](TcpStates& kept, Readings& out, Totals&) mutable {
                for (std::size_t i = 0; kept.counts && i < kept.counts->size(); ++i) {
                    out(state(proc::tcp_states[i]), (*kept.counts)[i], {{"type", name}});
                }
            });
    }
}

} // namespace tickertape
