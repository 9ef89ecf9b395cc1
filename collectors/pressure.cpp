// SPDX-License-Identifier: MIT
// pressure: how long work waited for CPUs, memory, disks and interrupts (the kernel's PSI).
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <tickertape/attempt.hpp>
#include <tickertape/collector.hpp>
#include <tickertape/proc/pressure.hpp>
#include <tickertape/totals.hpp>

using namespace tickertape;
using namespace std::chrono_literals;

namespace {

constexpr std::array<std::string_view, 4> resources{"cpu", "memory", "io",
                                                    "irq"}; // the last since Linux 6.1, if at all

void report(Readings& out, Totals& totals, std::string& metric, std::string_view who,
            const std::optional<proc::PressureTimes>& times) {
    if (!times) {
        return;
    }
    const std::size_t stem = metric.size();
    const auto with = [&](std::string_view last) -> const std::string& {
        metric.resize(stem);
        return metric.append(who).append(last);
    };
    out(with(".avg10"), times->avg10);
    out(with(".avg60"), times->avg60);
    out(with(".avg300"), times->avg300);
    totals(with(".total"), times->total);
    metric.resize(stem);
}

/// Whether the kernel has PSI, and it is on.
bool is_there(const proc::Root& root) {
    try {
        return proc::read_pressure(root, "memory").has_value();
    } catch (const proc::ParseError&) {
        return true; // and broken, which each run says
    } catch (const std::system_error& error) {
        if (error.code() == std::errc::operation_not_supported) {
            return false;
        }
        throw;
    }
}

} // namespace

int main(int argc, char* argv[]) {
    bool per_second = false;
    Collector self{
        argc,
        argv,
        {.name = "pressure",
         .description = "Reports proc.pressure.*, how long work waited for CPUs, memory, disks and interrupts.",
         .interval = 15s,
         .flags = {rate_flag(per_second)}}};
    const proc::Root root{self.proc_root()};
    if (!is_there(root)) {
        throw CannotWork{"there is no pressure information in " + root.path().string() +
                         "; it needs Linux 4.20 or later, and psi=1 on some kernels' command line"};
    }
    Totals totals{per_second};
    std::string metric;
    return self.run_every_n_seconds(self.interval(), [&](Readings& out) {
        totals.begin(out, self.clock().read().steady);
        for (const std::string_view resource : resources) {
            attempt([&] {
                const auto pressure = proc::read_pressure(root, resource);
                if (pressure) {
                    metric.assign("proc.pressure.").append(resource);
                    report(out, totals, metric, ".some", pressure->some);
                    report(out, totals, metric, ".full", pressure->full);
                }
            });
        }
    });
}
