// SPDX-License-Identifier: MIT
#include <tickertape/line.hpp>

#include "point/line_formatter.hpp"

namespace tickertape {

std::optional<Reason> append_put_line(std::string& out, const Point& point, std::string_view host) {
    point::LineFormatter formatter{{.host_tag = std::string{host}}};
    const std::size_t before = out.size();
    out.resize(before + max_line + 1);
    const point::LineResult line = formatter.write(point, out.data() + before);
    out.resize(before + line.size);
    return line.refused;
}

} // namespace tickertape
