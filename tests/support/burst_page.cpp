// SPDX-License-Identifier: MIT
#include "support/burst_page.hpp"

#include <chrono>

#include <boost/json.hpp>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace test {

namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

void flatten(const json::value& value, const std::string& path, std::map<std::string, std::string>& out) {
    const std::string prefix = path.empty() ? "" : path + ".";
    if (const auto* const object = value.if_object()) {
        for (const auto& [key, member] : *object) {
            flatten(member, prefix + std::string{key}, out);
        }
    } else if (const auto* const array = value.if_array()) {
        for (std::size_t i = 0; i < array->size(); ++i) {
            flatten((*array)[i], prefix + std::to_string(i), out);
        }
    } else {
        const auto* const text = value.if_string();
        out[path] = text != nullptr ? std::string{*text} : value.is_null() ? "" : json::serialize(value);
    }
}

} // namespace

Result burst(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "burst");
    return run({.program = collector("tickertape"), .arguments = std::move(arguments)}, 60s);
}

std::string page_line(std::string_view metric, std::int64_t stamp, const std::string& value) {
    return "put " + std::string{metric} + " " + std::to_string(stamp) + " " + value + " host=web1 job=a/b_c.d\n";
}

std::string all_kinds_of_series(Random& random) {
    std::string text = "put m 17 1 a=b\nput m 1700000000 x a=b\n";
    for (int i = 0; i < 4000; ++i) {
        if (i < 1000 || i >= 1500) {
            const bool hot = i % 100 < 7;
            text += page_line("fine", page_origin * 1000 + i * 10, std::to_string(up_to(random, hot ? 100'000 : 3)));
        }
    }
    for (const char* const count : {"2", "9"}) {
        text += "put tickertape.buckets.smeared " + std::to_string(page_origin + (count[0] - '0')) + " " + count +
                " collector=web\n";
    }
    for (int i = 0; i < 900; ++i) {
        text += page_line("real", page_origin + i, std::to_string(up_to(random, 999)) + ".25");
        text += page_line("huge", page_origin + i, once_in(random, 9) ? "9223372036854775807" : "3");
        text += page_line("below", page_origin + i, std::to_string(-static_cast<int>(up_to(random, 50))));
        text += page_line("constant", page_origin + i, "7");
        text += page_line("silent", page_origin + i, "0");
    }
    return text + page_line("short", page_origin, "1") + page_line("days", page_origin, "1") +
           page_line("days", page_origin + 300'000, "2");
}

BurstPage make_page(const std::string& input, std::vector<std::string> arguments) {
    const TemporaryDirectory directory;
    directory.write("input", input);
    arguments.insert(arguments.end(),
                     {"--html", (directory.path() / "page.html").string(), (directory.path() / "input").string()});
    const Result result = burst(arguments);
    CAPTURE(result.err);
    CHECK(result.err.empty());
    CHECK(result.ended.code <= 1); // 1: the input has unusable lines
    return {contents_of(directory.path() / "page.html"), result.out};
}

std::map<std::string, std::string> figures_of_json(const std::string& text) {
    std::map<std::string, std::string> figures;
    flatten(json::parse(text), "", figures);
    return figures;
}

std::string as_json(const std::string& text) {
    try {
        return json::serialize(json::parse(text));
    } catch (const std::exception&) { // a word
        return text;
    }
}

} // namespace test
