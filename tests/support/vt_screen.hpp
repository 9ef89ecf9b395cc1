// SPDX-License-Identifier: MIT
/// \file
/// VtScreen: computes the picture of a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace test {

/// Knows only the sequences that our programs use, and throws std::runtime_error for others. A character that does not fit on its
/// row is a fault of the program: it is not shown, but counted.
class VtScreen {
public:
    VtScreen(std::size_t rows, std::size_t columns) : columns_{columns}, main_{rows}, other_{rows} {}

    void feed(std::string_view bytes);
    /// Like xterm: rows are removed or added at the bottom.
    void resize(std::size_t rows, std::size_t columns);

    /// Returns a row as UTF-8, without blanks at the end.
    [[nodiscard]] std::string row(std::size_t index) const;
    [[nodiscard]] std::vector<std::string> rows() const;
    /// Returns all rows, each with a newline.
    [[nodiscard]] std::string text() const;
    [[nodiscard]] bool shows_other_page() const noexcept { return is_other_; }
    [[nodiscard]] bool shows_cursor() const noexcept { return has_cursor_; }
    [[nodiscard]] bool has_plain_look() const noexcept { return look_.empty(); }
    /// Returns whether a picture has begun and not ended.
    [[nodiscard]] bool is_held() const noexcept { return is_held_; }
    [[nodiscard]] std::size_t beyond_the_edge() const noexcept { return beyond_; }
    /// Rows that were written to.
    [[nodiscard]] std::size_t rows_drawn() const noexcept { return rows_drawn_; }

private:
    using Row = std::vector<std::string>; // one string for each column
    struct Page {
        explicit Page(std::size_t count) : rows(count) {}
        std::vector<Row> rows;
        std::size_t row = 0;
        std::size_t column = 0;
    };

    [[nodiscard]] Page& page() noexcept { return is_other_ ? other_ : main_; }
    void put(std::string character);
    void obey(std::string_view parameters, char command);
    void set_mode(std::string_view mode, bool on);

    std::size_t columns_;
    Page main_;
    Page other_;
    bool is_other_ = false;
    bool has_cursor_ = true;
    bool is_held_ = false;
    std::string look_;
    std::string begun_; // of an incomplete sequence or character
    std::size_t beyond_ = 0;
    std::size_t rows_drawn_ = 0;
};

} // namespace test
