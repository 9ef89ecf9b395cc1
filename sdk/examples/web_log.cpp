// SPDX-License-Identifier: MIT
// Follows a web server's log across its rotations, and counts requests by the class of their status: 2xx, 4xx, …
#include <tickertape/collector.hpp>
#include <tickertape/log_follower.hpp>
#include <tickertape/pattern.hpp>

using namespace tickertape;

int main(int argc, char* argv[]) {
    std::string file = "/var/log/nginx/access.log";
    Collector self{argc, argv, {.name = "web_log", .flags = {{"--file", "The log to follow", "FILE", &file}}}};
    self.keep_group_of(file);
    Pattern status{R"(" ([1-5])\d\d )"}; // after the request, which is in quotes
    return self.run([&] {
        LogFollower log{file};
        std::vector<MetricCounter<rate>> requests;
        for (const char* const of : {"1xx", "2xx", "3xx", "4xx", "5xx"}) {
            requests.push_back(MetricCounter<rate>{"web.requests", self.counter({.tags = {{"status", of}}})});
        }
        autodump dump{self, requests};
        const auto count = [&](std::string_view line) {
            const auto first = status.group(line, 1);
            first ? requests[static_cast<std::size_t>(first->front() - '1')].inc() : void();
        };
        const auto observe =
            [&](bool is_read) { // if the log cannot be read, missing lines do not mean that there were no requests
                std::for_each(requests.begin(), requests.end(), [=](auto& r) { is_read ? r.resume() : r.suspend(); });
            };
        log.run(self.stop(), count, observe);
    });
}
