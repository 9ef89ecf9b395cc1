// SPDX-License-Identifier: MIT
#include "proc/stat.hpp"

#include <array>

#include "proc/tokens.hpp"

namespace tickertape::proc {

Stat parse_stat(std::string_view text, std::string_view file) {
    constexpr std::size_t least_columns = 4;
    for (std::size_t number = 1; !text.empty(); ++number) {
        Tokens tokens{next_line(text), file, number};
        if (tokens.next() != "cpu") {
            continue;
        }
        Stat stat;
        CpuTimes& cpu = stat.cpu;
        std::size_t column = 0;
        for (std::uint64_t* const time : {&cpu.user, &cpu.nice, &cpu.system, &cpu.idle, &cpu.iowait, &cpu.irq,
                                          &cpu.softirq, &cpu.steal, &cpu.guest, &cpu.guest_nice}) {
            if (tokens.at_end() && column >= least_columns) {
                break;
            }
            *time = tokens.number<std::uint64_t>();
            ++column;
        }
        return stat;
    }
    throw ParseError{std::string{file} + ": there is no line 'cpu'"};
}

Stat read_stat(const Root& root) {
    // The line of all CPUs is the first one, so that the length of the rest does not matter.
    std::array<char, 1024> buffer; // NOLINT(*-member-init): read fills what is looked at
    return parse_stat(root.need("stat", buffer), (root.path() / "stat").native());
}

} // namespace tickertape::proc
