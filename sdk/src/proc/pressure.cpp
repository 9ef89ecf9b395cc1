// SPDX-License-Identifier: MIT
#include <tickertape/proc/pressure.hpp>

#include <array>
#include <string>

#include <tickertape/proc/relative_path.hpp>
#include <tickertape/proc/tokens.hpp>

#include "base/concat.hpp"

namespace tickertape::proc {

namespace {

template <class Number>
Number value_of(Tokens& tokens, std::string_view key) {
    const std::string_view word = tokens.next();
    Number number{};
    if (!word.starts_with(key) || !to_number(word.substr(key.size()), number)) {
        tokens.refuse(word, base::concat("is not '", key, "' and a number"));
    }
    return number;
}

} // namespace

Pressure parse_pressure(std::string_view text, std::string_view file, SkippedRows& skipped) {
    Pressure pressure;
    each_row(text, file, skipped, [&pressure](Tokens& tokens) {
        const std::string_view who = tokens.next();
        if (who == "some" || who == "full") {
            PressureTimes times{};
            times.avg10 = value_of<double>(tokens, "avg10=");
            times.avg60 = value_of<double>(tokens, "avg60=");
            times.avg300 = value_of<double>(tokens, "avg300=");
            times.total = value_of<std::uint64_t>(tokens, "total=");
            (who == "some" ? pressure.some : pressure.full) = times;
        }
    });
    if (!pressure.some && !pressure.full) {
        throw ParseError{base::concat(file, ": there is no line 'some' or 'full'")};
    }
    return pressure;
}

std::optional<Pressure> read_pressure(const Root& root, std::string_view resource) {
    const RelativePath name = RelativePath{"pressure/"}.append(resource);
    std::array<char, 1024> buffer; // NOLINT(*-member-init): read fills the bytes that are used
    const auto text = root.read(name.c_str(), buffer);
    if (!text) {
        return std::nullopt;
    }
    return parse_pressure(*text, root.path_of(name.text()), root.skipped());
}

} // namespace tickertape::proc
