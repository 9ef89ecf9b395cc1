// SPDX-License-Identifier: MIT
// Lines for telegraf and for collectd, read back by parsers that follow the readers' documentation and share no code with the
// formatters.
#include <output/collectd_formatter.hpp>
#include <output/influx_lines.hpp>
#include <tickertape/put_lines.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/random_points.hpp"

using namespace std::chrono_literals;
using namespace tickertape;
using tickertape::output::CollectdFormatter;
using tickertape::output::InfluxLines;

namespace {

constexpr WallTime at{std::chrono::nanoseconds{1'700'000'000'123'456'789}};

/// The line of a point without its newline; empty if it is refused.
template <class Formatter>
std::string line_of(const Formatter& formatter, const Point& point) {
    std::string text(max_line + 1, '\0');
    const point::LinesResult lines = formatter.write({&point, 1}, text);
    if (lines.refused) {
        CHECK(lines.points == 0);
        CHECK(lines.size == 0);
        return "";
    }
    REQUIRE(lines.points == 1);
    text.resize(lines.size);
    REQUIRE(text.ends_with('\n'));
    text.pop_back();
    CHECK(text.find('\n') == std::string::npos);
    return text;
}

template <class Formatter>
std::optional<Reason> refusal_of(const Formatter& formatter, const Point& point) {
    std::string text(max_line + 1, '\0');
    return formatter.write({&point, 1}, text).refused;
}

using Labels = std::map<std::string, std::string>;

/// A point as its reader understands it.
struct Read {
    std::string host;
    std::string metric;
    Labels tags;
    std::chrono::nanoseconds time{};
    double value = 0;
    std::optional<double> step = {};
};

double number_in(const std::string& text) {
    double number = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
    REQUIRE(end.ec == std::errc{});
    REQUIRE(end.ptr == text.data() + text.size());
    return number;
}

/// Nanoseconds in decimal seconds with up to nine decimals.
std::chrono::nanoseconds time_in(const std::string& seconds) {
    const std::size_t point = std::min(seconds.find('.'), seconds.size());
    std::string decimals = seconds.substr(std::min(point + 1, seconds.size()));
    decimals.resize(9, '0');
    return std::chrono::seconds{std::stoll(seconds.substr(0, point))} + std::chrono::nanoseconds{std::stoll(decimals)};
}

/// Cuts at each `separator` without a backslash before it, as the line protocol does, and removes the backslashes.
std::vector<std::string> cut(const std::string& text, char separator) {
    std::vector<std::string> parts{""};
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) {
            parts.back() += {text[i], text[i + 1]};
            ++i;
        } else if (text[i] == separator) {
            parts.emplace_back();
        } else {
            parts.back() += text[i];
        }
    }
    return parts;
}

Read parse_influx(const std::string& line) {
    const std::vector<std::string> three = cut(line, ' ');
    REQUIRE(three.size() == 3);
    const std::vector<std::string> names = cut(three[0], ',');
    Read read{.host = "", .metric = names[0], .tags = {}};
    for (std::size_t i = 1; i < names.size(); ++i) {
        const std::vector<std::string> tag = cut(names[i], '=');
        REQUIRE(tag.size() == 2);
        CHECK(read.tags.emplace(tag[0], tag[1]).second);
    }
    const std::vector<std::string> field = cut(three[1], '=');
    REQUIRE(field.size() == 2);
    CHECK(field[0] == "value");
    read.value = number_in(field[1]); // which refuses the suffix of an integer, i
    read.time = std::chrono::nanoseconds{std::stoll(three[2])};
    return read;
}

