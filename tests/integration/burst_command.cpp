// SPDX-License-Identifier: MIT
// `tickertape burst` from a user's point of view.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include <tickertape/dedup.hpp>
#include <tickertape/put_lines.hpp>

#include "support/catch.hpp"
#include "support/long_time.hpp"
#include "support/process.hpp"
#include "support/seed.hpp"
#include "support/temporary_directory.hpp"

namespace {

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using test::Ended;
using test::long_time;
using test::Result;
namespace json = boost::json;

Result run(std::vector<std::string> arguments, const std::string& input,
           std::map<std::string, std::string> environment = {}) {
    const test::TemporaryDirectory directory;
    std::ofstream{directory.path() / "input"} << input;
    arguments.insert(arguments.begin(), "burst");
    test::Process process{{.program = std::filesystem::path{TICKERTAPE_BIN_DIR} / "tickertape",
                           .arguments = std::move(arguments),
                           .in = directory.path() / "input",
                           .environment = std::move(environment)}};
    return test::finish(process, long_time);
}

json::value report(std::vector<std::string> arguments, const std::string& input) {
    arguments.emplace_back("--json");
    const Result ran = run(std::move(arguments), input);
    CAPTURE(ran.out, ran.err);
    REQUIRE(ran.ended == test::exit_0);
    return json::parse(ran.out);
}

std::string line(const std::string& metric, std::int64_t stamp, const std::string& value, const std::string& tags) {
    return "put " + metric + " " + std::to_string(stamp) + " " + value + " " + tags + "\n";
}

constexpr std::int64_t origin = 1'700'000'000;

/// Four seconds of 50 in each minute, in addition to 2 a second.
std::string bursts(const std::string& metric, const std::string& tags, int seconds) {
    std::string text;
    for (int i = 0; i < seconds; ++i) {
        text += line(metric, origin + i, i % 60 >= 30 && i % 60 < 34 ? "50" : "2", tags);
    }
    return text;
}

/// Buckets of 10 ms with everything that a report can show.
std::string milliseconds(test::Random& random) {
    std::string text;
    for (int i = 0; i < 800; ++i) {
        if (i < 300 || i >= 350) {
            const auto value =
                test::once_in(random, 20) ? test::up_to(random, 1'000'000'000'000) : test::up_to(random, 3);
            text += line("m", origin * 1000 + i * 10, std::to_string(value), "a=" + std::string(60, 'x') + " b=1");
        }
    }
    return text;
}

/// Returns the width of each line without its colours, in characters.
std::vector<std::size_t> widths(const std::string& text) {
    std::vector<std::size_t> result;
    std::size_t width = 0;
    bool in_escape = false;
    for (const char c : text) {
        if (c == '\n') {
            result.push_back(std::exchange(width, 0));
        } else if (c == '\x1b') {
            in_escape = true;
        } else if (in_escape) {
            in_escape = c != 'm';
        } else {
            width += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
        }
    }
    return result;
}

bool is_ascii(const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); });
}

} // namespace

TEST_CASE("burst command: the figures of a small input match a calculation by hand") {
    const auto all = report({"--hi", "10", "--service-rate", "10"}, bursts("m", "host=a", 600));
    CHECK(all.at("input").at("lines") == 600);
    const auto& one = all.at("reports").at(0);
    CHECK(one.at("series") == "m host=a");
    CHECK(one.at("step_ms") == 1000);
    CHECK(one.at("buckets") == 600);
    CHECK(one.at("from_ms") == origin * 1000);
    CHECK(one.at("to_ms") == (origin + 600) * 1000);
    CHECK(one.at("max") == 50);
    CHECK(one.at("p50") == 2);
    CHECK(one.at("mean").to_number<double>() == Catch::Approx(2 + 48 * 4 / 60.0));
    CHECK(one.at("bursts").at("count") == 10);
    CHECK(one.at("bursts").at("length_p50") == 4);
    CHECK(one.at("bursts").at("gap_p50") == 56);
    CHECK(one.at("bursts").at("list").at(0).at("begins_ms") == (origin + 30) * 1000);
    CHECK(one.at("bursts").at("share_of_volume").to_number<double>() == Catch::Approx(200.0 / (200 + 112)));
    CHECK(one.at("queues").at(0).at("queue") == 160);
    CHECK(one.at("periods").at(0).at("buckets") == 60);
    CHECK(one.at("scales").at(9).at("dispersion").is_null());
}

