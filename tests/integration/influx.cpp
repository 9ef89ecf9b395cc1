// SPDX-License-Identifier: MIT
// Influx and the real InfluxDB and VictoriaMetrics: every point is read back.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <vector>

#include <boost/json.hpp>

#include <support/catch.hpp>
#include <support/eventually.hpp>
#include <support/peer.hpp>
#include <support/process.hpp>
#include <support/pushing.hpp>
#include <support/random_points.hpp>
#include <support/real_servers.hpp>
#include <tickertape/influx.hpp>
#include <tickertape/telemeter.hpp>
#include <tickertape/tsd_http.hpp>
#include <tickertape/tsd_telnet.hpp>

#include "stage/ledger.hpp"

namespace {

using namespace std::chrono_literals;
using namespace tickertape;
using test::RealInfluxDb;
using test::RealVictoriaMetrics;

namespace json = boost::json;

/// `key=value,key=value` in the order of keys, and a time.
using Place = std::pair<std::string, std::int64_t>;

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string all;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        all.append({'%', digits[byte / 16], digits[byte % 16]});
    }
    return all;
}

template <class Number>
Number number_of(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    REQUIRE(error == std::errc{});
    REQUIRE(end == text.data() + text.size());
    return number;
}

/// Names that a parser could confuse with its own words.
std::vector<std::string> awkward_names() {
    return {"m",     "-",   "..",   "/",         "1",      "1e5",  "_",   "time",
            "value", "-1i", "true", "a/b.c-d_e", "select", "name", "tags"};
}

std::vector<Tags> awkward_tags() {
    Tags many;
    for (int i = 0; i < 7; ++i) {
        many.set("k" + std::to_string(i), std::string(80, 'v'));
    }
    return {{},
            {{"a", "1"}},
            {{"a", "-"}, {"z", "/"}},
            {{"host", "other"}},
            {{"value", "value"}, {"select", "1i"}},
            {{"A", ".."}, {"a", "true"}, {"zz", "1"}},
            {{"1", "1"}, {"-", "t"}},
            many};
}

/// Makes points of all names and tags, at most one for a series and a time. Each series gets the next list of values.
std::vector<Point> awkward_points(test::Random& random, const std::vector<std::vector<double>>& values,
                                  std::chrono::nanoseconds grain, const std::vector<std::int64_t>& more_times) {
    std::vector<Point> points;
    std::uniform_int_distribution<std::int64_t> weeks{0, std::chrono::nanoseconds{24h * 14} / grain};
    std::size_t list = 0;
    for (const std::string& name : awkward_names()) {
        for (const Tags& tags : awkward_tags()) {
            const Series series{name, tags};
            const std::vector<double>& its = values[list++ % values.size()];
            std::size_t next = 0;
            std::vector<std::int64_t> times = more_times;
            for (int i = 0; i < 20; ++i) {
                times.push_back(1'700'000'000'000'000'000 + weeks(random) * grain.count());
            }
            std::sort(times.begin(), times.end());
            times.erase(std::unique(times.begin(), times.end()), times.end());
            for (const std::int64_t time : times) {
                points.emplace_back(series, WallTime{std::chrono::nanoseconds{time}}, its[next++ % its.size()]);
            }
        }
    }
    return points;
}

/// Returns a hundred lists of random values; the values of a list have the same magnitude.
std::vector<std::vector<double>> random_values(test::Random& random, int least_exponent, int most_exponent) {
    std::uniform_real_distribution<double> mantissa{1, 10};
    std::uniform_int_distribution<int> exponent{least_exponent, most_exponent};
    std::vector<std::vector<double>> lists(100);
    for (std::vector<double>& list : lists) {
        const double magnitude = std::pow(10.0, exponent(random));
        for (int i = 0; i < 30; ++i) {
            list.push_back(mantissa(random) * magnitude * (i % 2 == 0 ? 1 : -1));
        }
    }
    return lists;
}

std::string tags_of(const Point& point) {
    Tags tags = point.series().tags();
    if (tags.find("host") == nullptr) {
        tags.set("host", "h");
    }
    std::string text;
    for (const auto& [key, value] : tags) {
        text.append(text.empty() ? "" : ",").append(key).append("=").append(value);
    }
    return text;
}