/// Reads a line as collectd 5 does: words, one of them may be quoted; an identifier
/// of three parts between slashes; instances after the first hyphen of a part.
Read parse_collectd(const std::string& line) {
    constexpr std::size_t longest = 127;
    std::istringstream words{line};
    std::string command;
    std::string values;
    words >> command >> std::ws;
    CHECK(command == "PUTVAL");
    REQUIRE(words.get() == '"');
    std::string identifier;
    REQUIRE(std::getline(words, identifier, '"'));
    CHECK(identifier.find('\\') == std::string::npos);
    words >> values;
    Read read;
    if (values.starts_with("interval=")) {
        read.step = number_in(values.substr(9));
        CHECK(*read.step > 0);
        words >> values;
    }
    CHECK(words.peek() == std::istringstream::traits_type::eof());

    const std::size_t first = identifier.find('/');
    const std::size_t second = identifier.find('/', first + 1);
    REQUIRE(second != std::string::npos);
    CHECK(identifier.find('/', second + 1) == std::string::npos);
    const auto instance_in = [&](const std::string& part, const std::string& name) {
        const std::size_t hyphen = std::min(part.find('-'), part.size());
        CHECK(part.substr(0, hyphen) == name);
        std::string instance = part.substr(std::min(hyphen + 1, part.size()));
        CHECK(instance.size() <= longest);
        std::replace(instance.begin(), instance.end(), '~', '/');
        return instance;
    };
    read.host = identifier.substr(0, first);
    CHECK(read.host.size() <= longest);
    std::replace(read.host.begin(), read.host.end(), '~', '/');
    read.metric = instance_in(identifier.substr(first + 1, second - first - 1), "tickertape");
    const std::string tags = instance_in(identifier.substr(second + 1), "gauge");
    for (const std::string& tag : tags.empty() ? std::vector<std::string>{} : cut(tags, ',')) {
        const std::size_t equals = tag.find('=');
        CHECK(read.tags.emplace(tag.substr(0, equals), tag.substr(equals + 1)).second);
    }
    const std::size_t colon = values.find(':');
    read.time = time_in(values.substr(0, colon));
    read.value = number_in(values.substr(colon + 1));
    return read;
}

Labels labels_of(const Series& series) {
    Labels labels;
    for (const auto& [key, value] : series.tags()) {
        labels.emplace(key, value);
    }
    return labels;
}

} // namespace

TEST_CASE("A line for telegraf is the text that InfluxDB is pushed, with a newline") {
    const InfluxLines lines{"web01"};
    CHECK(line_of(lines, {Series{"cpu.user", {{"core", "0"}, {"zone", "b"}}}, at, 1.5}) ==
          "cpu.user,core=0,host=web01,zone=b value=1.5 1700000000123456789");
    CHECK(line_of(InfluxLines{""}, {Series{"m", {}, {.step = 1s}}, at, 7}) == "m value=7 1700000000123456789");
    CHECK(refusal_of(lines, {Series{"m", {{"time", "x"}}}, at, 1}) == Reason::refused);
    const Series long_one{std::string(max_series_text, 'm')};
    CHECK(refusal_of(lines, {long_one, at, 1}) == std::nullopt);
    CHECK(refusal_of(InfluxLines{std::string(200, 'h')}, {long_one, at, 1}) == Reason::line_too_long);
}

TEST_CASE("A line for collectd has host, metric and tags in its identifier") {
    const CollectdFormatter lines{"web01"};
    CHECK(line_of(lines,
                  {Series{"proc.num_processes", {{"state", "running"}}, {.step = 1s}}, WallTime{1700000000s}, 8}) ==
          R"(PUTVAL "web01/tickertape-proc.num_processes/gauge-state=running" interval=1 1700000000:8)");
    CHECK(line_of(lines, {Series{"m", {{"a", "1"}, {"host", "db/1"}, {"z", "-2"}}, {.step = 100ms}}, at, -0.5}) ==
          R"(PUTVAL "db~1/tickertape-m/gauge-a=1,z=-2" interval=0.100 1700000000.123456789:-0.5)");
    CHECK(line_of(lines, {Series{"df-1", {{"host", "h"}, {"mount", "/var"}}}, WallTime{1700000000250ms}, 1e300}) ==
          R"(PUTVAL "h/tickertape-df-1/gauge-mount=~var" 1700000000.250:1e+300)");
    CHECK(line_of(lines, {Series{"a/b", {{"a", "b"}, {"host", "h"}}, {.step = 60s}}, WallTime{1s}, 0}) ==
          R"(PUTVAL "h/tickertape-a~b/gauge-a=b" interval=60 1:0)");
    CHECK(line_of(lines, {Series{"up"}, WallTime{1s}, 1}) == R"(PUTVAL "web01/tickertape-up/gauge" 1:1)");
    CHECK(line_of(lines, {Series{"up", {{"host", "h"}}}, WallTime{1s}, 1}) == R"(PUTVAL "h/tickertape-up/gauge" 1:1)");
}

