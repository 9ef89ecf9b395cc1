// SPDX-License-Identifier: MIT
#include <tickertape/proc/stat.hpp>

#include <algorithm>
#include <utility>

#include <tickertape/proc/cpu_list.hpp>
#include <tickertape/proc/tokens.hpp>

#include "base/concat.hpp"

namespace tickertape::proc {

namespace {

CpuRow cpu_row(Tokens& tokens) {
    constexpr std::size_t least_columns = 4;
    CpuRow row;
    for (std::uint64_t& ticks : row.ticks) {
        if (tokens.at_end() && row.columns >= least_columns) {
            break;
        }
        ticks = tokens.number<std::uint64_t>();
        ++row.columns;
    }
    return row;
}

[[noreturn]] void refuse_without_cpu(std::string_view file) {
    throw ParseError{base::concat(file, ": there is no line 'cpu'")};
}

} // namespace

Stat parse_stat(std::string_view text, std::string_view file) {
    for (std::size_t number = 1; !text.empty(); ++number) {
        Tokens tokens{next_line(text), file, number};
        if (tokens.next() == "cpu") {
            const auto [user, nice, system, idle, iowait, irq, softirq, steal, guest, guest_nice] =
                cpu_row(tokens).ticks;
            return {{user, nice, system, idle, iowait, irq, softirq, steal, guest, guest_nice}};
        }
    }
    refuse_without_cpu(file);
}

WholeStat parse_whole_stat(std::string_view text, std::string_view file, SkippedRows& skipped,
                           std::vector<CpuRow> rows) {
    rows.clear();
    WholeStat stat;
    stat.cpus = std::move(rows);
    std::size_t columns = 0; // those of the widest row; the rows of one kernel have the same number
    each_row(text, file, skipped, [&](Tokens& tokens) {
        const std::string_view name = tokens.next();
        const auto cpu = number_behind("cpu", name);
        if (name == "cpu" || cpu) {
            CpuRow row = cpu_row(tokens);
            row.cpu = cpu;
            columns = std::max(columns, row.columns);
            stat.cpus.push_back(row);
        } else if (name == "intr") { // the sum comes first; the numbers of single interrupts follow
            stat.interrupts = tokens.number<std::uint64_t>();
        } else if (name == "ctxt") {
            stat.context_switches = tokens.number<std::uint64_t>();
        } else if (name == "processes") {
            stat.forks = tokens.number<std::uint64_t>();
        } else if (name == "procs_running") {
            stat.running = tokens.number<std::uint64_t>();
        } else if (name == "procs_blocked") {
            stat.blocked = tokens.number<std::uint64_t>();
        }
    });
    std::erase_if(stat.cpus, [&](const CpuRow& row) { // rows that were cut
        if (row.columns < columns) {
            const std::string name = row.cpu ? "cpu" + std::to_string(*row.cpu) : "cpu";
            skipped.add(file, name, row.columns,
                        base::concat(file, ": the row ", name, " is shorter than others; this row is left out"));
        }
        return row.columns < columns;
    });
    if (stat.cpus.empty()) {
        refuse_without_cpu(file);
    }
    return stat;
}

Stat read_stat(const Root& root) {
    // The line of all CPUs is the first one, so the rest may be cut.
    std::array<char, 1024> buffer; // NOLINT(*-member-init): read fills the bytes that are used
    return parse_stat(root.need("stat", buffer), root.path_of("stat"));
}

WholeStat read_whole_stat(const Root& root, std::string& buffer, std::vector<CpuRow> rows) {
    return parse_whole_stat(root.need_all("stat", buffer), root.path_of("stat"), root.skipped(), std::move(rows));
}

} // namespace tickertape::proc
