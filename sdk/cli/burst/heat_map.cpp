// SPDX-License-Identifier: MIT
// The heat map: offsets within a period over time.
#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string_view>

#include "base/concat.hpp"
#include "cli/burst/cells.hpp"
#include "cli/burst/pictures.hpp"
#include "cli/page/text.hpp"

namespace tickertape::cli::burst {

namespace {

using std::chrono::nanoseconds;

constexpr std::string_view shades = ".:-=+*oX#@"; // the first sign is for 0
constexpr std::array<int, 10> colours{236, 17, 19, 55, 91, 127, 163, 204, 215, 227};
static_assert(shades.size() == ShadeScale::darkest + 1 && colours.size() == shades.size());
constexpr std::size_t margin = 8; // room for `  980 ms`
constexpr int no_data = ShadeScale::no_data;

std::string colour_code(int shade, bool background) {
    if (shade == no_data) {
        return background ? "49" : "39";
    }
    return base::concat(background ? "48;5;" : "38;5;", colours[static_cast<std::size_t>(shade)]);
}

// Returns two rows in one line: a half block, whose foreground is the upper row.
std::string half_cell(int upper, int lower) {
    if (upper == no_data && lower == no_data) {
        return "\x1b[0m ";
    }
    std::string text{"\x1b[0;"};
    if (upper == no_data) {
        return text.append(colour_code(lower, false)).append("m▄");
    }
    return text.append(colour_code(upper, false)).append(";").append(colour_code(lower, true)).append("m▀");
}

std::string cell(int shade, const terminal::Style& style) {
    if (shade == no_data) {
        return style.colour ? "\x1b[0m " : " ";
    }
    if (!style.colour) {
        return std::string{shades.substr(static_cast<std::size_t>(shade), 1)};
    }
    return base::concat("\x1b[0;", colour_code(shade, true), "m ");
}

std::string label(nanoseconds offset) {
    std::string text = offset.count() == 0 ? "0" : page::length_text(offset);
    return text.insert(0, margin - 1 - std::min(margin - 1, text.size()), ' ').append(" ");
}

void append_legend(std::string& out, const ShadeScale& scale, const terminal::Style& style) {
    std::size_t used = margin;
    out.append(margin, ' ');
    for (int shade = 0; shade < static_cast<int>(shades.size()); ++shade) {
        const std::string text = base::concat(" ", shade == 0 ? "0" : page::short_text(scale.from(shade)));
        if (used > margin && used + text.size() + 3 > style.columns) {
            out.append("\n").append(margin, ' ');
            used = margin;
        }
        out.append(used > margin ? "  " : "")
            .append(cell(shade, style))
            .append(style.colour ? "\x1b[0m" : "")
            .append(text);
        used += text.size() + (used > margin ? 3 : 1);
    }
    out.append("\n");
}

} // namespace

template <tickertape::burst::Number T>
std::string heat_map(const tickertape::burst::Samples<T>& samples, const terminal::Style& style) {
    const std::optional<Cells> cells = cells_of(samples, style.columns - margin);
    if (!cells) {
        return {};
    }
    std::string out;
    const bool halves = style.utf8 && style.colour;
    for (std::size_t row = 0; row < cells->rows(); row += halves ? 2 : 1) {
        out.append(row % 10 == 0 ? label(cells->row_length() * static_cast<std::int64_t>(row))
                                 : std::string(margin, ' '));
        for (std::size_t column = 0; column < cells->columns(); ++column) {
            const int shade = cells->shade(row, column);
            out.append(halves ? half_cell(shade, cells->shade(row + 1, column)) : cell(shade, style));
        }
        if (style.colour) {
            out.append("\x1b[0m");
        }
        out.append("\n");
    }
    terminal::append_wrapped(out,
                             {base::concat("a column: ", page::length_text(cells->column_length())),
                              base::concat("a row: ", page::length_text(cells->row_length())), "a cell: its maximum",
                              "blank: no data"},
                             margin, style.columns, ", ");
    append_legend(out, cells->scale(), style);
    return out;
}

template std::string heat_map(const tickertape::burst::Samples<std::int64_t>&, const terminal::Style&);
template std::string heat_map(const tickertape::burst::Samples<double>&, const terminal::Style&);

} // namespace tickertape::cli::burst
