// SPDX-License-Identifier: MIT
// authfailures: how many failed logins the auth log tells of, second by second.
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <system_error>

#include <tickertape/collector.hpp>

#include "base/diagnostics.hpp"
#include "base/quote.hpp"
#include "collector/follow_file.hpp"

using namespace tickertape;
using namespace std::chrono_literals;

namespace {

std::regex compiled(const std::string& pattern) {
    try {
        return std::regex{pattern, std::regex::ECMAScript | std::regex::optimize};
    } catch (const std::regex_error& error) {
        throw UsageError{base::quote(pattern).append(" is no regular expression: ").append(error.what())};
    }
}

/// Counts the lines that match.
class Counting {
public:
    /// Both are borrowed.
    Counting(MetricCounter<rate>& failures, const std::regex& pattern) : failures_{failures}, pattern_{pattern} {}

    void operator()(std::string_view line) {
        // std::regex recurses for each character that a repetition takes, so that the stack bounds what it can search.
        const std::string_view head = line.substr(0, 4096);
        if (std::regex_search(head.begin(), head.end(), pattern_)) {
            failures_.inc();
        }
    }

private:
    MetricCounter<rate>& failures_;
    const std::regex& pattern_;
};

/// Until the other side closes it or a stop is requested.
void count_standard_input(Counting& count) {
    collector::LineCutter lines;
    std::array<char, std::size_t{64} * 1024> buffer; // NOLINT(*-member-init): read fills what is looked at
    while (true) {
        const ssize_t got = read(STDIN_FILENO, buffer.data(), buffer.size());
        if (got < 0 && errno == EAGAIN) { // somebody else has made it non-blocking
            pollfd input{STDIN_FILENO, POLLIN, 0};
            poll(&input, 1, -1);
            continue;
        }
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            throw std::system_error{errno, std::generic_category(), "cannot read standard input"};
        }
        if (got == 0) {
            lines.finish(std::ref(count));
            return;
        }
        lines.feed({buffer.data(), static_cast<std::size_t>(got)}, std::ref(count));
    }
}

/// Until a stop is requested.
void count_file(Counting& count, MetricCounter<rate>& failures, collector::FollowFile& log, Stop& stop) {
    std::set<std::string> said;
    do {
        log.read(std::ref(count));
        if (log.problem().empty()) {
            failures.resume();
        } else {
            failures.suspend(); // a log that cannot be read does not say that nobody failed
            if (said.insert(log.problem()).second) {
                base::report(log.problem() + "; nothing is reported until it can be read");
            }
        }
    } while (log.wait(stop.token()));
    log.read(std::ref(count)); // what was written before the stop
}

} // namespace

int main(int argc, char* argv[]) {
    std::string file = "/var/log/auth.log";
    std::string match = "authentication failure";
    Collector self{
        argc,
        argv,
        {.name = "authfailures",
         .description = "Reports auth.failures, the number of lines of the auth log that tell of a failed login.",
         .interval = 1s,
         .timespan = 10s,
         .granularity = 1s,
         .differences = true,
         .flags = {{"--file", "The log to follow; - for standard input", "FILE", &file},
                   {"--match", "What such a line contains, a regular expression", "REGEX", &match,
                    [](const std::string& pattern) { static_cast<void>(compiled(pattern)); }}}}};
    if (file != "-") {
        self.keep_group_of(file);
    }
    const std::regex pattern = compiled(match);
    return self.run([&] {
        try {
            // Before there is a counter, so that no 0 is written for a log that may not be read.
            std::optional<collector::FollowFile> log;
            if (file != "-") {
                log.emplace(file).read([](std::string_view) {}); // goes to its end
            }
            MetricCounter failures{"auth.failures", self.counter()};
            if (log && !log->present()) {
                failures.suspend();
            }
            Counting count{failures, pattern};
            autodump dump{self, failures};
            log ? count_file(count, failures, *log, self.stop()) : count_standard_input(count);
        } catch (const std::system_error& error) {
            if (error.code() == std::errc::permission_denied) {
                throw CannotWork{error.what()};
            }
            throw;
        }
    });
}
