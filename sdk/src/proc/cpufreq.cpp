// SPDX-License-Identifier: MIT
#include <tickertape/proc/cpufreq.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <system_error>
#include <utility>

#include <tickertape/proc/cpu_list.hpp>
#include <tickertape/proc/number_file.hpp>
#include <tickertape/proc/relative_path.hpp>

namespace tickertape::proc {

namespace {

/// Returns nothing for an offline CPU, too: its files exist, but are busy since Linux 5.19. An unreadable file costs only its own
/// value.
std::optional<std::int64_t> frequency(const Root& sys, const char* path) {
    try {
        return read_number_file(sys, path);
    } catch (const std::system_error& error) {
        if (error.code() != std::errc::device_or_resource_busy) {
            sys.skipped().add("cpufreq", path, 0, error.what());
        }
    } catch (const ParseError& error) {
        sys.skipped().add("cpufreq", path, 0, error.what());
    }
    return std::nullopt;
}

} // namespace

std::vector<CpuFreq> read_cpufreq(const Root& sys, std::vector<CpuFreq> frequencies) {
    constexpr std::array<std::array<std::string_view, 2>, 3> files{
        {{"min", "cpuinfo_min_freq"}, {"max", "cpuinfo_max_freq"}, {"cur", "scaling_cur_freq"}}};
    frequencies.clear();
    const auto read = [&](std::string_view folder) {
        const auto cpu = number_behind("cpu", folder);
        for (std::size_t i = 0; cpu && i < files.size(); ++i) {
            const RelativePath path =
                RelativePath{"devices/system/cpu/"}.append(folder).append("/cpufreq/").append(files[i][1]);
            if (const auto khz = frequency(sys, path.c_str())) {
                frequencies.push_back({*cpu, files[i][0], *khz});
            }
        }
    };
    sys.each_name("devices/system/cpu", std::ref(read));
    const auto place = [](const CpuFreq& one) {
        return std::pair{one.cpu, one.name == "min" ? 0 : one.name == "max" ? 1 : 2};
    };
    std::sort(frequencies.begin(), frequencies.end(),
              [&](const auto& a, const auto& b) { return place(a) < place(b); });
    return frequencies;
}

} // namespace tickertape::proc
