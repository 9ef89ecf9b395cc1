// SPDX-License-Identifier: MIT
// `tickertape push` against a real OpenTSDB on HBase: acknowledged points are read back, also after kills.
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include <boost/json.hpp>

#include "opentsdb/real_opentsdb.hpp"
#include "support/catch.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace {

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using test::RealOpenTsdb;
using test::Stored;
using test::Tsd;

constexpr std::int64_t first_second = 1'795'000'000;
constexpr std::size_t series_count = 100;
constexpr auto an_hour = 3'600s;

/// A million lines, or TICKERTAPE_OPENTSDB_LINES, for a smaller machine.
std::size_t many() {
    const char* const text = std::getenv("TICKERTAPE_OPENTSDB_LINES");
    return text == nullptr ? 1'000'000 : std::stoul(text);
}

/// Returns a value as text: integers of all widths, and floats with and without an exact form in 32 bits.
std::string value_text(std::size_t i) {
    switch (i % 4) {
    case 0: return std::to_string(i);
    case 1: return "-" + std::to_string(i * 1'000'003);
    case 2: return std::to_string(i) + ".5";
    default: return "0." + std::to_string(i) + "1";
    }
}

/// Writes lines of a metric to a file, in order of time.
class Lines {
public:
    Lines(std::string metric, std::size_t count) : metric_{std::move(metric)}, count_{count} {
        std::ofstream file{path()};
        for (std::size_t i = 0; i < count; ++i) {
            file << "put " << metric_ << " " << first_second + static_cast<std::int64_t>(i / series_count) << " "
                 << value_text(i) << " cpu=" << i % series_count << "\n";
        }
    }

    [[nodiscard]] std::filesystem::path path() const { return directory_.path() / "lines"; }
    /// Returns how many points are missing or have another value, and how many should not be there.
    [[nodiscard]] std::size_t wrong(const Tsd& tsd) const {
        std::size_t wrong = 0;
        for (std::size_t cpu = 0; cpu < series_count; ++cpu) {
            Stored stored = tsd.stored(metric_ + "{cpu=" + std::to_string(cpu) + "}");
            for (std::size_t i = cpu; i < count_; i += series_count) {
                const std::int64_t ms = (first_second + static_cast<std::int64_t>(i / series_count)) * 1000;
                const auto found = stored.find(ms);
                wrong += found == stored.end() || found->second != std::stod(value_text(i)) ? 1U : 0U;
                if (found != stored.end()) {
                    stored.erase(found);
                }
            }
            wrong += stored.size();
        }
        return wrong;
    }

    /// The same after it has written the points that came by telnet: a second later, or more on a busy machine.
    [[nodiscard]] std::size_t wrong_in_the_end(const Tsd& tsd) const {
        std::size_t last = wrong(tsd);
        for (int i = 0; last > 0 && i < 10; ++i) {
            std::this_thread::sleep_for(2s);
            last = wrong(tsd);
        }
        return last;
    }

private:
    test::TemporaryDirectory directory_;
    std::string metric_;
    std::size_t count_;
};

test::Command push(const std::string& target, const std::filesystem::path& file, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"push", target, file.string(), "--deadline", "15m"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return {.program = test::collector("tickertape"), .arguments = std::move(arguments)};
}

/// Returns the line of the account, for the log of the check.
void show(const std::string& what, const test::Result& result) {
    const std::size_t end = result.err.find('\n', result.err.find(" acknowledged"));
    const std::size_t begin = end == std::string::npos ? 0 : result.err.rfind('\n', end - 1) + 1;
    std::cerr << what << ": " << result.err.substr(begin, end - begin) << std::endl;
}

std::string scheme(bool by_http) { return by_http ? "http://" : "tsd://"; }

/// Pushes lines while the test does something to the servers.
test::Result push_during(const std::string& target, const Lines& lines, const std::function<void()>& meanwhile,
                         std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--mps", "30000"});
    test::Process process{push(target, lines.path(), std::move(more))};
    std::this_thread::sleep_for(5s);
    meanwhile();
    const auto ended = process.wait(an_hour);
    REQUIRE(ended);
    return {*ended, {}, process.err.read_to_end(10s)};
}

} // namespace

