// SPDX-License-Identifier: MIT
#include "cli/page/html_writer.hpp"

#include <cstddef>
#include <cstdint>

namespace tickertape::cli::page {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD"; // U+FFFD

bool is_follower(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// The length of the character that `text` begins with, or 0 if these bytes are none that a page may hold.
std::size_t character_length(std::string_view text) noexcept {
    const auto first = static_cast<unsigned char>(text.front());
    if (first < 0x80) {
        return (first >= ' ' && first != 0x7F) || first == '\n' || first == '\t' ? 1 : 0;
    }
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < length) {
        return 0;
    }
    std::uint32_t code = first & (0x7FU >> length);
    for (const char c : text.substr(1, length - 1)) {
        if (!is_follower(c)) {
            return 0;
        }
        code = (code << 6U) | (static_cast<unsigned char>(c) & 0x3FU);
    }
    constexpr std::uint32_t shortest[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
    const bool is_none = (code & 0xFFFEU) == 0xFFFE || (code >= 0xFDD0 && code <= 0xFDEF) || code < 0xA0;
    return code < shortest[length] || code > 0x10FFFF || is_surrogate || is_none ? 0 : length;
}

void append_escaped(std::string& out, std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = character_length(text);
        if (length == 0) {
            out += replacement;
            text.remove_prefix(1);
            continue;
        }
        switch (text.front()) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        default: out += text.substr(0, length);
        }
        text.remove_prefix(length);
    }
}

} // namespace

void HtmlWriter::begin(std::string_view name, Attributes attributes) {
    out_.append("<").append(name);
    for (const auto& [key, value] : attributes) {
        out_.append(" ").append(key).append("=\"");
        append_escaped(out_, value);
        out_.append("\"");
    }
}

HtmlWriter& HtmlWriter::open(std::string_view name, Attributes attributes) {
    begin(name, attributes);
    out_.append(">");
    open_.emplace_back(name);
    return *this;
}

HtmlWriter& HtmlWriter::close() {
    out_.append("</").append(open_.back()).append(">");
    open_.pop_back();
    return *this;
}

HtmlWriter& HtmlWriter::text(std::string_view text) {
    append_escaped(out_, text);
    return *this;
}

HtmlWriter& HtmlWriter::lone(std::string_view name, Attributes attributes) {
    begin(name, attributes);
    out_.append("/>");
    return *this;
}

HtmlWriter& HtmlWriter::raw(std::string_view markup) {
    out_.append(markup);
    return *this;
}

} // namespace tickertape::cli::page