void send(Influx& influx, const std::vector<Point>& points) {
    test::publish_all(influx, points);
    REQUIRE(influx.flush(test::in(test::long_time)));
    CHECK(influx.accounts()->now().acked == points.size());
    CHECK(influx.accounts()->now().balanced());
}

/// Returns the points of a measurement that InfluxDB stores.
std::map<Place, double> stored(const RealInfluxDb& server, std::string_view metric) {
    // All possible times: without bounds the query ends now.
    const std::string query = "select value from \"" + std::string{metric} +
                              "\" where time >= -9223372036854775806 and time <= 9223372036854775806 group by *";
    const std::string answer = server.query("GET /query?db=opentsdb&epoch=ns&chunked=true&q=" + percent_encoded(query));
    std::map<Place, double> all;
    for (std::size_t at = 0; at < answer.size();) { // name,tags,time,value
        const std::size_t end = std::min(answer.find('\n', at), answer.size());
        std::string_view line = std::string_view{answer}.substr(at, end - at);
        at = end + 1;
        if (line.empty() || line.starts_with("name,tags,time")) {
            continue;
        }
        const std::size_t last = line.rfind(',');
        const auto value = number_of<double>(line.substr(last + 1));
        line = line.substr(0, last);
        const auto time = number_of<std::int64_t>(line.substr(line.rfind(',') + 1));
        line = line.substr(0, line.rfind(','));
        line.remove_prefix(metric.size() + 1);
        if (line.starts_with('"')) {
            line = line.substr(1, line.size() - 2);
        }
        std::string tags; // without the columns of other series
        for (std::size_t begin = 0; begin < line.size();) {
            const std::size_t comma = std::min(line.find(',', begin), line.size());
            const std::string_view tag = line.substr(begin, comma - begin);
            begin = comma + 1;
            if (!tag.ends_with('=')) {
                tags.append(tags.empty() ? "" : ",").append(tag);
            }
        }
        CHECK(all.emplace(Place{tags, time}, value).second);
    }
    return all;
}

/// Returns the points of a metric that VictoriaMetrics stores, timestamps in milliseconds, without its tag of the database.
std::multimap<Place, double> stored(const RealVictoriaMetrics& server, std::string_view metric) {
    static_cast<void>(server.query("GET /internal/force_flush"));
    const std::string selector = "{__name__=\"" + std::string{metric} + "\"}";
    const std::string answer =
        server.query("GET /api/v1/export?start=1&end=4000000000&match[]=" + percent_encoded(selector));
    std::multimap<Place, double> all;
    for (std::size_t at = 0; at < answer.size();) {
        const std::size_t end = std::min(answer.find('\n', at), answer.size());
        const json::object block = json::parse(std::string_view{answer}.substr(at, end - at)).as_object();
        at = end + 1;
        Tags tags;
        for (const auto& [key, value] : block.at("metric").as_object()) {
            if (key != "__name__" && key != "db") {
                tags.set(std::string{key}, std::string{std::string_view{value.as_string()}});
            }
        }
        std::string text;
        for (const auto& [key, value] : tags) {
            text.append(text.empty() ? "" : ",").append(key).append("=").append(value);
        }
        const json::array& values = block.at("values").as_array();
        const json::array& times = block.at("timestamps").as_array();
        for (std::size_t i = 0; i < values.size(); ++i) {
            all.emplace(Place{text, times.at(i).to_number<std::int64_t>()}, values[i].to_number<double>());
        }
    }
    return all;
}

PushOptions options() { return {.host_tag = HostTag::named("h")}; }

} // namespace

