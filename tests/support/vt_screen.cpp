// SPDX-License-Identifier: MIT
#include "support/vt_screen.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace test {

namespace {

std::size_t length_of_character(char first) {
    const auto byte = static_cast<unsigned char>(first);
    return byte < 0x80 ? 1 : byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
}

[[noreturn]] void unknown(const std::string& what) {
    throw std::runtime_error{"a terminal may not know '" + what + "'"};
}

} // namespace

void VtScreen::feed(std::string_view bytes) {
    for (const char byte : bytes) {
        if (byte == '\x1b') {
            begun_ = byte; // this also ends an incomplete sequence
        } else if (begun_.starts_with('\x1b')) {
            begun_.push_back(byte);
            if (begun_.size() == 2 && byte != '[') {
                unknown(begun_.substr(1));
            }
            if (begun_.size() > 2 && byte >= '@' && byte <= '~') {
                const std::string sequence = std::exchange(begun_, {});
                obey(std::string_view{sequence}.substr(2, sequence.size() - 3), byte);
            }
        } else if (begun_.empty() && (byte == '\r' || byte == '\n')) {
            byte == '\r' ? page().column = 0 : page().row = std::min(page().row + 1, page().rows.size() - 1);
        } else if (begun_.empty() && static_cast<unsigned char>(byte) < ' ') {
            unknown("control character " + std::to_string(static_cast<int>(byte)));
        } else {
            begun_.push_back(byte);
            if (begun_.size() == length_of_character(begun_.front())) {
                put(std::exchange(begun_, {}));
            }
        }
    }
}

void VtScreen::put(std::string character) {
    Page& at = page();
    if (at.column >= columns_) {
        ++beyond_;
        return;
    }
    Row& row = at.rows.at(at.row);
    row.resize(std::max(row.size(), at.column + 1), " ");
    row[at.column++] = std::move(character);
}

void VtScreen::obey(std::string_view parameters, char command) {
    Page& at = page();
    const std::string text{parameters};
    if (command == 'm') {
        look_ = text.empty() || text == "0" ? "" : look_ + ";" + text;
    } else if (command == 'H') {
        const std::size_t semicolon = text.find(';');
        at.row = text.empty() ? 0 : std::stoul(text) - 1;
        at.column = semicolon == std::string::npos ? 0 : std::stoul(text.substr(semicolon + 1)) - 1;
        at.row = std::min(at.row, at.rows.size() - 1); // so do real ones
        ++rows_drawn_;
    } else if (command == 'K' && text.empty()) {
        Row& row = at.rows.at(at.row);
        row.resize(std::min(row.size(), at.column));
    } else if (command == 'J' && text == "2") {
        std::fill(at.rows.begin(), at.rows.end(), Row{});
    } else if ((command == 'h' || command == 'l') && text.starts_with('?')) {
        set_mode(parameters.substr(1), command == 'h');
    } else {
        unknown("ESC [ " + text + command);
    }
}

void VtScreen::set_mode(std::string_view mode, bool on) {
    if (mode == "1049") {
        is_other_ = on;
    } else if (mode == "25") {
        has_cursor_ = on;
    } else if (mode == "2026") {
        is_held_ = on;
    } else {
        unknown("mode " + std::string{mode});
    }
}

void VtScreen::resize(std::size_t rows, std::size_t columns) {
    columns_ = columns;
    for (Page* page : {&main_, &other_}) {
        page->rows.resize(rows);
        page->row = std::min(page->row, rows - 1);
        for (Row& row : page->rows) {
            row.resize(std::min(row.size(), columns));
        }
    }
}

std::string VtScreen::row(std::size_t index) const {
    std::string text;
    for (const std::string& character : (is_other_ ? other_ : main_).rows.at(index)) {
        text += character;
    }
    return text.erase(text.find_last_not_of(' ') + 1);
}

std::vector<std::string> VtScreen::rows() const {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < (is_other_ ? other_ : main_).rows.size(); ++i) {
        all.push_back(row(i));
    }
    return all;
}

std::string VtScreen::text() const {
    std::string text;
    for (const std::string& row : rows()) {
        text += row + "\n";
    }
    return text;
}

} // namespace test
