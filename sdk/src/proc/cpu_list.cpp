// SPDX-License-Identifier: MIT
#include <tickertape/proc/cpu_list.hpp>

#include <tickertape/proc/tokens.hpp>

#include "base/whole_number.hpp"

namespace tickertape::proc {

std::optional<int> number_behind(std::string_view prefix, std::string_view name) noexcept {
    if (!name.starts_with(prefix)) {
        return std::nullopt;
    }
    name.remove_prefix(prefix.size());
    const std::optional<int> number = base::whole_number<int>(name);
    return number && *number >= 0 ? number : std::nullopt;
}

std::vector<int> parse_cpu_list(std::string_view text, std::string_view file, std::vector<int> cpus) {
    constexpr int most = 65536;
    cpus.clear();
    Tokens tokens{next_line(text), file, 1};
    const std::string_view word = tokens.next();
    for (std::string_view rest = word; !rest.empty();) {
        const std::string_view range = rest.substr(0, rest.find(','));
        rest.remove_prefix(range.size() == rest.size() ? rest.size() : range.size() + 1);
        const std::size_t dash = range.find('-');
        const auto first = number_behind("", range.substr(0, dash));
        const auto last = dash == std::string_view::npos ? first : number_behind("", range.substr(dash + 1));
        if (!first || !last || *last < *first || *last >= most) {
            tokens.refuse(word, "is no list of CPUs");
        }
        for (int cpu = *first; cpu <= *last; ++cpu) {
            if (cpus.size() >= static_cast<std::size_t>(most)) { // a longer list repeats CPUs
                tokens.refuse(word, "is no list of CPUs");
            }
            cpus.push_back(cpu);
        }
    }
    return cpus;
}

} // namespace tickertape::proc
