// SPDX-License-Identifier: MIT
#include "support/line_sums.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <numeric>
#include <variant>

#include "support/process.hpp"
#include "support/strict_line_parser.hpp"

namespace test {

bool Points::stamps_increase() const {
    return std::adjacent_find(stamps.begin(), stamps.end(), std::greater_equal<>{}) == stamps.end();
}

double Points::sum() const { return std::accumulate(values.begin(), values.end(), 0.0); }

std::map<std::string, Points> points_in(std::string_view text, bool put) {
    std::map<std::string, Points> points;
    for (const std::string& line : complete_lines(text)) {
        const ParsedLine parsed = parse_strictly(line + "\n", put);
        std::string series = parsed.metric;
        for (const auto& [key, value] : parsed.tags) {
            series += " " + key;
            series += "=" + value;
        }
        Points& its = points[series];
        its.stamps.push_back(parsed.stamp);
        its.values.push_back(std::visit([](auto value) { return static_cast<double>(value); }, parsed.value));
    }
    return points;
}

std::optional<std::uint64_t> last_stamp(const std::map<std::string, Points>& points) {
    std::optional<std::uint64_t> last;
    for (const auto& [series, its] : points) {
        last = std::max(last, std::optional{its.stamps.back()});
    }
    return last;
}

std::uint64_t now_in_seconds() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::floor<std::chrono::seconds>(now).count());
}

} // namespace test
