// SPDX-License-Identifier: MIT
/// \file
/// /proc/net/softnet_stat: packets that each CPU took from network cards, and packets for which it had no room or time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tickertape/proc/root.hpp>

namespace tickertape::proc {

/// One CPU, since boot.
struct Softnet {
    std::uint64_t cpu;       ///< its number; before Linux 5.10, which does not report it, the number of the row
    std::uint64_t processed; ///< packets
    std::uint64_t dropped;   ///< packets that were lost because the queue of the CPU was full
    std::uint64_t squeezed;  ///< times that the CPU had to stop with packets left
};

/// Reads rows of hexadecimal numbers: at least three columns, 13 and more since Linux 5.10. Throws ParseError that names `file`, line
/// and token, and for a text without any row. Pure.
[[nodiscard]] std::vector<Softnet> parse_softnet(std::string_view text, std::string_view file, SkippedRows& skipped,
                                                 std::vector<Softnet> rows = {});

/// Throws std::system_error or ParseError that names the file.
[[nodiscard]] std::vector<Softnet> read_softnet(const Root& root, std::string& buffer, std::vector<Softnet> rows = {});

} // namespace tickertape::proc
