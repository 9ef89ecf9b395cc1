// SPDX-License-Identifier: MIT
#include "cli/page/svg_frame.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/concat.hpp"
#include "cli/page/text.hpp"

namespace tickertape::cli::page {

namespace {

constexpr double label_below = 16;    // from the top of the axis to the base line of the letters
constexpr double half_letter = 0.012; // as a part of a picture's width on a telephone
constexpr double margin = 0.06;

std::string shortest(double number) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.2f", number);
    std::string result{text.data()};
    result.erase(result.find_last_not_of('0') + 1);
    if (result.back() == '.') {
        result.pop_back();
    }
    return result;
}

} // namespace

std::string percent(double part) { return shortest(part * 100).append("%"); }
std::string pixels(double length) { return shortest(length); }

void open_picture(HtmlWriter& page, const std::string& id, double height, std::string_view title,
                  std::string_view description, std::size_t most_width) {
    const std::string title_id = base::concat(id, "-title");
    const std::string description_id = base::concat(id, "-description");
    const std::string style = most_width == 0 ? "" : base::concat("max-width:", most_width, "px");
    page.open("svg", {{"class", "picture"},
                      {"role", "img"},
                      {"aria-labelledby", base::concat(title_id, " ", description_id)},
                      {"width", "100%"},
                      {"height", pixels(height)},
                      {"style", style}});
    page.element("title", {{"id", title_id}}, title).element("desc", {{"id", description_id}}, description);
}

void open_plot(HtmlWriter& page, std::size_t columns, int rows, double height) {
    page.open("svg", {{"viewBox", base::concat("0 0 ", columns, " ", rows)},
                      {"preserveAspectRatio", "none"},
                      {"width", "100%"},
                      {"height", pixels(height)}});
}

void write_line(HtmlWriter& page, std::string_view kind, double y) {
    page.lone("line", {{"class", kind}, {"x1", "0"}, {"y1", pixels(y)}, {"x2", "100%"}, {"y2", pixels(y)}});
}

void write_value_axis(HtmlWriter& page, const std::vector<Tick>& ticks, double height) {
    for (const Tick& tick : ticks) {
        const double y = height * (1 - tick.place);
        write_line(page, "grid", y);
        page.element("text", {{"class", "left"}, {"x", "-8"}, {"y", pixels(y)}, {"dy", "0.32em"}}, tick.label);
    }
}

void write_bottom_axis(HtmlWriter& page, const std::vector<Tick>& ticks, double top, bool lines) {
    for (const Tick& tick : ticks) {
        const std::string x = percent(tick.place);
        page.lone("line", {{"class", lines ? "grid" : "mark"},
                           {"x1", x},
                           {"y1", lines ? "0" : pixels(top)},
                           {"x2", x},
                           {"y2", pixels(top + 4)}});
        // On a telephone there is room for a few letters on the right of the picture.
        const bool sticks_out = tick.place + half_letter * static_cast<double>(tick.label.size()) > 1 + margin;
        const std::string_view side = sticks_out ? "last" : "middle";
        page.element("text", {{"class", side}, {"x", x}, {"y", pixels(top + label_below)}}, tick.label);
    }
}

void write_time_axis(HtmlWriter& page, WallTime begin, std::chrono::nanoseconds span, double top) {
    write_bottom_axis(page, time_ticks(begin, span), top);
}

void write_offset_axis(HtmlWriter& page, std::chrono::nanoseconds row, std::size_t rows, double height) {
    constexpr std::size_t every = 10;
    const std::size_t step = rows >= 2 * every ? every : std::max<std::size_t>(rows / 4, 1);
    for (std::size_t i = 0; i < rows; i += step) {
        const double y = height * static_cast<double>(i) / static_cast<double>(rows);
        page.lone("line", {{"class", "mark"}, {"x1", "-4"}, {"y1", pixels(y)}, {"x2", "0"}, {"y2", pixels(y)}});
        page.element("text", {{"class", "left"}, {"x", "-8"}, {"y", pixels(y)}, {"dy", "0.32em"}},
                     i == 0 ? "0" : length_text(row * static_cast<std::int64_t>(i)));
    }
}

void write_key(HtmlWriter& page, std::string_view kind, std::string_view meaning) {
    page.open("span", {{"class", "key"}}).element("i", {{"class", kind}}, "").text(" ").text(meaning).close();
    page.text(" ");
}

} // namespace tickertape::cli::page
