// SPDX-License-Identifier: MIT
/// \file
/// ScreenLine: a row of a screen, that knows how wide it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "cli/terminal/terminal.hpp"

namespace tickertape::cli::terminal {

/// Of a screen, in characters.
struct Size {
    std::size_t rows = 24;
    std::size_t columns = 80;

    friend bool operator==(const Size&, const Size&) = default;
};

/// How characters look.
enum class Look : std::uint8_t { plain, reverse, bold, bar, warning, faint };

/// Text with what selects looks, which are plain again at its end.
struct ScreenLine {
    std::string text{};
    std::size_t width = 0; ///< columns

    friend bool operator==(const ScreenLine&, const ScreenLine&) = default;
};

/// Writes a line from left to right. Text beyond its width is left out.
///
/// Thread safety: one thread at a time.
class LineWriter {
public:
    LineWriter(std::size_t width, const Style& style) : room_{width}, style_{style} {}

    /// `text` is ASCII.
    LineWriter& put(std::string_view text, Look look = Look::plain);
    /// One column, of whatever bytes.
    LineWriter& put_glyph(std::string_view glyph, Look look);
    /// `text` so that it ends after `width` columns more.
    LineWriter& put_right(std::string_view text, std::size_t width, Look look = Look::plain);
    /// Blanks up to the column `column`.
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
