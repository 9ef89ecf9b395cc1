// SPDX-License-Identifier: MIT
// sarcpu: what share of the CPUs' time went where, in percent of the interval.
#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string_view>
#include <vector>

#include <tickertape/collector.hpp>

#include "collector/attempt.hpp"
#include "proc/stat.hpp"

using namespace tickertape;
using namespace std::chrono_literals;

namespace {

constexpr std::array<std::string_view, 9> types{"user",    "nice",  "system", "iowait", "irq",
                                                "softirq", "steal", "guest",  "idle"};
using Ticks = std::array<std::int64_t, types.size()>;

/// By type; the kernel counts a guest's time as its host's user or nice time too, which is taken out there. Differences are
/// what counts, so that it does not matter if these numbers overflow.
std::array<std::uint64_t, types.size()> by_type(const proc::CpuTimes& cpu) {
    return {cpu.user - cpu.guest,
            cpu.nice - cpu.guest_nice,
            cpu.system,
            cpu.iowait,
            cpu.irq,
            cpu.softirq,
            cpu.steal,
            cpu.guest + cpu.guest_nice,
            cpu.idle};
}

/// The ticks between two readings. A counter that goes back, as iowait and idle can, or forward by more than all CPUs there
/// are can spend, has not moved.
std::int64_t passed_between(std::uint64_t before, std::uint64_t now) {
    constexpr std::uint64_t most = std::uint64_t{1} << 40U;
    return now - before <= most ? static_cast<std::int64_t>(now - before) : 0;
}

/// The shares of `ticks` in their sum, in hundredths of a percent. They add up to 10,000: what rounding down leaves over
/// goes where most was cut off.
Ticks hundredths(const Ticks& ticks, std::int64_t sum) {
    Ticks shares{};
    Ticks cut_off{};
    for (std::size_t i = 0; i < ticks.size(); ++i) {
        shares[i] = ticks[i] * 10'000 / sum;
        cut_off[i] = ticks[i] * 10'000 % sum;
    }
    for (auto left = 10'000 - std::accumulate(shares.begin(), shares.end(), std::int64_t{0}); left > 0; --left) {
        const auto most = std::max_element(cut_off.begin(), cut_off.end());
        ++shares[static_cast<std::size_t>(most - cut_off.begin())];
        *most = -1;
    }
    return shares;
}

} // namespace

int main(int argc, char* argv[]) {
    Collector self{argc,
                   argv,
                   {.name = "sarcpu",
                    .description = "Reports sar.cpu.util, the percentage of CPU time by type.",
                    .interval = 1s,
                    .timespan = 5s,
                    .granularity = 1s,
                    .differences = true}};
    const proc::Root root{self.proc_root()};
    std::optional<std::array<std::uint64_t, types.size()>> before; // the last reading that there was
    const auto read = [&] { return by_type(proc::read_stat(root).cpu); };
    std::vector<MetricCounter<stock>> usage;
    for (const std::string_view type : types) {
        usage.push_back(MetricCounter<stock>{"sar.cpu.util", self.counter({.tags = {{"type", type}}})});
    }
    autodump dump{self, usage};
    collector::attempt([&] { before = read(); });
    return self.run_every_n_seconds(self.interval(), [&] {
        std::optional<std::array<std::uint64_t, types.size()>> now;
        if (!collector::attempt([&] { now = read(); }) || !before) {
            before = now ? now : before;
            return;
        }
        Ticks passed{};
        for (std::size_t i = 0; i < passed.size(); ++i) {
            passed[i] = passed_between((*before)[i], (*now)[i]);
        }
        before = now;
        const auto sum = std::accumulate(passed.begin(), passed.end(), std::int64_t{0});
        if (sum == 0) {
            return; // no tick has passed: there is no share to speak of
        }
        const Ticks shares = hundredths(passed, sum);
        for (std::size_t i = 0; i < shares.size(); ++i) {
            usage[i].set(static_cast<double>(shares[i]) / 100.0);
        }
    });
}
