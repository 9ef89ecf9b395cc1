// SPDX-License-Identifier: MIT
#include <tickertape/proc/block.hpp>

#include <algorithm>
#include <array>

#include <tickertape/proc/relative_path.hpp>
#include <tickertape/proc/tokens.hpp>

namespace tickertape::proc {

namespace {

/// Returns the folder of a device. Its name has `!` in place of `/`.
RelativePath folder_of(std::string_view name) {
    RelativePath folder{"block/"};
    for (const char& c : name) {
        folder.append(c == '/' ? "!" : std::string_view{&c, 1});
    }
    return folder;
}

} // namespace

bool is_whole_disk(const Root& sys, std::string_view name) {
    return sys.has(folder_of(name).c_str()) || !sys.has("block");
}

std::string mapped_name(const Root& sys, std::string_view name, std::string mapped) {
    std::array<char, 512> buffer; // NOLINT(*-member-init): read fills the bytes that are used
    std::string_view text;
    if (name.starts_with("dm-")) {
        text = sys.read(folder_of(name).append("/dm/name").c_str(), buffer).value_or("");
    }
    mapped.assign(text.empty() ? name : next_line(text));
    return mapped;
}

} // namespace tickertape::proc
