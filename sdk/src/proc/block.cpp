// SPDX-License-Identifier: MIT
#include "proc/block.hpp"

#include <algorithm>
#include <array>

#include "proc/tokens.hpp"

namespace tickertape::proc {

namespace {

/// A slash in a name is an exclamation mark there.
std::string folder_of(std::string_view name) {
    std::string folder{"block/"};
    folder.append(name);
    std::replace(folder.begin() + 6, folder.end(), '/', '!');
    return folder;
}

} // namespace

bool is_whole_disk(const Root& sys, std::string_view name) {
    return sys.has(folder_of(name).c_str()) || !sys.has("block");
}

std::optional<std::string> mapped_name(const Root& sys, std::string_view name) {
    if (!name.starts_with("dm-")) {
        return std::nullopt;
    }
    std::array<char, 512> buffer; // NOLINT(*-member-init): read fills what is looked at
    const auto text = sys.read(folder_of(name).append("/dm/name").c_str(), buffer);
    if (!text || text->empty()) {
        return std::nullopt;
    }
    std::string_view rest = *text;
    return std::string{next_line(rest)};
}

} // namespace tickertape::proc
