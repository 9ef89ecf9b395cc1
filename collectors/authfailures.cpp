// SPDX-License-Identifier: MIT
// authfailures: counts failed logins in the auth log, second by second.
#include <string>

#include <tickertape/collector.hpp>
#include <tickertape/log_follower.hpp>
#include <tickertape/pattern.hpp>

using namespace tickertape;
using namespace std::chrono_literals;

int main(int argc, char* argv[]) {
    std::string file = "/var/log/auth.log";
    std::string match = "authentication failure";
    std::string unit;
    std::string journal_directory;
    Collector self{
        argc,
        argv,
        {.name = "authfailures",
         .description = "Report auth.failures, the number of failed logins in the auth log.",
         .interval = 1s,
         .timespan = 10s,
         .granularity = 1s,
         .differences = true,
         .flags = {{"--file", "Follow this log; - is standard input", "FILE", &file},
                   {"--journal", "Follow the journal of this unit instead; 'all' for all units", "UNIT", &unit},
                   {"--journal-directory", "Follow the journal files in this directory instead of the system's",
                    "DIRECTORY", &journal_directory},
                   {"--match", "Count lines that match this regular expression (PCRE2)", "REGEX", &match,
                    [](const std::string& pattern) { Pattern{pattern}; }}}}};
    const bool is_file = unit.empty() && journal_directory.empty();
    if (file != "-" || !is_file) {
        self.keep_group_of(is_file ? std::filesystem::path{file} : LogFollower::journal_file(journal_directory));
    }
    Pattern pattern{match};
    return self.run([&] {
        LogFollower log =
            is_file ? LogFollower{file} : LogFollower::journal(unit == "all" ? "" : unit, journal_directory);
        log.open(); // before the counter exists, so that it writes no 0 for an unreadable log
        MetricCounter failures{"auth.failures", self.counter()};
        autodump dump{self, failures};
        log.run(
            self.stop(),
            [&](std::string_view line) {
                if (pattern.matches(line)) {
                    failures.inc();
                }
            },
            [&](bool is_read) { is_read ? failures.resume() : failures.suspend(); });
    });
}
