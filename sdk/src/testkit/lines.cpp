// SPDX-License-Identifier: MIT
#include <tickertape/testkit/lines.hpp>

#include <array>

#include <tickertape/testkit/memory.hpp>

#include "point/line_formatter.hpp"

namespace tickertape::testkit {

std::string lines(std::span<const Point> points) {
    point::LineFormatter formatter{{.put_prefix = false, .host_tag = {}}};
    std::array<char, max_line + 1> line; // NOLINT(*-member-init): written before it is read
    std::string text;
    for (const Point& point : points) {
        const point::LineResult result = formatter.write(point, line.data());
        if (result.refused) {
            text.append(point.series().metric()).append(": ").append(describe(*result.refused)).append("\n");
        } else {
            text.append(line.data(), result.size);
        }
    }
    return text;
}

std::string lines(CounterBase& counter) {
    Memory memory;
    counter.dump(memory);
    return lines(memory.points());
}

} // namespace tickertape::testkit
