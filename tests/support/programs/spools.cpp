// SPDX-License-Identifier: MIT
// Publishes up to 100,000 points a second to a TSD through a spool, until it is killed:
// spools DIRECTORY TARGET 1s|batch|never MAX_BYTES FILE
// The value of each point is its number. FILE is shared with the test and holds two numbers of 8 bytes: that of the next point,
// and the number below which all points are accepted. The program ends with 3 if a point was not written to the spool.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

#include <tickertape/buffered.hpp>
#include <tickertape/tsd_http.hpp>
#include <tickertape/tsd_telnet.hpp>

namespace {

using namespace std::chrono_literals;
using namespace tickertape;

struct Shared {
    std::atomic<std::uint64_t> begun;
    std::atomic<std::uint64_t> accepted;
};

SpoolOptions::Sync sync_of(std::string_view text) {
    return text == "1s"      ? SpoolOptions::Sync::each_second
           : text == "batch" ? SpoolOptions::Sync::each_batch
                             : SpoolOptions::Sync::never;
}

std::unique_ptr<Transmitter> transmitter_to(std::string_view target) {
    const HostTag none = HostTag::none();
    if (target.starts_with("http")) {
        return std::make_unique<TsdHttp>(target, PushOptions{.host_tag = none});
    }
    return std::make_unique<TsdTelnet>(target, PushOptions{.host_tag = none, .resend_unconfirmed = true});
}

} // namespace

int main(int argc, char** argv) {
    constexpr int arguments = 6;
    constexpr std::int64_t batch = 100;
    constexpr std::uint64_t plenty = 1U << 30U;
    if (argc != arguments) {
        return 2;
    }
    const int fd = open(argv[5], O_RDWR | O_CLOEXEC);
    void* const memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd < 0 || memory == MAP_FAILED) {
        return 2;
    }
    auto& shared = *static_cast<Shared*>(memory);
    const std::uint64_t max_bytes = std::strtoull(argv[4], nullptr, 10);
    Buffered queue{AnyTransmitter{transmitter_to(argv[2])},
                   {.max_buffer_size = 5'000,
                    .max_flush_interval = 5ms,
                    .overflow = Overflow::drop_oldest,
                    .spool = {.directory = argv[1],
                              .program = "test",
                              .target = argv[2],
                              .max_bytes = max_bytes,
                              .sync = sync_of(argv[3]),
                              .min_free = 0,
                              .backlog_per_second = 200'000}}};
    const Series series{"m", Tags{{"a", "b"}}};
    std::vector<Point> points;
    for (auto next = std::chrono::steady_clock::now();; std::this_thread::sleep_until(next += 1ms)) {
        points.clear();
        const std::uint64_t first = shared.begun;
        for (std::int64_t i = 0; i < batch; ++i) {
            const auto number = static_cast<std::int64_t>(first) + i;
            points.emplace_back(series, WallTime{std::chrono::seconds{1'700'000'000 + number}}, number);
        }
        shared.begun = first + batch;
        if (queue.publish(points).spooled != batch) {
            // All files of a small spool may have points in flight. Then some points stay in memory, and may be lost.
            if (max_bytes >= plenty) {
                return 3;
            }
            for (;;) {
                pause(); // until it is killed
            }
        }
        shared.accepted = first + batch;
    }
}
