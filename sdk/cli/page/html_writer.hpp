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

/// Elements and text, written as they come. All text is escaped, so that none is ever taken for markup; bytes that are no
/// UTF-8, and characters that no page holds, become U+FFFD.
///
/// Thread safety: none.
class HtmlWriter {
public:
    using Attributes = std::initializer_list<std::pair<std::string_view, std::string_view>>;

    HtmlWriter& open(std::string_view name, Attributes attributes = {});
    /// Ends the innermost element that is open.
    HtmlWriter& close();
    HtmlWriter& text(std::string_view text);
    /// An element with nothing but text.
    HtmlWriter& element(std::string_view name, Attributes attributes, std::string_view text) {
        return open(name, attributes).text(text).close();
    }
    /// One that has neither text nor an end: `<meta …/>`, `<path …/>`.
    HtmlWriter& lone(std::string_view name, Attributes attributes = {});
    /// Markup of our own.
    HtmlWriter& raw(std::string_view markup);

    /// The text written since the last call.
    [[nodiscard]] std::string take() { return std::exchange(out_, {}); }

private:
    void begin(std::string_view name, Attributes attributes);

    std::string out_;
    std::vector<std::string> open_;
};

} // namespace tickertape::cli::page