TEST_CASE("Influx: every point is read back equal from a real InfluxDB") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    const RealInfluxDb server;
    auto values = random_values(random, -307, 307);
    values.push_back({0, 1, -1, 0.1, 1.5e-7, 123456789, 0.30000000000000004, 3.141592653589793});
    values.push_back({5e-324, -5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 9007199254740993.0});
    // The first and the last possible time, one nanosecond, and a time before 1970.
    const auto points =
        awkward_points(random, values, 1ns,
                       {-9'223'372'036'854'775'806, -1, 0, 1, 7'000'000'000'000'000'001, 9'223'372'036'854'775'806});
    Influx influx{server.influx(), options()};
    send(influx, points);

    std::map<std::string, std::map<Place, double>> sent;
    for (const Point& point : points) {
        sent[std::string{point.series().metric()}].emplace(
            Place{tags_of(point), point.time().time_since_epoch().count()}, point.value().as_double());
    }
    for (const auto& [metric, expected] : sent) {
        CAPTURE(metric);
        CHECK(stored(server, metric) == expected);
    }
}

TEST_CASE("Influx: from a real VictoriaMetrics points come back to 12 digits and the millisecond, as METRIC_value") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    const RealVictoriaMetrics server;
    // It stores one decimal exponent for many samples of a series, so small values beside large ones lose digits. Numbers of 16
    // digits below 1e-292 become 0, because it uses the exponent of the last digit.
    auto values = random_values(random, -290, 299);
    values.push_back({0, 1, -1, 0.1, 0.30000000000000004, 3.141592653589793});
    values.push_back({1e-300, -2e-300, 3e-300});
    values.push_back({1e300, -2e300, 3.5e300});
    values.push_back({9007199254740992, -9007199254740992});
    const auto points = awkward_points(random, values, 1ms, {});
    Influx influx{server.influx(), options()};
    send(influx, points);

    std::map<std::string, std::map<Place, double>> sent;
    for (const Point& point : points) {
        sent[std::string{point.series().metric()} + "_value"].emplace(
            Place{tags_of(point), point.time().time_since_epoch() / 1ms}, point.value().as_double());
    }
    for (const auto& [metric, expected] : sent) {
        CAPTURE(metric);
        const auto all = stored(server, metric);
        CHECK(all.size() == expected.size());
        std::size_t equal = 0;
        for (const auto& [place, value] : expected) {
            const auto found = all.find(place); // it cuts digits below a relative 1e-12, and the comparison rounds
            equal += found != all.end() && std::abs(found->second - value) <= std::abs(value) * 1.01e-12 ? 1 : 0;
        }
        CHECK(equal == expected.size());
    }
}

TEST_CASE("Influx: a missing database is reported, and the points wait until it exists") {
    const RealInfluxDb server;
    Influx influx{server.influx("later"), options()};
    const auto points = test::some_points(500);
    test::publish_all(influx, points);
    const auto limit = std::chrono::steady_clock::now() + test::long_time;
    while (influx.status().targets.at(0).failures == 0) {
        REQUIRE(std::chrono::steady_clock::now() < limit);
        std::this_thread::sleep_for(1ms);
    }
    CHECK_THAT(influx.status().targets.at(0).last_failure, Catch::Matchers::ContainsSubstring("database not found"));
    CHECK(influx.accounts()->now().in_flight == points.size());
    static_cast<void>(server.query("POST /query?q=create%20database%20later"));
    CHECK(influx.flush(test::in(test::long_time)));
    CHECK(influx.accounts()->now().acked == points.size());
}

TEST_CASE("Influx: a point that InfluxDB refuses is found, and the others are stored") {
    const RealInfluxDb server;
    // A field has the type of its first value: here an integer.
    auto points = test::some_points(1000);
    const std::string line =
        "conflict,host=h value=1i " + std::to_string(points[0].time().time_since_epoch().count()) + "\n";
    const std::string target = server.influx();
    const std::size_t colon = target.rfind(':');
    const test::Peer peer{number_of<std::uint16_t>(target.substr(colon + 1, target.find('/', colon) - colon - 1))};
    peer.say("POST /write?db=opentsdb HTTP/1.0\r\nContent-Length: " + std::to_string(line.size()) + "\r\n\r\n" + line);
    REQUIRE_THAT(peer.rest(), Catch::Matchers::ContainsSubstring(" 204 "));
    Influx first{server.influx(), options()};
    for (const std::ptrdiff_t place : {3, 333, 334, 900}) {
        points.insert(points.begin() + place, Point{Series{"conflict"}, points[0].time(), 0.5});
    }
    points.insert(points.begin() + 333, Point{Series{"m", {{"time", "x"}}}, points[0].time(), 1});
    points.insert(points.begin() + 700, Point{Series{"m"}, WallTime::max(), 1});
    test::publish_all(first, points);
    REQUIRE(first.flush(test::in(test::long_time)));
    const Account account = first.accounts()->now();
    CHECK(account.acked == 1000);
    CHECK(account.rejected_for(Reason::refused) == 5);
    CHECK(account.rejected_for(Reason::bad_time) == 1);
    CHECK(account.balanced());
    CHECK(stored(server, "m").size() == 1000);
    CHECK(stored(server, "conflict").size() == 1);
}

