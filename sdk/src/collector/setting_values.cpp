// SPDX-License-Identifier: MIT
#include "collector/setting_values.hpp"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/concat.hpp"
#include "base/duration.hpp"
#include "base/nearest.hpp"
#include "base/quote.hpp"
#include "base/whole_number.hpp"

namespace tickertape::collector {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds longest{std::chrono::hours{24 * 366}};

} // namespace

std::string in_seconds(milliseconds time) {
    constexpr milliseconds::rep second = 1000;
    std::string text = std::to_string(time.count() / second);
    if (const auto rest = time.count() % second; rest != 0) {
        std::string decimals = std::to_string(second + rest); // the sum keeps the leading zeros
        decimals.front() = '.';
        decimals.erase(decimals.find_last_not_of('0') + 1);
        text += decimals;
    }
    return text;
}

void refuse(const std::string& value, const std::string& what) { throw UsageError{base::quote(value) + " " + what}; }

milliseconds duration_of(const std::string& text, milliseconds least) {
    const std::optional<milliseconds> time = base::parse_duration(text);
    if (!time) {
        refuse(text, std::string{base::no_duration});
    }
    if (*time < least) {
        refuse(text, "is too short; the shortest is " + in_seconds(least) + " s");
    }
    if (*time > longest) {
        refuse(text, "is too long; the longest is a year");
    }
    return *time;
}

std::chrono::seconds whole_seconds_of(const std::string& text) {
    const milliseconds time = duration_of(text, milliseconds{0});
    if (time % std::chrono::seconds{1} != milliseconds{0}) {
        refuse(text, "is not a whole number of seconds");
    }
    return std::chrono::duration_cast<std::chrono::seconds>(time);
}

std::uint32_t number_of(const std::string& text) {
    const std::optional<std::uint32_t> number = base::whole_number<std::uint32_t>(text);
    if (!number) {
        refuse(text, "is not a whole number, or is too large");
    }
    return *number;
}

bool switch_of(const std::string& text) {
    for (const auto& [word, on] : {std::pair{"true", true}, {"1", true}, {"false", false}, {"0", false}}) {
        if (text == word) {
            return on;
        }
    }
    refuse(text, "is neither true nor false");
}

void add_tag(Tags& tags, const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) {
        refuse(text, "has no '='; write it as KEY=VALUE");
    }
    const std::string key = text.substr(0, equals);
    if (tags.find(key) != nullptr) {
        refuse(text, "sets a key for the second time");
    }
    tags.set(key, text.substr(equals + 1));
}

Form form_of(const std::string& text) {
    std::vector<std::string> names;
    for (const auto& [name, form] : {std::pair{"auto", Form::automatic},
                                     {"put", Form::put},
                                     {"tcollector", Form::tcollector},
                                     {"influx", Form::influx},
                                     {"collectd", Form::collectd}}) {
        if (text == name) {
            return form;
        }
        names.emplace_back(name);
    }
    const std::string meant = base::nearest(text, names);
    refuse(text, base::concat("is no format; ", meant.empty() ? "" : "perhaps " + meant + " is meant; ",
                              "there are auto, put, tcollector, influx and collectd"));
}

std::filesystem::path directory_of(const std::string& text) {
    std::error_code error;
    if (!std::filesystem::is_directory(text, error)) {
        refuse(text, "is no directory");
    }
    return text;
}

HostTag host_tag_of(const std::string& text) {
    if (text == "auto") {
        return HostTag::automatic();
    }
    if (text == "none") {
        return HostTag::none();
    }
    return HostTag::named(text);
}

Target target_of(const std::string& text) {
    Target target{text};
    if (target.uses_tls()) {
        refuse(target.text(),
               "needs TLS, which collectors do without; pipe their lines into tickertape push, which has it");
    }
    return target;
}

base::Level log_level_of(const std::string& text) {
    const std::optional<base::Level> level = base::level_of(text);
    if (!level) {
        refuse(text, "is no level; write error, warning, notice or info");
    }
    return *level;
}

} // namespace tickertape::collector
