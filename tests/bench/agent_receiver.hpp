// SPDX-License-Identifier: MIT
/// \file
/// Receiver: a TSD for the agent's suite, which checks that each line of each program comes once and in order.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace bench {

/// Counts of the lines that arrived.
struct Arrivals {
    std::uint64_t lines = 0;                ///< lines in order: each was the next one of its program
    std::uint64_t disordered = 0;           ///< all other lines: repeated, or not in order
    std::vector<std::uint32_t> latencies{}; ///< lines for each latency in ms; the last element has all longer ones

    /// The latency that the share `part` of the lines does not exceed.
    [[nodiscard]] double latency_ms(double part) const;
};

/// Listens on loopback, and answers `version` as a TSD does. The value of a program's line is its sequence number; a tag `child` names the
/// program.
///
/// Thread safety: one thread; `lines` and `cpu_ns` may be called from any thread.
class Receiver {
public:
    explicit Receiver(int programs);
    Receiver(const Receiver&) = delete;
    Receiver& operator=(const Receiver&) = delete;
    ~Receiver();

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] std::uint64_t lines() const noexcept { return lines_; }
    /// Processor time of its thread so far.
    [[nodiscard]] double cpu_ns() const;
    /// Stops, and returns the counts.
    [[nodiscard]] Arrivals end();

private:
    void serve();
    void take(std::string_view line, double now_ms);
    void read_from(std::size_t connection);

    std::uint16_t port_ = 0;
    int listener_ = -1;
    std::vector<int> connections_;
    std::vector<std::string> rests_;  // incomplete lines, by connection
    std::vector<std::uint64_t> next_; // the sequence numbers that come next, by program
    Arrivals arrivals_;
    std::atomic<std::uint64_t> lines_{0};
    std::atomic<bool> is_over_{false};
    std::thread thread_;
};

} // namespace bench