TEST_CASE("burst command: a deduped and a raw stream of the same data have the same figures") {
    const auto seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    const test::TemporaryDirectory directory;
    const auto write = [&](const std::filesystem::path& path, std::chrono::seconds interval, test::Random numbers) {
        const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        {
            tickertape::Dedup dedup{
                tickertape::PutLines{
                    {.fd = fd, .form = tickertape::Form::put, .host_tag = tickertape::HostTag::none()}},
                {.interval = interval}};
            std::vector<tickertape::Series> series;
            for (const char* name : {"busy", "calm", "real"}) {
                series.emplace_back(std::string_view{name}, tickertape::Tags{{"a", "b"}},
                                    tickertape::SeriesOptions{.step = 1s});
            }
            std::vector<tickertape::Value> values{0, 0, 0.5};
            for (int i = 0; i < 3000; ++i) {
                for (std::size_t s = 0; s < series.size(); ++s) {
                    if (test::once_in(numbers, s == 0 ? 3 : 200)) {
                        values[s] = s == 2 ? tickertape::Value{static_cast<double>(test::up_to(numbers, 9)) / 4}
                                           : tickertape::Value{test::up_to(numbers, 9)};
                    }
                    const tickertape::Point point{series[s], tickertape::WallTime{std::chrono::seconds{origin + i}},
                                                  values[s]};
                    dedup.publish({&point, 1});
                }
            }
            dedup.flush({});
        }
        close(fd);
    };
    write(directory.path() / "raw", 0s, random);
    write(directory.path() / "thin", 300s, random);
    const auto read = [&](const char* name) {
        std::ifstream file{directory.path() / name};
        return std::string{std::istreambuf_iterator<char>{file}, {}};
    };
    REQUIRE(read("thin").size() < read("raw").size() / 2);
    auto raw = report({}, read("raw"));
    auto thin = report({}, read("thin"));
    REQUIRE(thin.at("reports").as_array().size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        auto& expected = raw.at("reports").at(i).as_object();
        auto& found = thin.at("reports").at(i).as_object();
        CHECK(expected.at("filled") == 0);
        CHECK(found.at("filled") != 0);
        expected.erase("filled");
        found.erase("filled");
        CHECK(json::serialize(found) == json::serialize(expected));
    }
    CHECK_THAT(run({}, read("thin")).out, ContainsSubstring("held back by dedup, filled in"));
    CHECK(report({"--dedup", "0"}, read("thin")).at("reports").at(0).at("missing") != 0);
}

TEST_CASE("burst command: unusable lines are counted by reason, and the exit code is 1") {
    const Result ran =
        run({}, bursts("m", "host=a", 100) + "put m 17 1 host=a\nput m 1700000000 x host=a\nput m 1700000000 1\n\n" +
                    "put m 1700000000 x host=a\n");
    CHECK(ran.ended == Ended{.code = 1});
    CHECK_THAT(ran.out, ContainsSubstring("105 lines"));
    CHECK_THAT(ran.out, ContainsSubstring("1 unusable: bad timestamp"));
    CHECK_THAT(ran.out, ContainsSubstring("2 unusable: bad value"));
    CHECK_THAT(ran.out, ContainsSubstring("1 unusable: no tags"));
    CHECK_THAT(ran.out, ContainsSubstring("1 unusable: empty line"));
    const Result missing = run({"/nowhere/at/all"}, "");
    CHECK(missing.ended == Ended{.code = 1});
    CHECK_THAT(missing.err, ContainsSubstring("/nowhere/at/all"));
}

TEST_CASE("burst command: reports are sorted by falling burstiness, filtered, and summed by a tag") {
    std::string input = bursts("b", "host=a dc=x", 600) + bursts("b", "host=b dc=x", 600);
    for (int i = 0; i < 600; ++i) {
        input += line("calm", origin + i, std::to_string(5 + i % 2), "host=a");
        input += line("a.wild", origin + i, i == 300 ? "90" : "1", "host=a");
    }
    const auto all = report({}, input);
    REQUIRE(all.at("reports").as_array().size() == 4);
    CHECK(all.at("reports").at(0).at("series") == "a.wild host=a");
    CHECK(all.at("reports").at(1).at("series") == "b dc=x host=a");
    CHECK(all.at("reports").at(3).at("series") == "calm host=a");

    const auto some = report({"--metric", "b*", "--by", "dc", "--last", "120s", "--hi", "50"}, input);
    REQUIRE(some.at("reports").as_array().size() == 1);
    const auto& sum = some.at("reports").at(0);
    CHECK(some.at("input").at("not_asked_for") == 1200);
    CHECK(some.at("input").at("too_old") == 960);
    CHECK(sum.at("series") == "b dc=x");
    CHECK(sum.at("summed_series") == 2);
    CHECK(sum.at("buckets") == 120);
    CHECK(sum.at("max") == 100);
    CHECK(sum.at("bursts").at("count") == 2);

    const Result first = run({"--top", "1"}, input);
    CHECK_THAT(first.out,
               ContainsSubstring("a.wild") && !ContainsSubstring("calm") && ContainsSubstring("3 more series"));
}

