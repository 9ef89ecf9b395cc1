// SPDX-License-Identifier: MIT
/// \file
/// HtmlWriter: markup that is well-formed as HTML and as XML.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickertape::cli::page {

/// Writes elements and text. It escapes all text, so text is never taken for markup. Bytes that are not UTF-8, and characters
/// that a page cannot hold, become U+FFFD.
///
/// Thread safety: none.
class HtmlWriter {
public:
    using Attributes = std::initializer_list<std::pair<std::string_view, std::string_view>>;

    HtmlWriter& open(std::string_view name, Attributes attributes = {});
    /// Ends the innermost open element.
    HtmlWriter& close();
    HtmlWriter& text(std::string_view text);
    /// Writes an element that has only text.
    HtmlWriter& element(std::string_view name, Attributes attributes, std::string_view text) {
        return open(name, attributes).text(text).close();
    }
    /// Writes an element without content and end tag: `<meta …/>`, `<path …/>`.
    HtmlWriter& lone(std::string_view name, Attributes attributes = {});
    /// Writes markup unchanged.
    HtmlWriter& raw(std::string_view markup);

    /// Returns the text written since the last call.
    [[nodiscard]] std::string take() { return std::exchange(out_, {}); }

private:
    void begin(std::string_view name, Attributes attributes);

    std::string out_;
    std::vector<std::string> open_;
};

} // namespace tickertape::cli::page
