// SPDX-License-Identifier: MIT
/// \file
/// /proc/interrupts: how often each CPU was interrupted, and by what.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proc/root.hpp"

namespace tickertape::proc {

/// A table with a column for each CPU. All text points into what was parsed.
class PerCpuTable {
public:
    struct Row {
        std::string_view name;        ///< without its colon: a number, `NMI`, `HI`
        std::string_view description; ///< what stands behind the numbers; may be empty
        std::size_t first = 0;        ///< its place among all counts
        std::size_t size = 0;         ///< at most as many as CPUs: `ERR` has one for all of them

        [[nodiscard]] bool is_numbered() const noexcept; ///< the name is a number, as a device's is
        /// The network card that a numbered interrupt comes from, without the number of its queue: `eth0-TxRx` for
        /// `eth0-TxRx-3`. Empty for others: of a card the name has `eth` in it, and it does not share its interrupt.
        [[nodiscard]] std::string_view network_device() const noexcept;
    };

    std::vector<int> cpus; ///< their numbers; those that are offline may be missing
    std::vector<Row> rows;

    [[nodiscard]] std::span<const std::uint64_t> counts(const Row& row) const {
        return std::span{all_counts}.subspan(row.first, row.size);
    }

    std::vector<std::uint64_t> all_counts;
};

/// Reads the titles `CPU0 CPU2 …` and lines `NAME: NUMBER… DESCRIPTION`; empty lines are passed over. Throws ParseError
/// that names `file`, line and token: for a line that has less than one number. Pure.
[[nodiscard]] PerCpuTable parse_interrupts(std::string_view text, std::string_view file, PerCpuTable table = {});

/// How often one CPU did what goes by one name.
struct TypeCount {
    std::string_view type;
    int cpu;
    std::uint64_t count;
};

/// The counts of named rows, and of the numbered ones those of network cards, all queues of a card together; by type
/// and CPU. Pure.
[[nodiscard]] std::vector<TypeCount> sum_by_type(const PerCpuTable& table, std::vector<TypeCount> counts = {});

/// Throws std::system_error or ParseError that names the file. The text points into `buffer`.
[[nodiscard]] PerCpuTable read_interrupts(const Root& root, std::string& buffer, PerCpuTable table = {});

} // namespace tickertape::proc
