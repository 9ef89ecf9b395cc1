// SPDX-License-Identifier: MIT
/// \file
/// The abilities of the terminal, and text that keeps within its width.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tickertape::cli::terminal {

/// How to draw.
struct Style {
    std::size_t columns = 80; ///< at least 40
    bool colour = false;      ///< the 256 colours
    bool utf8 = false;        ///< else plain ASCII
};

/// The style for standard output: plain ASCII if that is no terminal, if NO_COLOR is set, and for TERM=dumb; else 256 colours,
/// and UTF-8 where the locale says so (LC_ALL, LC_CTYPE, LANG). `always` colours what is no terminal, `ascii` is plain.
/// `columns` of 0 asks the terminal, then COLUMNS, then takes 80.
[[nodiscard]] Style style_of_stdout(std::size_t columns, bool always, bool ascii);

/// The style for a screen that is drawn on: 256 colours unless NO_COLOR is set, and UTF-8 where the locale says so;
/// `ascii` is plain. `columns` is not asked for.
[[nodiscard]] Style style_of_screen(bool ascii);
/// False for TERM=dumb, and without TERM.
[[nodiscard]] bool can_place_cursor();

/// Appends `words` to `out`, two blanks between them, in lines of at most `columns` that begin with `indent` blanks. A word
/// that is too long for a line goes into several, at blanks where it has any.
void append_wrapped(std::string& out, const std::vector<std::string>& words, std::size_t indent, std::size_t columns,
                    std::string_view between = "  ");

} // namespace tickertape::cli::terminal
