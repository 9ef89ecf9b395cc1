// SPDX-License-Identifier: MIT
#include "cli/duration.hpp"

#include <charconv>
#include <map>
#include <string>
#include <system_error>

#include <tickertape/name.hpp>

namespace tickertape::cli {

using std::chrono::milliseconds;

milliseconds duration_of(std::string_view flag, std::string_view text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view unit{end, static_cast<std::size_t>(text.data() + text.size() - end)};
    const std::map<std::string_view, double> units{{"ms", 1},  {"", 1e3},   {"s", 1e3},
                                                   {"m", 6e4}, {"h", 36e5}, {"d", 864e5}};
    const auto found = units.find(unit);
    const double ms = found != units.end() ? number * found->second : -1;
    constexpr double most = 1e12;
    if (error != std::errc{} || found == units.end() || !(ms >= 0) || ms > most || (ms > 0 && ms < 1)) {
        throw UsageError{
            std::string{flag}.append(" '").append(text).append("' is no length of time; say 100ms, 300s or 10m")};
    }
    return milliseconds{static_cast<std::int64_t>(ms)};
}

} // namespace tickertape::cli