TEST_CASE("A point that collectd would refuse or misread is refused at once") {
    const CollectdFormatter lines{"h"};
    const std::string fits(127, 'x');
    const std::string too_long(128, 'x');
    CHECK(refusal_of(lines, {Series{fits}, at, 1}) == std::nullopt);
    CHECK(refusal_of(lines, {Series{too_long}, at, 1}) == Reason::line_too_long);
    CHECK(refusal_of(lines, {Series{"m", {{"k", fits.substr(2)}}}, at, 1}) == std::nullopt);
    CHECK(refusal_of(lines, {Series{"m", {{"k", fits.substr(1)}}}, at, 1}) == Reason::line_too_long);
    CHECK(refusal_of(lines, {Series{"m", {{"host", fits}}}, at, 1}) == std::nullopt);
    CHECK(refusal_of(lines, {Series{"m", {{"host", too_long}}}, at, 1}) == Reason::line_too_long);
    CHECK(refusal_of(lines, {Series{"m"}, WallTime{999ms}, 1}) == Reason::bad_time); // 0 is "now" for collectd
    CHECK(refusal_of(lines, {Series{"m"}, WallTime{-5s}, 1}) == Reason::bad_time);
    CHECK_THROWS_AS(CollectdFormatter{too_long}, UsageError);
    CHECK_THROWS_AS(CollectdFormatter{"no name"}, UsageError);
}

TEST_CASE("Lines for telegraf and collectd read back as the points that they were") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    const InfluxLines influx{"h/1"};
    const CollectdFormatter collectd{"h/1"};
    int for_collectd = 0;
    for (const Point& point : test::random_points(random, 2000)) {
        const Series& series = point.series();
        CAPTURE(series.text());
        Labels tags = labels_of(series);
        tags.emplace("host", "h/1"); // unless there is one
        if (const std::string line = line_of(influx, point); !line.empty()) {
            const Read read = parse_influx(line);
            CHECK(read.metric == series.metric());
            CHECK(read.tags == tags);
            CHECK(read.time == point.time().time_since_epoch());
            CHECK(read.value == point.value().as_double());
        } else {
            CHECK(tags.contains("time"));
        }
        const std::string host = tags.at("host");
        tags.erase("host");
        if (const std::string line = line_of(collectd, point); !line.empty()) {
            const Read read = parse_collectd(line);
            CHECK(read.host == host);
            CHECK(read.metric == series.metric());
            CHECK(read.tags == tags);
            CHECK(read.time == point.time().time_since_epoch());
            CHECK(read.value == point.value().as_double());
            CHECK(read.step.has_value() == (series.step() > 0s));
            CHECK(read.step.value_or(0) == std::chrono::duration<double>(series.step()).count());
            ++for_collectd;
        }
    }
    CHECK(for_collectd > 0);
}

TEST_CASE("Two series never have one identifier of collectd, whatever their hyphens, dots and slashes") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    const CollectdFormatter lines{"a"};
    const auto word = [&] {
        std::string text;
        do {
            text += "-/.a"[random() % 4];
        } while (random() % 3 != 0);
        return text;
    };
    std::map<std::string, std::pair<std::string, Labels>> known;
    for (int i = 0; i < 20'000; ++i) {
        Tags tags;
        for (auto left = random() % 3; left > 0; --left) {
            tags.set(random() % 4 == 0 ? "host" : word(), word());
        }
        const Series series{word(), tags};
        const std::string line = line_of(lines, {series, at, 1});
        Labels labels = labels_of(series);
        labels.emplace("host", "a");
        const std::pair<std::string, Labels> identity{series.metric(), labels};
        const auto [known_one, is_new] = known.emplace(line, identity);
        REQUIRE(known_one->second == identity);
    }
    CHECK(known.size() > 1000);
}

TEST_CASE("Of points for InfluxDB each event counts, of those for collectd one a second") {
    CHECK(PutLines{{.form = Form::influx}}.traits().keeps_every_event);
    CHECK_FALSE(PutLines{{.form = Form::collectd}}.traits().keeps_every_event);
    CHECK_FALSE(PutLines{{.form = Form::put}}.traits().keeps_every_event);
}
