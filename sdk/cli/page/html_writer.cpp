// SPDX-License-Identifier: MIT
#include "cli/page/html_writer.hpp"

#include <cstddef>

#include "base/utf8.hpp"

namespace tickertape::cli::page {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD"; // U+FFFD

// Returns whether `character`, of at least two bytes, is a control character or a code that is not a character.
bool is_no_text(std::string_view character) noexcept {
    const std::string_view behind_plane = character.substr(character.size() - 2);
    const bool ends_plane = character.size() > 2 && (behind_plane == "\xBF\xBE" || behind_plane == "\xBF\xBF") &&
                            (static_cast<unsigned char>(character[character.size() - 3]) & 0x0FU) == 0x0FU;
    return character < "\u00a0" || ends_plane || (character >= "\uFDD0" && character <= "\uFDEF");
}

// Returns the length of the first character of `text`, or 0 if a page cannot hold these bytes.
std::size_t character_length(std::string_view text) noexcept {
    const auto first = static_cast<unsigned char>(text.front());
    if (first < 0x80) {
        return (first >= ' ' && first != 0x7F) || first == '\n' || first == '\t' ? 1 : 0;
    }
    const std::size_t length = base::utf8_length(text);
    return length == 0 || is_no_text(text.substr(0, length)) ? 0 : length;
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
