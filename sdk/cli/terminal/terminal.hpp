// SPDX-License-Identifier: MIT
/// \file
/// The abilities of the terminal, and text of limited width.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tickertape::cli::terminal {

/// The size and the colours of a picture.
struct Style {
    std::size_t columns = 80; ///< at least 40
    bool colour = false;      ///< 256 colours; else none
    bool utf8 = false;        ///< UTF-8; else plain ASCII
};

/// Returns the style for standard output. It is plain ASCII if stdout is no terminal, if NO_COLOR is set, or for TERM=dumb.
/// Otherwise it has 256 colours, and UTF-8 if the locale has it (LC_ALL, LC_CTYPE, LANG). `always` uses colours without a
/// terminal, too; `ascii` is plain. If `columns` is 0, the width is that of the terminal, else COLUMNS, else 80.
[[nodiscard]] Style style_of_stdout(std::size_t columns, bool always, bool ascii);

/// Returns the style for drawing on a screen: 256 colours unless NO_COLOR is set, and UTF-8 if the locale has it. `ascii` is
/// plain. Does not set `columns`.
[[nodiscard]] Style style_of_screen(bool ascii);
/// Returns false for TERM=dumb, and without TERM.
[[nodiscard]] bool can_place_cursor();

/// Appends `words` to `out`, with two blanks between them, in lines of at most `columns` that begin with `indent` blanks. A word
/// that is too long for a line is split, at blanks if it has any.
void append_wrapped(std::string& out, const std::vector<std::string>& words, std::size_t indent, std::size_t columns,
                    std::string_view between = "  ");

} // namespace tickertape::cli::terminal
