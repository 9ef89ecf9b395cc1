// SPDX-License-Identifier: MIT
#include <tickertape/proc/interrupts.hpp>

#include <algorithm>
#include <functional>
#include <numeric>
#include <tuple>
#include <utility>

#include <tickertape/proc/cpu_list.hpp>
#include <tickertape/proc/relative_path.hpp>
#include <tickertape/proc/tokens.hpp>

#include "base/concat.hpp"
#include "base/quote.hpp"

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

namespace {

PerCpuTable::Row row_of(Tokens& tokens, PerCpuTable& table) {
    PerCpuTable::Row row;
    row.name = tokens.next();
    if (!row.name.ends_with(':') || row.name.size() < 2) {
        tokens.refuse(row.name, "is not a name with a colon after it");
    }
    row.name.remove_suffix(1);
    row.first = table.all_counts.size();
    for (row.size = 0; row.size < table.cpus.size() && tokens.next_is_digit(); ++row.size) {
        table.all_counts.push_back(tokens.number<std::uint64_t>());
    }
    if (row.size != table.cpus.size() && row.size != 1) { // a single number is for all CPUs
        tokens.refuse(tokens.next(), "is not a number");
    }
    row.description = tokens.rest();
    return row;
}

/// Removes the second of two rows with the same name.
void remove_repeated(PerCpuTable& table, std::string_view file, SkippedRows& skipped) {
    table.order.resize(table.rows.size());
    std::iota(table.order.begin(), table.order.end(), std::uint32_t{0});
    const auto name = [&](std::uint32_t row) { return std::pair{table.rows[row].name, row}; };
    std::sort(table.order.begin(), table.order.end(), [&](auto a, auto b) { return name(a) < name(b); });
    bool any = false;
    for (std::size_t i = 1; i < table.order.size(); ++i) {
        PerCpuTable::Row& row = table.rows[table.order[i]];
        if (row.name == table.rows[table.order[i - 1]].name) {
            skipped.add(file, row.name, 0, base::concat(file, ": ", base::quote(row.name), " is there twice"));
            row.size = 0;
            any = true;
        }
    }
    if (any) {
        std::erase_if(table.rows, [](const PerCpuTable::Row& row) { return row.size == 0; });
    }
}

} // namespace

PerCpuTable parse_interrupts(std::string_view text, std::string_view file, SkippedRows& skipped, PerCpuTable table) {
    table.cpus.clear();
    table.rows.clear();
    table.all_counts.clear();
    table.missing.clear();
    const std::size_t title_size = std::min(text.find('\n'), text.size());
    Tokens titles{text.substr(0, title_size), file, 1};
    do {
        const std::string_view title = titles.next();
        const auto cpu = number_behind("CPU", title);
        if (!cpu) {
            titles.refuse(title, "is no CPU");
        }
        table.cpus.push_back(*cpu);
    } while (!titles.at_end());
    bool is_title = true;
    each_row(text, file, skipped, [&](Tokens& tokens) {
        if (std::exchange(is_title, false)) {
            return;
        }
        const std::size_t counts = table.all_counts.size();
        const std::string_view name = tokens.rest().substr(0, tokens.rest().find_first_of(" \t:"));
        try {
            table.rows.push_back(row_of(tokens, table));
        } catch (const ParseError&) {
            table.all_counts.resize(counts);
            table.missing.push_back(name);
            throw;
        }
    });
    remove_repeated(table, file, skipped);
    return table;
}

namespace {

/// Returns the type to which a row's counts are added; empty to leave them out.
std::string_view type_of(const PerCpuTable::Row& row, std::span<const NetworkInterrupt> network) {
    if (!row.is_numbered()) {
        return row.name;
    }
    return network.empty() ? row.network_device() : device_of(row.name, network);
}

/// Returns whether an unreadable row may have been one of `type`, so that the sum of `type` is unknown.
bool may_lack_a_row(const PerCpuTable& table, std::string_view type, std::span<const NetworkInterrupt> network) {
    return std::any_of(table.missing.begin(), table.missing.end(), [&](std::string_view name) {
        const bool is_named = !name.empty() && name.front() >= 'A' && name.front() <= 'Z'; // such as `NMI` or `IPI0`
        return !is_named && (network.empty() || device_of(name, network) == type || device_of(name, network).empty());
    });
}

} // namespace

