// SPDX-License-Identifier: MIT
#include "proc/cpufreq.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <system_error>

#include "proc/cpu_list.hpp"
#include "proc/number_file.hpp"

namespace tickertape::proc {

namespace {

/// Nothing, too, for a CPU that is offline: its files stay, but are busy since Linux 5.19.
std::optional<std::int64_t> frequency(const Root& sys, const std::string& path) {
    try {
        return read_number_file(sys, path.c_str());
    } catch (const std::system_error& error) {
        if (error.code() != std::errc::device_or_resource_busy) {
            throw;
        }
        return std::nullopt;
    }
}

} // namespace

std::vector<CpuFreq> read_cpufreq(const Root& sys) {
    constexpr std::array<std::array<std::string_view, 2>, 3> files{
        {{"min", "cpuinfo_min_freq"}, {"max", "cpuinfo_max_freq"}, {"cur", "scaling_cur_freq"}}};
    std::vector<CpuFreq> frequencies;
    for (const std::string& folder : sys.list("devices/system/cpu")) {
        const auto cpu = number_behind("cpu", folder);
        for (std::size_t i = 0; cpu && i < files.size(); ++i) {
            std::string path{"devices/system/cpu/"};
            path.append(folder).append("/cpufreq/").append(files[i][1]);
            if (const auto khz = frequency(sys, path)) {
                frequencies.push_back({*cpu, files[i][0], *khz});
            }
        }
    }
    std::stable_sort(frequencies.begin(), frequencies.end(),
                     [](const CpuFreq& a, const CpuFreq& b) { return a.cpu < b.cpu; });
    return frequencies;
}

} // namespace tickertape::proc
