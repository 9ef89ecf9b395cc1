// SPDX-License-Identifier: MIT
/// \file
/// ScreenLine: a row of a screen, and its width.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "cli/terminal/terminal.hpp"

namespace tickertape::cli::terminal {

/// The size of a screen, in characters.
struct Size {
    std::size_t rows = 24;
    std::size_t columns = 80;

    friend bool operator==(const Size&, const Size&) = default;
};

/// The look of characters.
enum class Look : std::uint8_t { plain, reverse, bold, bar, warning, faint };

/// A text with the sequences that change its look. It ends with the plain look.
struct ScreenLine {
    std::string text{};
    std::size_t width = 0; ///< in columns

    friend bool operator==(const ScreenLine&, const ScreenLine&) = default;
};

/// Writes a line from left to right. It leaves out text beyond its width.
///
/// Thread safety: one thread at a time.
class LineWriter {
public:
    LineWriter(std::size_t width, const Style& style) : room_{width}, style_{style} {}

    /// `text` is ASCII.
    LineWriter& put(std::string_view text, Look look = Look::plain);
    /// Writes a glyph of any bytes, one column wide.
    LineWriter& put_glyph(std::string_view glyph, Look look);
    /// Writes `text` right-aligned in the next `width` columns.
    LineWriter& put_right(std::string_view text, std::size_t width, Look look = Look::plain);
    /// Writes blanks up to the column `column`.
    LineWriter& fill_to(std::size_t column, Look look = Look::plain);

    [[nodiscard]] std::size_t room() const noexcept { return room_ - line_.width; }
    [[nodiscard]] ScreenLine take();

private:
    void look_like(Look look);

    ScreenLine line_;
    std::size_t room_;
    const Style& style_;
    Look look_ = Look::plain;
};

} // namespace tickertape::cli::terminal
