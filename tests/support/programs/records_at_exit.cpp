// SPDX-License-Identifier: MIT
// Records with tags in main, and in the destructor of a static object, after the thread-local objects of main's thread are gone.
#include <unistd.h>

#include <span>
#include <string>

#include <tickertape/telemeter.hpp>

using namespace tickertape;

namespace {

class Print final : public Transmitter {
public:
    Outcome publish(std::span<const Point> points) override {
        for (const Point& point : points) {
            const std::string line =
                std::string{point.series().text()}.append(" ").append(to_string(point.value())).append("\n");
            if (write(STDOUT_FILENO, line.data(), line.size()) < 0) {
                return {.closed = true};
            }
        }
        return Outcome::all(points);
    }
};

Telemeter telemeter{Print{}};

struct AtExit {
    AtExit() = default;
    AtExit(const AtExit&) = delete;
    AtExit& operator=(const AtExit&) = delete;
    ~AtExit() { calls.inc({{"when", "at-exit"}}); }

    TelemeterCounter calls = telemeter.counter("calls");
};

AtExit at_exit;

} // namespace

int main() { at_exit.calls.inc({{"when", "in-main"}}); }
