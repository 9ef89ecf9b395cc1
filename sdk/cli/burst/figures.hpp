// SPDX-License-Identifier: MIT
/// \file
/// Figures on a page, and tables of them.
#pragma once

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tickertape/value.hpp>

#include "cli/page/html_writer.hpp"
#include "cli/page/text.hpp"

namespace tickertape::cli::burst {

/// Returns all digits, as in JSON; an empty text for nan and infinities, which JSON does not have.
[[nodiscard]] std::string exact_text(double number);
template <std::integral Integer>
[[nodiscard]] std::string exact_text(Integer number) {
    return to_string(Value{number});
}
[[nodiscard]] inline std::string exact_text(const char* text) { return text; }
template <class T>
[[nodiscard]] std::string exact_text(const std::optional<T>& number) {
    return number ? exact_text(*number) : std::string{};
}

/// A figure: its place in the JSON, all its digits, and its text for people.
struct Figure {
    std::string path;
    std::string exact; ///< empty for null
    std::string shown;

    template <class T>
    Figure(std::string_view at, const T& value) : Figure{at, value, page::short_text(value)} {}
    template <class T>
    Figure(std::string_view at, const T& value, std::string_view text) : path{at}, exact{exact_text(value)} {
        shown = exact.empty() ? "n/a" : text;
    }
    Figure(std::string_view at, const char* text) : Figure{at, text, text} {}
};

/// Writes `<data data-figure="path" value="exact">shown</data>`.
void write_figure(page::HtmlWriter& page, const Figure& figure);

/// A table. The destructor ends it.
///
/// Thread safety: none.
class Table {
public:
    /// Without `columns` it is a table of names and values.
    Table(page::HtmlWriter& page, std::string_view caption, std::initializer_list<std::string_view> columns = {});
    ~Table();
    Table(const Table&) = delete;
    Table& operator=(const Table&) = delete;

    void row(const std::vector<Figure>& figures);
    void pair(std::string_view name, const Figure& figure);
    /// Begins a row; the caller writes its cells.
    void begin_row();
    /// Writes a row with only `text` if the table has no row.
    void none_if_empty(std::string_view text);

private:
    page::HtmlWriter& page_;
    std::size_t columns_;
    bool in_row_ = false;
    bool is_empty_ = true;
};

} // namespace tickertape::cli::burst