TEST_CASE("burst command: without a terminal a report is plain ASCII with the figures of its JSON") {
    const Result ran = run({"--hi", "10", "--service-rate", "10"}, bursts("m", "host=a", 600), {{"LC_ALL", "C.UTF-8"}});
    CHECK(ran.ended == test::exit_0);
    CHECK(is_ascii(ran.out));
    for (const char* part :
         {"m host=a", "600 buckets of 1 s", "max 50", "p50 2", "mean 5.2", "bursts 10", "length p50 4 s",
          "gap p50 56 s", "64.1 % of the volume", "queue needed 160 at 10/s", "60 s ("}) {
        CHECK_THAT(ran.out, ContainsSubstring(part));
    }
    const Result plain = run({"--ascii", "--color", "always"}, bursts("m", "host=a", 600), {{"LC_ALL", "C.UTF-8"}});
    CHECK(is_ascii(plain.out));
}

TEST_CASE("burst command: no line is wider than asked for, with and without colours, and UTF-8 is for UTF-8 locales") {
    const auto seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    std::string input = milliseconds(random);
    for (int i = 0; i < 2500; ++i) { // more seconds than columns
        input += line("long", origin * 1000 + i * 100, std::to_string(test::up_to(random, 100)), "a=b");
    }
    for (const std::size_t columns : {1U, 40U, 41U, 57U, 80U, 200U}) {
        for (const std::string locale : {"C", "C.UTF-8", ""}) {
            for (const std::string colour : {"never", "always"}) {
                CAPTURE(columns, locale, colour);
                const Result ran =
                    run({"--columns", std::to_string(columns), "--color", colour}, input,
                        {{"LC_ALL", locale}, {"LC_CTYPE", ""}, {"LANG", ""}, {"TERM", "xterm-256color"}});
                CAPTURE(ran.out);
                REQUIRE(ran.ended == test::exit_0);
                const auto found = widths(ran.out);
                REQUIRE(*std::max_element(found.begin(), found.end()) <= std::max<std::size_t>(columns, 40));
                REQUIRE(found.size() > 40); // the map alone takes 25 or 50
                const bool has_colour = ran.out.find("\x1b[") != std::string::npos;
                const bool has_blocks = ran.out.find("▀") != std::string::npos;
                REQUIRE(has_colour == (colour == "always"));
                REQUIRE(has_blocks == (colour == "always" && locale == "C.UTF-8"));
            }
        }
    }
}

TEST_CASE("burst command: the sparkline shows maxima, and blanks where there is no data") {
    std::string input;
    for (int i = 0; i < 680; ++i) { // 20 buckets a column at 40 columns
        if (i < 200 || i >= 240) {
            input += line("m", origin + i, i == 105 ? "9" : i >= 400 ? "4" : "0", "a=b");
        }
    }
    const Result ran = run({"--columns", "40", "--dedup", "0"}, input);
    CHECK_THAT(ran.out, ContainsSubstring("  max _____@____  ________==============\n"));
    CHECK_THAT(ran.out, ContainsSubstring("  p50 __________  ________==============\n"));
    CHECK_THAT(ran.out, ContainsSubstring("1 gap  40 buckets missing"));
}

TEST_CASE("burst command: a report over several days shows dates") {
    std::string input;
    for (int i = 0; i < 96; ++i) {
        input += line("m", origin + i * 3600, i % 24 == 12 ? "50" : "1", "a=b");
    }
    const Result wide = run({}, input);
    CHECK_THAT(wide.out, ContainsSubstring("2023-11-14  22:13:20 to") && ContainsSubstring("2023-11-18 22:13:20 UTC"));
    CHECK_THAT(wide.out, ContainsSubstring("             begins   length     peak   volume\n"));
    CHECK_THAT(wide.out, ContainsSubstring("\n2023-11-15 10:13:20   60 min       50       50\n"));
    const Result narrow = run({"--columns", "40"}, input);
    CHECK_THAT(narrow.out, ContainsSubstring("\n11-15 10:13   60 min       50       50\n"));
}

