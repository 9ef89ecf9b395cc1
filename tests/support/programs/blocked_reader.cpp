// SPDX-License-Identifier: MIT
// A collector whose main is nearly always blocked in read(2). It counts the bytes on stdin as test.bytes, and never checks for a
// stop. It writes "ready" to stderr before the first read, and "counted" after each read.
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

#include <tickertape/collector.hpp>

using namespace tickertape;
using namespace std::chrono_literals;

namespace {

void say(std::string_view text) {
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

} // namespace

int main(int argc, char* argv[]) {
    Collector self{argc, argv, {.name = "blocked_reader", .interval = 1s, .timespan = 5s, .granularity = 1s}};
    MetricCounter<rate> bytes{"test.bytes", self.counter()};
    autodump dump{self, bytes};
    say("ready\n");
    std::array<char, 4096> chunk{};
    while (true) {
        const ssize_t got = ::read(STDIN_FILENO, chunk.data(), chunk.size());
        if (got > 0) {
            bytes.add(got);
            say("counted\n");
        } else if (got == 0) {
            return 0;
        } else if (errno != EINTR) {
            return 1;
        } else {
            say("interrupted\n");
        }
    }
}
