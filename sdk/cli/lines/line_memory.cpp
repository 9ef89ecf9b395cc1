// SPDX-License-Identifier: MIT
#include "cli/lines/line_memory.hpp"

#include <algorithm>

namespace tickertape::cli::lines {

Tags tags_of(const PutLine& line) {
    Tags tags;
    for (std::size_t at = 0; at < line.tags.size();) {
        const std::size_t end = std::min(line.tags.find(' ', at), line.tags.size());
        const std::string_view tag = line.tags.substr(at, end - at);
        tags.set(tag.substr(0, tag.find('=')), tag.substr(tag.find('=') + 1));
        at = std::min(line.tags.find_first_not_of(' ', end), line.tags.size());
    }
    return tags;
}

} // namespace tickertape::cli::lines
