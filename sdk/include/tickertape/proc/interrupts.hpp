// SPDX-License-Identifier: MIT
/// \file
/// /proc/interrupts: the interrupts of each CPU, by source.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tickertape/proc/root.hpp>

namespace tickertape::proc {

/// A table with a column for each CPU. Texts point into the parsed text.
class PerCpuTable {
public:
    struct Row {
        std::string_view name;        ///< without its colon: a number, `NMI`, `HI`
        std::string_view description; ///< the text after the numbers; may be empty
        std::size_t first = 0;        ///< the index of its first count among all counts
        std::size_t size = 0;         ///< usually one for each CPU; `ERR` has one for all of them

        [[nodiscard]] bool is_numbered() const noexcept; ///< the name is a number, like that of a device's interrupt
        /// Returns the network card of a numbered interrupt, without the number of its queue: `eth0-TxRx` for `eth0-TxRx-3`.
        /// Empty for other interrupts: if the name does not contain `eth`, or a device shares the interrupt with the card.
        [[nodiscard]] std::string_view network_device() const noexcept;
    };

    std::vector<int> cpus; ///< their numbers; those that are offline may be missing
    std::vector<Row> rows;

    [[nodiscard]] std::span<const std::uint64_t> counts(const Row& row) const {
        return std::span{all_counts}.subspan(row.first, row.size);
    }

    std::vector<std::uint64_t> all_counts;
    std::vector<std::string_view> missing; ///< first words of the rows that could not be read
    std::vector<std::uint32_t> order;      ///< memory of the parser
    std::string block;                     ///< memory of the reader
};

/// Reads the titles `CPU0 CPU2 …` and lines `NAME: NUMBER… DESCRIPTION`; empty lines are ignored. A row is left out if it has no
/// numbers, or several but not one for each CPU. The second row with the same name is left out, too. Throws ParseError that names
/// `file` and the token if the titles cannot be read. Pure except for `skipped`.
[[nodiscard]] PerCpuTable parse_interrupts(std::string_view text, std::string_view file, SkippedRows& skipped,
                                           PerCpuTable table = {});

/// The count of one type on one CPU.
struct TypeCount {
    std::string_view type;
    int cpu;
    std::uint64_t count;
};

/// An interrupt of a network card.
struct NetworkInterrupt {
    int interrupt;
    std::string device; ///< `eth0`
};

/// Returns the message-signalled interrupts of network cards, by number: /sys/class/net/DEVICE/device/msi_irqs. None if the
/// kernel does not report them. `sys` is a root like /sys. Throws std::system_error.
[[nodiscard]] std::vector<NetworkInterrupt> read_network_interrupts(const Root& sys,
                                                                    std::vector<NetworkInterrupt> network = {});

/// Returns the network card of an interrupt, by the interrupt's number; empty if it does not belong to one. Pure.
[[nodiscard]] std::string_view device_of(std::string_view interrupt,
                                         std::span<const NetworkInterrupt> network) noexcept;

/// Adds up counts by type and CPU: named rows, and numbered rows of network cards, with all queues of a card together. If
/// `network` is empty, `eth` in the description identifies cards. A card has no sum if an unreadable row may belong to it. Pure;
/// the types point into `table`'s text and `network`.
[[nodiscard]] std::vector<TypeCount> sum_by_type(const PerCpuTable& table,
                                                 std::span<const NetworkInterrupt> network = {},
                                                 std::vector<TypeCount> counts = {});

/// Reads only the rows that sum_by_type needs for `network`. On a large machine nearly all others are left out: the file has tens
/// of megabytes, and is read in blocks. Throws std::system_error or ParseError that names the file. The text points into
/// `buffer`.
[[nodiscard]] PerCpuTable read_interrupts(const Root& root, std::string& buffer,
                                          std::span<const NetworkInterrupt> network = {}, PerCpuTable table = {});

} // namespace tickertape::proc
