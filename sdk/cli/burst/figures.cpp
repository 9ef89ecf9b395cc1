// SPDX-License-Identifier: MIT
#include "cli/burst/figures.hpp"

namespace tickertape::cli::burst {

std::string exact_text(double number) {
    const auto value = Value::checked(number);
    return value ? to_string(*value) : std::string{};
}

void write_figure(page::HtmlWriter& page, const Figure& figure) {
    page.element("data", {{"data-figure", figure.path}, {"value", figure.exact}}, figure.shown);
}

Table::Table(page::HtmlWriter& page, std::string_view caption, std::initializer_list<std::string_view> columns)
    : page_{page}, columns_{columns.size()} {
    page_.open("div", {{"class", "scroll"}}).open("table", {{"class", columns_ == 0 ? "pairs" : "rows"}});
    page_.element("caption", {}, caption);
    if (columns_ > 0) {
        page_.open("thead").open("tr");
        for (const std::string_view column : columns) {
            page_.element("th", {{"scope", "col"}}, column);
        }
        page_.close().close();
    }
    page_.open("tbody");
}

Table::~Table() {
    if (in_row_) {
        page_.close();
    }
    page_.close().close().close();
}

void Table::begin_row() {
    if (in_row_) {
        page_.close();
    }
    page_.open("tr");
    in_row_ = true;
    is_empty_ = false;
}

void Table::row(const std::vector<Figure>& figures) {
    begin_row();
    for (const Figure& figure : figures) {
        page_.open("td");
        write_figure(page_, figure);
        page_.close();
    }
}

void Table::pair(std::string_view name, const Figure& figure) {
    begin_row();
    page_.element("th", {{"scope", "row"}}, name).open("td");
    write_figure(page_, figure);
    page_.close();
}

void Table::none_if_empty(std::string_view text) {
    if (is_empty_) {
        begin_row();
        page_.element("td", {{"colspan", std::to_string(columns_)}, {"class", "none"}}, text);
    }
}

} // namespace tickertape::cli::burst
