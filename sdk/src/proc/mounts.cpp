// SPDX-License-Identifier: MIT
#include "proc/mounts.hpp"

#include <algorithm>

#include "proc/tokens.hpp"

namespace tickertape::proc {

namespace {

bool is_octal(char c) noexcept { return c >= '0' && c <= '7'; }

std::string unescaped(std::string_view text) {
    std::string plain;
    plain.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::string_view digits = text.substr(i + 1, 3);
        if (text[i] == '\\' && digits.size() == 3 && std::all_of(digits.begin(), digits.end(), is_octal)) {
            plain += static_cast<char>((digits[0] - '0') * 64 + (digits[1] - '0') * 8 + (digits[2] - '0'));
            i += 3;
        } else {
            plain += text[i];
        }
    }
    return plain;
}

} // namespace

std::vector<Mount> parse_mounts(std::string_view text, std::string_view file) {
    std::vector<Mount> mounts;
    for (std::size_t line = 1; !text.empty(); ++line) {
        Tokens tokens{next_line(text), file, line};
        if (tokens.at_end()) {
            continue;
        }
        const std::string_view device = tokens.next();
        const std::string_view point = tokens.next();
        const std::string_view type = tokens.next();
        if (type.empty()) {
            tokens.refuse(type, "is no type of a file system");
        }
        mounts.push_back({unescaped(device), unescaped(point), unescaped(type)});
    }
    return mounts;
}

std::vector<Mount> read_mounts(const Root& root, std::string& buffer) {
    return parse_mounts(root.need_all("mounts", buffer), root.path_of("mounts"));
}

} // namespace tickertape::proc
