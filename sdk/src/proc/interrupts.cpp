// SPDX-License-Identifier: MIT
#include "proc/interrupts.hpp"

#include <algorithm>
#include <utility>

#include "proc/cpu_list.hpp"
#include "proc/tokens.hpp"

namespace tickertape::proc {

bool PerCpuTable::Row::is_numbered() const noexcept {
    return name.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string_view PerCpuTable::Row::network_device() const noexcept {
    const std::string_view device = description.substr(description.find_last_of(" \t") + 1);
    if (description.find("PCI-MSI") == std::string_view::npos || device.find("eth") == std::string_view::npos) {
        return {};
    }
    const std::size_t dash = device.find_last_not_of("0123456789");
    const bool has_queue = dash != std::string_view::npos && dash + 1 < device.size() && device[dash] == '-';
    return has_queue ? device.substr(0, dash) : device;
}

PerCpuTable parse_interrupts(std::string_view text, std::string_view file, PerCpuTable table) {
    table.cpus.clear();
    table.rows.clear();
    table.all_counts.clear();
    Tokens titles{next_line(text), file, 1};
    do {
        const std::string_view title = titles.next();
        const auto cpu = number_behind("CPU", title);
        if (!cpu) {
            titles.refuse(title, "is no CPU");
        }
        table.cpus.push_back(*cpu);
    } while (!titles.at_end());
    for (std::size_t line = 2; !text.empty(); ++line) {
        Tokens tokens{next_line(text), file, line};
        if (tokens.at_end()) {
            continue;
        }
        PerCpuTable::Row row;
        row.name = tokens.next();
        if (!row.name.ends_with(':') || row.name.size() < 2) {
            tokens.refuse(row.name, "is no name with a colon behind it");
        }
        row.name.remove_suffix(1);
        row.first = table.all_counts.size();
        for (row.size = 0; row.size < table.cpus.size() && tokens.next_is_digit(); ++row.size) {
            table.all_counts.push_back(tokens.number<std::uint64_t>());
        }
        if (row.size == 0) {
            tokens.refuse(tokens.next(), "is not a number");
        }
        row.description = tokens.rest();
        table.rows.push_back(row);
    }
    return table;
}

std::vector<TypeCount> sum_by_type(const PerCpuTable& table, std::vector<TypeCount> counts) {
    counts.clear();
    for (const PerCpuTable::Row& row : table.rows) {
        const std::string_view type = row.is_numbered() ? row.network_device() : row.name;
        for (std::size_t i = 0; i < row.size && !type.empty(); ++i) {
            counts.push_back({type, table.cpus[i], table.counts(row)[i]});
        }
    }
    const auto key = [](const TypeCount& one) { return std::pair{one.type, one.cpu}; };
    std::sort(counts.begin(), counts.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
    std::size_t sums = 0; // of equal types and CPUs, moved to the front
    for (const TypeCount& one : counts) {
        if (sums > 0 && key(counts[sums - 1]) == key(one)) {
            counts[sums - 1].count += one.count;
        } else {
            counts[sums++] = one;
        }
    }
    counts.erase(counts.begin() + static_cast<std::ptrdiff_t>(sums), counts.end());
    return counts;
}

PerCpuTable read_interrupts(const Root& root, std::string& buffer, PerCpuTable table) {
    return parse_interrupts(root.need_all("interrupts", buffer), root.path_of("interrupts"), std::move(table));
}

} // namespace tickertape::proc