std::string_view device_of(std::string_view interrupt, std::span<const NetworkInterrupt> network) noexcept {
    int number = 0;
    if (!to_number(interrupt, number)) {
        return {};
    }
    const auto found = std::lower_bound(network.begin(), network.end(), number,
                                        [](const NetworkInterrupt& one, int n) { return one.interrupt < n; });
    return found != network.end() && found->interrupt == number ? std::string_view{found->device} : std::string_view{};
}

std::vector<TypeCount> sum_by_type(const PerCpuTable& table, std::span<const NetworkInterrupt> network,
                                   std::vector<TypeCount> counts) {
    counts.clear();
    static thread_local std::vector<std::pair<std::string_view, std::size_t>>
        rows; // the type, and the index of the row
    rows.clear();
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        const std::string_view type = type_of(table.rows[i], network);
        if (!type.empty() && !(table.rows[i].is_numbered() && may_lack_a_row(table, type, network))) {
            rows.emplace_back(type, i);
        }
    }
    std::sort(rows.begin(), rows.end());
    // Reads one type at a time: the rows of all types would take tens of megabytes on a large machine.
    for (auto row = rows.begin(); row != rows.end();) {
        const std::string_view type = row->first;
        const std::size_t first = counts.size();
        for (; row != rows.end() && row->first == type; ++row) {
            const std::span<const std::uint64_t> more = table.counts(table.rows[row->second]);
            for (std::size_t i = 0; i < more.size(); ++i) {
                if (first + i == counts.size()) {
                    counts.push_back({type, table.cpus[i], 0});
                }
                counts[first + i].count += more[i];
            }
        }
        std::sort(counts.begin() + static_cast<std::ptrdiff_t>(first), counts.end(),
                  [](const TypeCount& a, const TypeCount& b) { return a.cpu < b.cpu; });
    }
    return counts;
}

std::vector<NetworkInterrupt> read_network_interrupts(const Root& sys, std::vector<NetworkInterrupt> network) {
    network.clear();
    sys.each_name("class/net", [&](std::string_view device) {
        if (device.starts_with('.')) {
            return;
        }
        // The parent of a virtual function's device, and of virtio's, is the PCI device.
        for (const std::string_view folder : {"/device/msi_irqs", "/device/../msi_irqs"}) {
            const RelativePath path = RelativePath{"class/net/"}.append(device).append(folder);
            if (!sys.has(path.c_str())) {
                continue;
            }
            sys.each_name(path.c_str(), [&](std::string_view name) {
                int number = 0;
                if (to_number(name, number)) {
                    network.push_back({number, std::string{device}});
                }
            });
            return;
        }
    });
    std::sort(network.begin(), network.end(), [](const auto& a, const auto& b) {
        return std::tie(a.interrupt, a.device) < std::tie(b.interrupt, b.device);
    });
    return network;
}

namespace {

/// Returns whether sum_by_type may need the row. It does not parse the row, because there may be thousands.
bool may_count(std::string_view line, std::span<const NetworkInterrupt> network) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    const std::size_t digits = std::min(line.find_first_not_of("0123456789"), line.size());
    if (digits == 0 || digits == line.size() || line[digits] != ':') {
        return true; // the titles, a named row, or no row
    }
    if (!network.empty()) {
        return !device_of(line.substr(0, digits), network).empty();
    }
    const std::string_view last = line.substr(line.find_last_of(" \t") + 1);
    return last.find("eth") != std::string_view::npos || last.find_first_not_of("0123456789") == std::string_view::npos;
}

} // namespace

PerCpuTable read_interrupts(const Root& root, std::string& buffer, std::span<const NetworkInterrupt> network,
                            PerCpuTable table) {
    buffer.clear();
    const auto keep = [&](std::string_view text) {
        while (!text.empty()) {
            const std::string_view line = next_line(text);
            buffer.append(may_count(line, network) ? line : "").append("\n"); // keeps the numbers of the lines
        }
    };
    if (!root.read_blocks("interrupts", table.block, std::ref(keep))) {
        static_cast<void>(root.need("interrupts", {})); // throws
    }
    return parse_interrupts(buffer, root.path_of("interrupts"), root.skipped(), std::move(table));
}

} // namespace tickertape::proc
