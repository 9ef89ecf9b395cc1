// SPDX-License-Identifier: MIT
#include "cli/terminal/screen_line.hpp"

#include <algorithm>
#include <utility>

namespace tickertape::cli::terminal {

namespace {

// Returns the sequence for a look. Reverse and bold are no colours, so they need no `style.colour`.
std::string_view selecting(Look look, const Style& style) {
    switch (look) {
    case Look::plain: break;
    case Look::reverse: return "\x1b[7m";
    case Look::bold: return "\x1b[1m";
    case Look::bar: return style.colour ? "\x1b[38;5;209m" : "";
    case Look::warning: return style.colour ? "\x1b[38;5;196m" : "";
    case Look::faint: return style.colour ? "\x1b[38;5;244m" : "";
    }
    return "";
}

} // namespace

void LineWriter::look_like(Look look) {
    if (look != look_) {
        if (!selecting(look_, style_).empty()) {
            line_.text.append("\x1b[0m");
        }
        line_.text.append(selecting(look, style_));
        look_ = look;
    }
}

LineWriter& LineWriter::put(std::string_view text, Look look) {
    text = text.substr(0, room());
    if (!text.empty()) {
        look_like(look);
        line_.text.append(text);
        line_.width += text.size();
    }
    return *this;
}

LineWriter& LineWriter::put_glyph(std::string_view glyph, Look look) {
    if (room() > 0) {
        look_like(look);
        line_.text.append(glyph);
        ++line_.width;
    }
    return *this;
}

LineWriter& LineWriter::put_right(std::string_view text, std::size_t width, Look look) {
    fill_to(line_.width + width - std::min(width, text.size()));
    return put(text, look);
}

LineWriter& LineWriter::fill_to(std::size_t column, Look look) {
    return put(std::string(column - std::min(column, line_.width), ' '), look);
}

ScreenLine LineWriter::take() {
    look_like(Look::plain);
    return std::exchange(line_, {});
}

} // namespace tickertape::cli::terminal
