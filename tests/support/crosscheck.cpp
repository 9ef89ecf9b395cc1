// SPDX-License-Identifier: MIT
#include "support/crosscheck.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <sstream>

#include "support/catch.hpp"

namespace test {

using namespace std::chrono_literals;

namespace {

/// Returns the value in a line with this beginning and all of these tags.
std::optional<double> value_in(const std::string& out, const std::string& metric,
                               const std::vector<std::string>& tags) {
    for (const std::string& line : test::complete_lines(out)) {
        if (line.starts_with(metric + " ") && std::all_of(tags.begin(), tags.end(), [&](const std::string& tag) {
                return (line + " ").find(" " + tag + " ") != std::string::npos;
            })) {
            return std::stod(line.substr(line.find(' ', metric.size() + 1)));
        }
    }
    return std::nullopt;
}

Process shell(const std::string& script) {
    return Process{{.program = "/bin/bash",
                    .arguments = {"-c", script},
                    .out = std::filesystem::path{"/dev/null"},
                    .err = std::filesystem::path{"/dev/null"},
                    .own_session = true}}; // ends with everything that it has started
}

} // namespace

/// Returns the output of a shell command; empty if the tool is missing, or prints nothing on this machine.
std::string output_of(const std::string& command) {
    return run({.program = "/bin/bash",
                .arguments = {"-c", "{ " + command + "; } 2>/dev/null"},
                .environment = {{"LC_ALL", "C"}}},
               60s)
        .out;
}

/// Returns the number that a command prints; nothing if it prints none.
std::optional<double> number_of(const std::string& command) {
    const std::string out = output_of(command);
    char* end = nullptr;
    const double number = std::strtod(out.c_str(), &end);
    return end == out.c_str() ? std::nullopt : std::optional{number};
}

std::vector<std::string> words_of(const std::string& command) {
    std::istringstream text{output_of(command)};
    std::vector<std::string> words;
    for (std::string word; text >> word;) {
        words.push_back(word);
    }
    return words;
}

Value of(std::string metric, std::vector<std::string> tags) {
    return [=](const std::string& out) { return value_in(out, metric, tags); };
}
Value ratio(const Value& a, const Value& b) {
    return [=](const std::string& out) -> std::optional<double> {
        const auto above = a(out);
        const auto below = b(out);
        return above && below && *below > 0 ? std::optional{*above / *below} : std::nullopt;
    };
}
Value times(const Value& value, double factor) {
    return [=](const std::string& out) -> std::optional<double> {
        const auto number = value(out);
        return number ? std::optional{*number * factor} : std::nullopt;
    };
}

void check(const std::vector<CrossCheck>& checks) {
    constexpr int tries = 15;
    for (const CrossCheck& wanted : checks) {
        CAPTURE(wanted.command);
        const auto first = number_of(wanted.command);
        if (!first) {
            WARN("skipped, as the tool is missing here or finds nothing: " + wanted.command);
            continue;
        }
        double before = *first;
        std::ostringstream seen;
        bool agrees = false;
        for (int i = 0; i < tries && !agrees; ++i) {
            const Result result = run({.program = collector(wanted.collector),
                                       .arguments = {"--once", "--interval", "1", "--format", "tcollector"}},
                                      60s);
            const auto after = number_of(wanted.command);
            const auto ours = wanted.ours(result.out);
            if (!after || !ours) {
                FAIL("the number is gone, or ours is missing: " + result.err);
                return;
            }
            const double room = wanted.rounding + wanted.tolerance * std::abs(*after);
            agrees = *ours >= std::min(before, *after) - room && *ours <= std::max(before, *after) + room;
            seen << before << " <= " << *ours << " <= " << *after << "; ";
            before = *after;
        }
        INFO(seen.str());
        CHECK(agrees);
    }
}

Load::Load()
    : processes_{shell("while :; do /bin/true; head -c 1000000 /dev/zero | cksum; sleep 0.05; done")},
      connections_{shell("while :; do { exec 3<>/dev/tcp/127.0.0.1/9; } 2>/dev/null; sleep 0.05; done")} {}

} // namespace test