TEST_CASE("burst command: smeared buckets are reported from a collector's self-metric") {
    const std::string input = bursts("m", "host=a", 120);
    const std::string before = line("tickertape.buckets.smeared", origin, "2", "collector=web");
    CHECK_THAT(run({}, input + before + line("tickertape.buckets.smeared", origin + 60, "5", "collector=web")).out,
               ContainsSubstring("3 buckets of collector=web smeared"));
    // In addition to the requested rates.
    const std::string after = line("tickertape.buckets.smeared", origin + 60, "5", "collector=web");
    CHECK_THAT(run({"--metric", "m"}, input + before + after).out,
               ContainsSubstring("1 series") && ContainsSubstring("3 buckets of collector=web smeared"));
    const auto all = report({"--metric", "m"}, input + before + after);
    CHECK(all.at("reports").as_array().size() == 1);
    CHECK(all.at("input").at("smeared").at(0).at("tags") == "collector=web");
    CHECK(all.at("input").at("smeared").at(0).at("buckets") == 3);
    CHECK_THAT(run({}, input + before + line("tickertape.buckets.smeared", origin + 60, "2", "collector=web")).out,
               !ContainsSubstring("collector=web smeared"));
}

TEST_CASE("burst command: invalid arguments are refused without a report") {
    for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{{"--last", "soon"},
                                                                                           {"--granularity", "0"},
                                                                                           {"--granularity", "1001d"},
                                                                                           {"--dedup", "-5"},
                                                                                           {"--hi", "1", "--lo", "2"},
                                                                                           {"--hi", "nan"},
                                                                                           {"--lo", "inf"},
                                                                                           {"--capacity", "nan"},
                                                                                           {"--service-rate", "nan"},
                                                                                           {"--capacity", "0"},
                                                                                           {"--service-rate", "-1"},
                                                                                           {"--no-such-flag"}}) {
        CAPTURE(arguments);
        const Result ran = run(arguments, "");
        CHECK(ran.ended == Ended{.code = 2});
        CHECK(!ran.err.empty());
        CHECK(ran.out.empty());
    }
}

TEST_CASE("burst command: a series from the beginning of time to its end is one with a gap") {
    const std::string input = line("m", 1'000'000'000, "1", "a=1") + line("m", 9'000'000'000'000, "2", "a=2") +
                              line("m", 1'000'000'001, "3", "a=2") + line("m", 8'999'999'999'000, "9", "a=1");
    for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
             {}, {"--granularity", "1000d"}, {"--granularity", "1ms"}, {"--by", "b"}}) {
        CAPTURE(arguments);
        const Result ran = run(arguments, input);
        CHECK(ran.ended == test::exit_0);
        CHECK_THAT(ran.out, ContainsSubstring("\n  225") || ContainsSubstring(" 225")); // it ends after 2250
        CHECK_THAT(ran.out, ContainsSubstring(" gap") && ContainsSubstring(" missing"));
    }
    // At this length, these are more buckets than a sum can hold.
    CHECK_THAT(run({"--by", "b", "--granularity", "1s"}, input).out, ContainsSubstring("2 oldest readings left out"));
}

TEST_CASE("burst command: an empty input is reported as such") {
    const Result ran = run({}, "");
    CHECK(ran.ended == test::exit_0);
    CHECK_THAT(ran.out, ContainsSubstring("0 lines") && ContainsSubstring("0 series"));
    CHECK(report({}, "").at("reports").as_array().empty());
}

TEST_CASE("burst command: an interrupted reader reports on the input so far") {
    test::Process process{{.program = std::filesystem::path{TICKERTAPE_BIN_DIR} / "tickertape",
                           .arguments = {"burst"},
                           .in = test::Pipe{.capacity = 4096}}};
    process.in.write(bursts("m", "host=a", 600)); // more than the pipe holds, so it has begun to read
    process.signal(SIGINT);
    CHECK_THAT(process.out.read_to_end(long_time), ContainsSubstring("m host=a"));
    CHECK(process.wait(long_time) == test::exit_0);
}

TEST_CASE("burst command: the help explains each measure") {
    const Result ran = run({"--help"}, "");
    CHECK(ran.ended == test::exit_0);
    CHECK(is_ascii(ran.out));
    for (const char* measure : {"burstiness", "p50 to p99", "halves", "peak/mean", "dispersion", "band", "variation",
                                "Allan", "bursts", "clustering", "queue needed", "volume in", "periods"}) {
        CHECK_THAT(ran.out, ContainsSubstring(measure));
    }
}

TEST_CASE("burst reports a write error, and exits with 1") {
    for (const char* const flag : {"--ascii", "--json"}) {
        INFO(flag);
        test::Process process{{.program = std::filesystem::path{TICKERTAPE_BIN_DIR} / "tickertape",
                               .arguments = {"burst", flag},
                               .in = std::filesystem::path{"/dev/null"},
                               .out = std::filesystem::path{"/dev/full"}}};
        CHECK(process.err.read_to_end(long_time) ==
              "tickertape: cannot write to standard output: No space left on device\n");
        CHECK(process.wait(long_time) == Ended{.code = 1});
    }
}
