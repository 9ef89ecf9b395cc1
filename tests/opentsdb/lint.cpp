// SPDX-License-Identifier: MIT
// A real OpenTSDB obeys the rules of `tickertape lint`: checked with the examples of the rules, and with random lines.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <boost/json.hpp>

#include "cli/lint/linter.hpp"
#include "opentsdb/real_opentsdb.hpp"
#include "support/catch.hpp"
#include "support/lint_lines.hpp"
#include "support/peer.hpp"
#include "support/seed.hpp"
#include "support/stored_text.hpp"

namespace {

using namespace tickertape::cli::lint;
using test::RealOpenTsdb;
using test::Tsd;

/// A connection that asks after each line whether it was accepted.
class Asking {
public:
    explicit Asking(std::uint16_t port) : port_{port} { connect(); }

    /// Returns OpenTSDB's answer to the line; nothing if it accepts the line, `closed` if it ends the connection.
    std::string answer_to(const std::string& line) {
        peer_->say(line + "version\n");
        std::string answer = peer_->until("\nBuilt on ");
        if (!answer.ends_with("\nBuilt on ")) {
            connect();
            return "closed";
        }
        static_cast<void>(peer_->until("\n"));
        return answer.substr(0, answer.rfind("net.opentsdb"));
    }

private:
    void connect() {
        peer_ = std::make_unique<test::Peer>(port_);
        peer_->say("version\n"); // so that the first line is not one of the examples
        static_cast<void>(peer_->until("\nBuilt on "));
        static_cast<void>(peer_->until("\n"));
    }

    std::uint16_t port_;
    std::unique_ptr<test::Peer> peer_;
};

/// All points of a metric, as texts like those of `meant_text`.
std::vector<std::string> stored_text(const Tsd& tsd, const std::string& metric) {
    const auto answer = tsd.try_to_query(metric);
    std::vector<std::string> points;
    if (!answer) {
        return points;
    }
    const boost::json::value all = boost::json::parse(*answer);
    for (const boost::json::value& one : all.as_array()) {
        std::string lines;
        for (const auto& [time, value] : one.at("dps").as_object()) {
            const std::string ms{time}; // as whole seconds, times before 2001 would be read as seconds
            const std::string stamp = ms.ends_with("000") ? ms.substr(0, ms.size() - 3) : ms;
            lines += "put " + metric + " " + stamp + " " + boost::json::serialize(value);
            for (const auto& [key, tag] : one.at("tags").as_object()) {
                lines += " " + std::string{key} + "=" + std::string{tag.as_string()};
            }
            lines += "\n";
        }
        for (std::string& point : test::meant_text(lines)) {
            points.push_back(std::move(point));
        }
    }
    return points;
}

/// Returns whether a query shows the meant text. Text that OpenTSDB reads as Latin-1 comes back as UTF-8.
bool is_readable(const std::string& line) {
    if (std::any_of(line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) > '\x7f'; })) {
        return false;
    }
    const std::string stamp = line.substr(line.find(' ', 4) + 1);
    return stamp.compare(0, 10, std::to_string(test::last_readable_second)) < 0;
}

} // namespace

TEST_CASE("OpenTSDB stores those of 10,000 random lines that lint accepts, with the meant values, and refuses those "
          "that lint drops") {
    const Tsd& tsd = RealOpenTsdb::instance().tsd();
    const std::uint64_t seed = test::seed(20261128);
    CAPTURE(seed);
    test::Random random{seed};
    constexpr std::size_t count = 10'000;
    Asking asking{tsd.port()};
    const std::int64_t now =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    Linter linter{{.target = Target::opentsdb}};
    linter.add("put first 1700000000 1 a=b", true, now);
    std::vector<std::string> clean;
    std::size_t dropped = 0;
    for (std::size_t i = 0; i < count; ++i) {
        // With few metrics, different lines would belong to one series. Each new metric costs OpenTSDB some milliseconds.
        const std::string line =
            test::random_lint_line(random, "e" + std::to_string(i) + "x", test::opentsdb_oddities());
        const auto findings = linter.add(std::string_view{line}.substr(0, line.size() - 1), true, now);
        const test::Verdict verdict{findings};
        const std::string answer = asking.answer_to(line);
        CAPTURE(line, verdict.names, answer);
        CHECK(verdict.is_dropped() == !answer.empty());
        dropped += verdict.is_dropped() ? 1U : 0U;
        if (findings.empty() && is_readable(line)) {
            clean.push_back(line);
        }
    }
    CHECK(clean.size() > count / 200);
    CHECK(dropped > count / 10);
    std::this_thread::sleep_for(std::chrono::seconds{3}); // it writes a second later
    for (const std::string& line : clean) {
        CAPTURE(line);
        const std::string metric = line.substr(4, line.find(' ', 4) - 4);
        CHECK(stored_text(tsd, metric) == test::meant_text(line));
    }
}