TEST_CASE("OpenTSDB: a million lines by telnet and by HTTP are read back, each value and timestamp") {
    const bool by_http = GENERATE(false, true);
    Tsd& tsd = RealOpenTsdb::instance().tsd();
    const Lines lines{by_http ? "million.http" : "million.telnet", many()};
    const test::Result result = test::run(push(scheme(by_http) + tsd.telnet(), lines.path()), an_hour);
    show(by_http ? "a million by HTTP" : "a million by telnet", result);
    CHECK(result.ended == test::exit_0);
    CHECK_THAT(result.err, ContainsSubstring(std::to_string(many()) + " acknowledged"));
    CHECK(lines.wrong_in_the_end(tsd) == 0);
}

TEST_CASE("OpenTSDB: points acknowledged by HTTP survive a kill of the TSD") {
    Tsd& tsd = RealOpenTsdb::instance().tsd();
    const Lines lines{"killed.tsd.http", 300'000};
    const test::Result result = push_during(tsd.http(), lines, [&tsd] {
        tsd.kill();
        tsd.start();
    });
    show("the TSD killed, by HTTP", result);
    CHECK(result.ended == test::exit_0);
    CHECK_THAT(result.err, ContainsSubstring("300000 acknowledged"));
    CHECK(lines.wrong(tsd) == 0);
}

TEST_CASE("OpenTSDB: by telnet no more is lost in a kill of the TSD than it keeps in memory") {
    Tsd& tsd = RealOpenTsdb::instance().tsd();
    const Lines lines{"killed.tsd.telnet", 300'000};
    const test::Result result = push_during(tsd.telnet(), lines, [&tsd] {
        tsd.kill();
        tsd.start();
    });
    show("the TSD killed, by telnet", result);
    CHECK(result.ended == test::exit_0);
    const std::size_t wrong = lines.wrong_in_the_end(tsd);
    std::cerr << "of which are missing: " << wrong << std::endl;
    CHECK(wrong <= 2 * 30'000); // two seconds' worth: it writes each second
}

TEST_CASE("OpenTSDB: with a spool nothing is lost in a kill of the TSD, by telnet and by HTTP") {
    const bool by_http = GENERATE(false, true);
    Tsd& tsd = RealOpenTsdb::instance().tsd();
    const test::TemporaryDirectory directory;
    const Lines lines{by_http ? "killed.spool.http" : "killed.spool.telnet", 300'000};
    const test::Result result = push_during(scheme(by_http) + tsd.telnet(), lines,
                                            [&tsd] {
                                                tsd.kill();
                                                tsd.start();
                                            },
                                            {"--spool", (directory.path() / "spool").string()});
    show(by_http ? "the TSD killed, by HTTP with a spool" : "the TSD killed, by telnet with a spool", result);
    CHECK(result.ended == test::exit_0);
    CHECK(lines.wrong_in_the_end(tsd) == 0);
}

TEST_CASE("OpenTSDB: after a kill of HBase acknowledged points are there, and the others arrive") {
    RealOpenTsdb& real = RealOpenTsdb::instance();
    const Lines lines{"killed.hbase", 300'000};
    const test::Result result = push_during(real.tsd().http(), lines, [&real] {
        real.kill_hbase();
        real.start_hbase();
        // Its client gives up on a cluster that was away.
        real.tsd().kill();
        real.tsd().start();
    });
    show("HBase killed, by HTTP", result);
    CHECK(result.ended == test::exit_0);
    CHECK_THAT(result.err, ContainsSubstring("300000 acknowledged"));
    CHECK(lines.wrong(real.tsd()) == 0);
}

TEST_CASE("OpenTSDB: unknown metrics delay nothing, and arrive when they are known") {
    const bool by_http = GENERATE(false, true);
    const Tsd tsd = RealOpenTsdb::instance().another({"tsd.core.auto_create_metrics = false"});
    const std::string known = by_http ? "known.http" : "known.telnet";
    const std::string later = by_http ? "later.http" : "later.telnet";
    tsd.add_metric(known);
    test::Process process{{.program = test::collector("tickertape"),
                           .arguments = {"push", scheme(by_http) + tsd.telnet()},
                           .in = test::Pipe{}}};
    const auto say = [&](std::int64_t second) {
        const std::string at = " " + std::to_string(first_second + second) + " " + std::to_string(second) + " a=b\n";
        process.in.write("put " + later + at + "put never.known" + at + "put " + known + at);
    };
    const auto count = [&](const std::string& metric) {
        const auto answer = tsd.try_to_query(metric);
        std::size_t points = 0;
        for (std::size_t at = 0; answer && (at = answer->find("000\":", at)) != std::string::npos; ++at) {
            ++points;
        }
        return points;
    };
    for (std::int64_t second = 0; second < 50; ++second) {
        say(second);
    }
    CHECK(test::eventually([&] { return count(known) == 50; }));
    CHECK(count(later) == 0);
    tsd.add_metric(later);
    CHECK(test::eventually([&] { return count(later) == 50; }));
    process.in.close();
    const auto ended = process.wait(test::at_some_time);
    REQUIRE(ended);
    CHECK(ended->code == 1);
    const std::string said = process.err.read_to_end(10s);
    CHECK_THAT(said, ContainsSubstring("100 acknowledged, 0 unconfirmed, 50 rejected, 0 dropped"));
    CHECK_THAT(said, ContainsSubstring("unknown_metric"));
    Stored expected;
    for (std::int64_t second = 0; second < 50; ++second) {
        expected.emplace((first_second + second) * 1000, static_cast<double>(second));
    }
    CHECK(tsd.stored(known) == expected);
    CHECK(tsd.stored(later) == expected);
}

TEST_CASE("OpenTSDB: a read-only TSD acknowledges nothing, and push reports the reason") {
    const bool by_http = GENERATE(false, true);
    const Tsd tsd = RealOpenTsdb::instance().another({"tsd.mode = ro"});
    const Lines lines{"read.only", 100};
    test::Command command = push(scheme(by_http) + tsd.telnet(), lines.path());
    command.arguments.back() = "5"; // the deadline
    const test::Result result = test::run(command);
    show("read-only", result);
    CHECK(result.ended.code == 4);
    CHECK_THAT(result.err, ContainsSubstring("0 acknowledged, 0 unconfirmed, 0 rejected, 100 dropped"));
    CHECK_THAT(result.err, ContainsSubstring(": given up\n"));
}

TEST_CASE("OpenTSDB: numbers by telnet and then by HTTP are read back, except floats that are exact in 32 bits") {
    Tsd& tsd = RealOpenTsdb::instance().tsd();
    const test::TemporaryDirectory directory;
    const std::vector<std::string> numbers{"0.5", "1.0", "0.1", "1e5", "-0.0", "7", "1.5e10", "5e-324", "16777217.0"};
    std::string lines;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        lines += "put both.n" + std::to_string(i) + " 1795100000 " + numbers[i] + " a=b\n";
    }
    directory.write("lines", lines);
    for (const bool by_http : {false, true}) {
        CHECK(test::run(push(scheme(by_http) + tsd.telnet(), directory.path() / "lines")).ended == test::exit_0);
    }
    std::this_thread::sleep_for(2s); // by telnet it writes a second later
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        CAPTURE(numbers[i]);
        const double number = std::strtod(numbers[i].c_str(), nullptr);
        const bool is_float = numbers[i].find_first_of(".e") != std::string::npos;
        const bool conflicts = is_float && static_cast<double>(static_cast<float>(number)) == number;
        const auto answer =
            tsd.try_to_ask("/api/query?start=1795099999&end=1795100001&m=none:both.n" + std::to_string(i));
        CHECK(answer.has_value() != conflicts);
        if (answer) {
            CHECK(tsd.stored("both.n" + std::to_string(i)) == Stored{{1'795'100'000'000, number}});
        }
    }
}
