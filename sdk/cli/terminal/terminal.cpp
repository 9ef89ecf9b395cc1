// SPDX-License-Identifier: MIT
#include "cli/terminal/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <strings.h>

#include "base/whole_number.hpp"

namespace tickertape::cli::terminal {

namespace {

constexpr std::size_t narrowest = 40;
constexpr std::size_t usual = 80;

std::string_view variable(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? std::string_view{} : std::string_view{value};
}

std::size_t columns_of_stdout() {
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        return size.ws_col;
    }
    const std::size_t columns = base::whole_number<std::size_t>(variable("COLUMNS")).value_or(0);
    return columns > 0 ? columns : usual;
}

// Reads the environment, because the process itself stays in the "C" locale, in which numbers have points.
bool locale_is_utf8() {
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const std::string_view value = variable(name);
        if (!value.empty()) {
            const std::size_t dot = value.find('.');
            const std::string charset{dot == std::string_view::npos ? ""
                                                                    : value.substr(dot + 1, value.find('@') - dot - 1)};
            return strcasecmp(charset.c_str(), "utf-8") == 0 || strcasecmp(charset.c_str(), "utf8") == 0;
        }
    }
    return false;
}

// Returns the part of the text that fits into `room`, up to a blank if there is one.
std::string_view first_line(std::string_view text, std::size_t room) {
    if (text.size() <= room) {
        return text;
    }
    const std::size_t blank = text.substr(0, room + 1).rfind(' ');
    return text.substr(0, blank == std::string_view::npos || blank == 0 ? room : blank);
}

} // namespace

Style style_of_stdout(std::size_t columns, bool always, bool ascii) {
    Style style{.columns = std::max(narrowest, columns > 0 ? columns : columns_of_stdout())};
    const bool shows_colour = isatty(STDOUT_FILENO) == 1 && variable("NO_COLOR").empty() && variable("TERM") != "dumb";
    if (!ascii && (always || shows_colour)) {
        style.colour = true;
        style.utf8 = locale_is_utf8();
    }
    return style;
}

Style style_of_screen(bool ascii) {
    return {.colour = !ascii && variable("NO_COLOR").empty(), .utf8 = !ascii && locale_is_utf8()};
}

bool can_place_cursor() { return !variable("TERM").empty() && variable("TERM") != "dumb"; }

void append_wrapped(std::string& out, const std::vector<std::string>& words, std::size_t indent, std::size_t columns,
                    std::string_view between) {
    const std::size_t room = columns - indent;
    std::size_t used = 0;
    for (std::string_view word : words) {
        if (used > 0 && used + between.size() + word.size() <= room) {
            out.append(between).append(word);
            used += between.size() + word.size();
            continue;
        }
        while (!word.empty()) {
            const std::string_view part = first_line(word, room);
            out.append(used > 0 ? "\n" : "").append(indent, ' ').append(part);
            used = part.size();
            word.remove_prefix(part.size());
            word.remove_prefix(std::min(word.find_first_not_of(' '), word.size()));
        }
    }
    if (used > 0) {
        out.append("\n");
    }
}

} // namespace tickertape::cli::terminal
