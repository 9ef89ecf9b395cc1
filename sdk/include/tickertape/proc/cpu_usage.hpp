// SPDX-License-Identifier: MIT
/// \file
/// CpuUsage: the shares of the CPUs' time by kind, between two readings of /proc/stat.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include <tickertape/proc/stat.hpp>
#include <tickertape/time.hpp>

namespace tickertape::proc {

/// Kinds of time. The kernel counts a guest's time as its host's user or nice time, too; here it is `guest` alone.
inline constexpr std::array<std::string_view, 9> cpu_usage_types{"user",    "nice",  "system", "iowait", "irq",
                                                                 "softirq", "steal", "guest",  "idle"};

/// Keeps the last reading.
///
/// Thread safety: none; one thread at a time.
class CpuUsage {
public:
    using Percent = std::array<double, cpu_usage_types.size()>;

    /// `cpus` is the most CPUs that the machine can have; 0: that of this machine.
    explicit CpuUsage(unsigned cpus = 0);

    /// The percentages since the reading before, in the order of `cpu_usage_types`, in steps of 0.01; they add up to 100. Nothing
    /// for the first reading, while no tick has passed, and for an interval in which a counter made a step that no CPU can make:
    /// back, or ahead by more than twice the time of all CPUs in that interval. Only iowait may go back, as the kernel
    /// documents, and then counts as 0. Allocates nothing.
    [[nodiscard]] std::optional<Percent> operator()(const CpuTimes& now, SteadyTime at);

    /// Returns the number of intervals that were left out for an implausible step.
    [[nodiscard]] std::uint64_t implausible() const noexcept { return implausible_; }

private:
    using Ticks = std::array<std::uint64_t, cpu_usage_types.size()>;

    [[nodiscard]] bool is_plausible(const Ticks& passed, std::uint64_t sum, double seconds) const noexcept;

    double ticks_per_second_; // of all CPUs
    std::optional<Ticks> before_;
    SteadyTime at_{};
    std::uint64_t implausible_ = 0;
};

} // namespace tickertape::proc
