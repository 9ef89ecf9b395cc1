// SPDX-License-Identifier: MIT
#include <tickertape/proc/cpu_usage.hpp>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <numeric>
#include <utility>

namespace tickertape::proc {

namespace {

constexpr std::size_t iowait = 3;
constexpr std::uint64_t hundredths = 10'000; // hundredths of a percent in 100 %

bool went_back(std::uint64_t passed) noexcept { return passed > std::uint64_t{1} << 63U; }

} // namespace

CpuUsage::CpuUsage(unsigned cpus)
    : ticks_per_second_{static_cast<double>(cpus > 0 ? cpus : std::max(sysconf(_SC_NPROCESSORS_CONF), 1L)) *
                        static_cast<double>(sysconf(_SC_CLK_TCK))} {}

bool CpuUsage::is_plausible(const Ticks& passed, std::uint64_t sum, double seconds) const noexcept {
    constexpr double coarse = 1000; // in ticks: readings may be close together, and late
    return std::none_of(passed.begin(), passed.end(), went_back) && !went_back(sum) &&
           static_cast<double>(sum) <= 2 * ticks_per_second_ * seconds + coarse;
}

std::optional<CpuUsage::Percent> CpuUsage::operator()(const CpuTimes& now, SteadyTime at) {
    // Only differences are used, so overflows of these numbers do not matter.
    const Ticks ticks{now.user - now.guest,
                      now.nice - now.guest_nice,
                      now.system,
                      now.iowait,
                      now.irq,
                      now.softirq,
                      now.steal,
                      now.guest + now.guest_nice,
                      now.idle};
    const double seconds = std::chrono::duration<double>(at - std::exchange(at_, at)).count();
    const std::optional<Ticks> before = std::exchange(before_, ticks);
    if (!before) {
        return std::nullopt;
    }
    Ticks passed{};
    for (std::size_t i = 0; i < passed.size(); ++i) {
        passed[i] = ticks[i] - (*before)[i];
    }
    passed[iowait] = went_back(passed[iowait]) ? 0 : passed[iowait];
    const std::uint64_t sum = std::accumulate(passed.begin(), passed.end(), std::uint64_t{0});
    if (!is_plausible(passed, sum, seconds)) {
        ++implausible_;
        return std::nullopt;
    }
    if (sum == 0) {
        return std::nullopt;
    }
    // The remainder after rounding down goes to the values that lost the most.
    Ticks shares{};
    std::array<std::int64_t, passed.size()> cut_off{};
    for (std::size_t i = 0; i < passed.size(); ++i) {
        shares[i] = passed[i] * hundredths / sum;
        cut_off[i] = static_cast<std::int64_t>(passed[i] * hundredths % sum);
    }
    for (auto left = hundredths - std::accumulate(shares.begin(), shares.end(), std::uint64_t{0}); left > 0; --left) {
        const auto most = std::max_element(cut_off.begin(), cut_off.end());
        ++shares[static_cast<std::size_t>(most - cut_off.begin())];
        *most = -1;
    }
    Percent percent{};
    std::transform(shares.begin(), shares.end(), percent.begin(),
                   [](std::uint64_t share) { return static_cast<double>(share) / 100.0; });
    return percent;
}

} // namespace tickertape::proc
