// SPDX-License-Identifier: MIT
#include "push/line_series.hpp"

#include <cstddef>

namespace tickertape::push {

namespace {

std::string_view take_word(std::string_view& rest) noexcept {
    const std::size_t end = rest.find(' ');
    const std::string_view word = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return word;
}

} // namespace

std::string_view series_of_line(std::string_view line, std::string& buffer) {
    std::string_view rest = line;
    take_word(rest); // the word `put`
    const std::string_view metric = take_word(rest);
    take_word(rest); // the timestamp
    take_word(rest); // the value
    return buffer.assign(metric).append(" ").append(rest);
}

UnknownName unknown_name(std::string_view reply) {
    constexpr std::string_view before = "No such name for '";
    constexpr std::string_view between = "': '";
    const std::size_t begin = reply.find(before);
    const std::size_t kind = begin + before.size();
    const std::size_t kind_end = begin == std::string_view::npos ? begin : reply.find(between, kind);
    if (kind_end == std::string_view::npos) {
        return {};
    }
    const std::size_t name = kind_end + between.size();
    const std::size_t name_end = reply.find('\'', name);
    if (name_end == std::string_view::npos) {
        return {};
    }
    return {std::string{reply.substr(kind, kind_end - kind)}, std::string{reply.substr(name, name_end - name)}};
}

bool has_name(std::string_view series, const UnknownName& name) {
    std::string_view rest = series;
    const std::string_view metric = take_word(rest);
    if (name.kind == "metrics") {
        return metric == name.name;
    }
    while (!rest.empty()) {
        const std::string_view tag = take_word(rest);
        const std::size_t equals = tag.find('=');
        const std::string_view part = name.kind == "tagk"                ? tag.substr(0, equals)
                                      : equals == std::string_view::npos ? std::string_view{}
                                                                         : tag.substr(equals + 1);
        if (!part.empty() && part == name.name) {
            return true;
        }
    }
    return false;
}

} // namespace tickertape::push
