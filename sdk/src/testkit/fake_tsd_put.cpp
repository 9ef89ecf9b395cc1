// SPDX-License-Identifier: MIT
#include <testkit/fake_tsd_put.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/whole_number.hpp"
#include "push/put_rules.hpp"

namespace tickertape::testkit {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Splits a line as a lenient server does, which treats several separators as one.
std::vector<std::string_view> split(std::string_view line, std::string_view separators) {
    std::vector<std::string_view> words;
    for (std::size_t begin = line.find_first_not_of(separators); begin != std::string_view::npos;) {
        const std::size_t end = line.find_first_of(separators, begin);
        words.push_back(line.substr(begin, end - begin));
        begin = end == std::string_view::npos ? end : line.find_first_not_of(separators, end);
    }
    return words;
}

bool all_digits(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }

} // namespace

std::string_view metric_of(std::string_view line) {
    constexpr std::string_view put = "put ";
    const std::string_view rest = line.starts_with(put) ? line.substr(put.size()) : std::string_view{};
    return rest.substr(0, rest.find(' '));
}

bool victoria_metrics_stores(std::string_view line) {
    const std::vector<std::string_view> words = split(line, " ");
    if (words.size() < 4 || words[0] != "put" || !line.starts_with("put ")) {
        return false;
    }
    const std::string_view seconds = words[2].substr(0, words[2].find('.'));
    const auto time = base::whole_number<std::uint64_t>(seconds);
    if (!all_digits(seconds) || seconds.size() > 10 || !time ||
        *time > 4'000'000'000) { // beyond the range of its clock
        return false;
    }
    const std::string_view value = words[3].substr(words[3].starts_with('-') ? 1 : 0);
    const bool one_sided = value.empty() || !is_digit(value[0]) || value.back() == '.';
    if ((one_sided || !push::java_number(value)) && value != "inf" && value != "Infinity") {
        return false;
    }
    return std::all_of(words.begin() + 4, words.end(),
                       [](std::string_view tag) { return tag.find('=') != std::string_view::npos; });
}

bool influxdb_stores(std::string_view line) {
    const std::vector<std::string_view> words = split(line, " \t\r\v\f");
    if (words.size() < 4 || words[0] != "put" || !all_digits(words[2]) ||
        (words[2].size() != 10 && words[2].size() != 13)) {
        return false;
    }
    const std::optional<double> value = push::java_number(words[3]);
    return value && std::isfinite(*value);
}

} // namespace tickertape::testkit
