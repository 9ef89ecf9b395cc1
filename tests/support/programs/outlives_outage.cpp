// SPDX-License-Identifier: MIT
// An application with a TsdClient to its first argument. It reads a number in each line, sends this number of
// points, and writes the number of its resident kilobytes. For 0 it first waits until everything is acknowledged.
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <string>

#include <tickertape/tsd_client.hpp>

using namespace tickertape;

namespace {

std::int64_t resident_kb() {
    std::ifstream file{"/proc/self/statm"};
    std::int64_t all = 0;
    std::int64_t resident = 0;
    file >> all >> resident;
    return resident * sysconf(_SC_PAGESIZE) / 1024;
}

} // namespace

int main(int argc, char** argv) {
    const std::string target = argc > 1 ? argv[1] : "";
    TsdClient client{target,
                     {.host_tag = HostTag::named("h"),
                      .check_host = false,
                      .flush_interval = std::chrono::milliseconds{10},
                      .linger = std::chrono::milliseconds{0}}};
    WallTime time{std::chrono::seconds{1'700'000'000}};
    for (std::int64_t points = 0; std::cin >> points;) {
        for (std::int64_t i = 0; i < points; ++i) {
            time += std::chrono::seconds{1};
            const std::string number = std::to_string(i % 100);
            static_cast<void>(client.send_at(time, "outage", i, {{"series", number}}));
        }
        while (points == 0 && client.account().acked < client.account().accepted) {
            client.wait(std::chrono::seconds{1});
        }
        std::cout << resident_kb() << std::endl; // NOLINT(performance-avoid-endl): a test waits for it
    }
}
