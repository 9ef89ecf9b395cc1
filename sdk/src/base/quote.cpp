// SPDX-License-Identifier: MIT
#include "base/quote.hpp"

#include <cstddef>

namespace tickertape::base {

namespace {

constexpr std::size_t longest_quoted = 80;

void append_printable(std::string& out, char c) {
    constexpr std::string_view hex = "0123456789abcdef";
    switch (c) {
    case '\n': out += "\\n"; return;
    case '\t': out += "\\t"; return;
    case '\r': out += "\\r"; return;
    case '\\': out += "\\\\"; return;
    case '\'': out += "\\'"; return;
    default: break;
    }
    if (c >= ' ' && c <= '~') {
        out += c;
        return;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += "\\x";
    out += hex[byte >> 4U];
    out += hex[byte & 0xfU];
}

} // namespace

std::string quote(std::string_view text) {
    std::string out{"'"};
    for (const char c : text.substr(0, longest_quoted)) {
        append_printable(out, c);
    }
    if (text.size() > longest_quoted) {
        out += "...' (" + std::to_string(text.size()) + " bytes)";
    } else {
        out += '\'';
    }
    return out;
}

} // namespace tickertape::base
