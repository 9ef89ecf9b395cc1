// SPDX-License-Identifier: MIT
#include "support/stored_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <sstream>
#include <utility>

#include <boost/json.hpp>

namespace test {

namespace {

namespace json = boost::json;

using TagSet = std::set<std::pair<std::string, std::string>>;

std::string number_text(double number) {
    std::array<char, 64> text{};
    return {text.data(), std::to_chars(text.data(), text.data() + text.size(), number).ptr};
}

std::string point_text(const std::string& metric, const TagSet& tags, std::int64_t microseconds,
                       const std::string& value) {
    std::string text = metric + "{";
    for (const auto& [key, its] : tags) {
        text += (text.ends_with('{') ? "" : ",") + key + "=" + its;
    }
    return text + "} " + std::to_string(microseconds) + " " + value;
}

std::vector<std::string_view> cut(std::string_view text, char at) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(at), text.size());
        parts.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

/// Splits a line of CSV. Fields may be in quotes, with doubled quotes inside.
std::vector<std::string> fields_of(std::string_view line) {
    std::vector<std::string> fields(1);
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '"') {
            quoted = !quoted;
            if (quoted && i > 0 && line[i - 1] == '"') {
                fields.back() += '"';
            }
        } else if (line[i] == ',' && !quoted) {
            fields.emplace_back();
        } else {
            fields.back() += line[i];
        }
    }
    return fields;
}

/// Splits `key=value,…`. A backslash removes the meaning of `,`, `=` and blanks.
std::vector<std::pair<std::string, std::string>> tags_of(std::string_view text) {
    std::vector<std::pair<std::string, std::string>> tags(1);
    bool in_value = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escaped = text[i] == '\\' && i + 1 < text.size() && std::string_view{",= "}.find(text[i + 1]) < 3;
        i += escaped ? 1 : 0;
        if (!escaped && text[i] == ',') {
            tags.emplace_back();
            in_value = false;
        } else if (!escaped && text[i] == '=' && !in_value) {
            in_value = true;
        } else {
            (in_value ? tags.back().second : tags.back().first) += text[i];
        }
    }
    return tags;
}

/// Returns a number in the form of a double, and an integer that no double equals unchanged.
std::string value_text(const std::string& text) {
    std::int64_t integer = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), integer);
    const double number = std::strtod(text.c_str(), nullptr);
    const bool is_integer = error == std::errc{} && end == text.data() + text.size();
    return is_integer && std::int64_t{1} << 53U < std::abs(integer) && static_cast<std::int64_t>(number) != integer
               ? text
               : number_text(number);
}

double to_double(const json::value& value) { return value.is_double() ? value.as_double() : value.to_number<double>(); }

} // namespace

std::vector<std::string> stored_text(const RealVictoriaMetrics& server, std::string_view prefix) {
    static_cast<void>(server.query("GET /internal/force_flush"));
    const std::string answer = server.query("GET /api/v1/export?match[]=%7B__name__=~%22" + std::string{prefix} +
                                            ".*%22%7D&start=1&end=4000000000");
    std::vector<std::string> points;
    for (const std::string_view line : cut(answer, '\n')) {
        boost::system::error_code error;
        const json::value block = json::parse(line, error);
        if (error) {
            points.emplace_back(line);
            continue;
        }
        const json::array& values = block.at("values").as_array();
        // Infinities are strings in newer VictoriaMetrics, and no valid JSON in older ones.
        if (!std::all_of(values.begin(), values.end(), [](const json::value& value) { return value.is_number(); })) {
            points.emplace_back(line);
            continue;
        }
        std::string metric;
        TagSet tags;
        for (const auto& [key, value] : block.at("metric").as_object()) {
            const std::string text{value.as_string()};
            key == "__name__" ? static_cast<void>(metric = text) : static_cast<void>(tags.emplace(key, text));
        }
        for (std::size_t i = 0; i < values.size(); ++i) {
            points.push_back(point_text(metric, tags,
                                        block.at("timestamps").as_array().at(i).to_number<std::int64_t>() * 1000,
                                        number_text(to_double(values[i]))));
        }
    }
    std::sort(points.begin(), points.end());
    return points;
}

std::vector<std::string> stored_text(const RealInfluxDb& server, std::string_view prefix) {
    const std::string answer =
        server.query("GET /query?db=opentsdb&epoch=u&q=select%20value%20from%20/%5E" + std::string{prefix} +
                     "/%20where%20time%20%3C%20'2100-01-01'%20group%20by%20*");
    std::vector<std::string> points;
    for (const std::string_view line : cut(answer, '\n')) { // name,tags,time,value
        const std::vector<std::string> fields = fields_of(line);
        if (fields.size() != 4 || fields[0] == "name") {
            continue;
        }
        TagSet tags;
        for (auto& [key, value] : tags_of(fields[1])) {
            if (!value.empty()) { // otherwise the field belongs to another series of that name
                tags.emplace(std::move(key), std::move(value));
            }
        }
        points.push_back(
            point_text(fields[0], tags, std::stoll(fields[2]), number_text(std::strtod(fields[3].c_str(), nullptr))));
    }
    std::sort(points.begin(), points.end());
    return points;
}

std::vector<std::string> meant_text(std::string_view lines) {
    constexpr double microseconds = 1e6;
    std::vector<std::string> points;
    for (const std::string_view line : cut(lines, '\n')) {
        std::istringstream input{std::string{line}};
        std::string command;
        std::string metric;
        std::string stamp;
        std::string value;
        if (!(input >> command >> metric >> stamp >> value)) {
            continue;
        }
        TagSet tags;
        for (std::string tag; input >> tag;) {
            const std::size_t sign = std::min(tag.find('='), tag.size());
            tags.emplace(tag.substr(0, sign), tag.substr(std::min(sign + 1, tag.size())));
        }
        const double time = std::strtod(stamp.c_str(), nullptr);
        const bool in_milliseconds = stamp.size() == 13 && stamp.find_first_not_of("0123456789") == std::string::npos;
        points.push_back(point_text(metric, tags, std::llround(in_milliseconds ? time * 1000 : time * microseconds),
                                    value_text(value)));
    }
    std::sort(points.begin(), points.end());
    points.erase(std::unique(points.begin(), points.end()), points.end());
    return points;
}

} // namespace test