TEST_CASE("The flag --tsd influx:// pushes a collector's readings") {
    const RealInfluxDb server;
    test::Process process{{.program = std::filesystem::path{TICKERTAPE_BIN_DIR} / "numprocesses",
                           .arguments = {"--once", "--tsd", server.influx(), "--hostname", "h", "--now", "1700000000",
                                         "--proc-root", TICKERTAPE_SOURCE_DIR "/tests/fixtures/proc/plain"},
                           .environment = {}}};
    CHECK(process.err.read_to_end(test::long_time).empty());
    CHECK(process.wait(test::long_time).value().code == 0);
    const auto all = stored(server, "proc.num_processes");
    CHECK(!all.empty());
    for (const auto& [place, value] : all) {
        CHECK_THAT(place.first, Catch::Matchers::StartsWith("host=h"));
        CHECK(place.second == 1'700'000'000'000'000'000);
    }
}

TEST_CASE("Influx: a Telemeter's calls are points each, to a TSD the same are one value a second") {
    const RealInfluxDb influxd;
    const RealVictoriaMetrics victoria;
    constexpr int calls = 1000;
    const auto measure = [](Telemeter telemeter, const std::string& shop) {
        const auto requests = telemeter.counter(shop + ".requests");
        const auto timer = telemeter.timer(shop + ".time");
        for (int i = 0; i < calls; ++i) {
            requests.inc();
            timer.took(std::chrono::milliseconds{i});
        }
        CHECK(telemeter.flush(test::in(test::long_time)));
        CHECK(telemeter.stats().all() == 0);
        CHECK(telemeter.account().balanced());
        CHECK(telemeter.account().all_dropped() == 0);
    };
    const auto sum = [](const auto& all) {
        double total = 0;
        for (const auto& [place, value] : all) {
            total += value;
        }
        return total;
    };
    const Tags tags{{"app", "checkout"}};
    const HostTag host = HostTag::named("h");
    measure(Telemeter{Influx{influxd.influx(), options()}, tags}, "shop");
    const auto events = stored(influxd, "shop.requests");
    CHECK(events.size() == calls);
    CHECK(sum(events) == calls);
    CHECK(stored(influxd, "shop.time").size() == calls);

    const auto check_merged = [&](const auto& server, const std::string& shop) {
        CAPTURE(shop);
        // A server may show points that came by telnet some time later; .max is sent last.
        CHECK(test::eventually([&] { return !stored(server, shop + ".time.max").empty(); }));
        const auto seconds = stored(server, shop + ".requests");
        CHECK(seconds.size() < calls / 10);
        CHECK(sum(seconds) == calls);
        CHECK(sum(stored(server, shop + ".time.count")) == calls);
        CHECK(std::abs(sum(stored(server, shop + ".time.sum")) - calls * (calls - 1) / 2000.0) < 1e-6);
        const auto max = stored(server, shop + ".time.max");
        CHECK(std::any_of(max.begin(), max.end(), [](const auto& point) { return point.second == 0.999; }));
    };
    measure(Telemeter{TsdHttp{victoria.http(), {.host_tag = host}}, tags}, "shop");
    check_merged(victoria, "shop");
    measure(Telemeter{TsdTelnet{victoria.telnet(), {.host_tag = host}}, tags}, "shop2");
    check_merged(victoria, "shop2");
    measure(Telemeter{TsdTelnet{influxd.telnet(), {.host_tag = host}}, tags}, "shop2");
    check_merged(influxd, "shop2");
}
