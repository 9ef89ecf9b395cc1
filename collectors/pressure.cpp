// SPDX-License-Identifier: MIT
// pressure: how long work waited for CPUs, memory, disks and interrupts (the kernel's PSI).
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <tickertape/attempt.hpp>
#include <tickertape/proc/pressure.hpp>
#include <tickertape/tables.hpp>

using namespace tickertape;
using namespace std::chrono_literals;

namespace {

struct Waits {
    std::optional<proc::Pressure> pressure;
    std::string metric;
};

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

/// Returns whether the kernel has PSI, and it is turned on.
bool is_there(const proc::Root& root) {
    try {
        return proc::read_pressure(root, "memory").has_value();
    } catch (const proc::ParseError&) {
        return true; // such a file is broken, and each run reports that
    } catch (const std::system_error& error) {
        if (error.code() == std::errc::operation_not_supported) {
            return false;
        }
        throw;
    }
}

} // namespace

int main(int argc, char* argv[]) {
    const std::vector<Tables::Table> resources{
        {"cpu"}, {"memory"}, {"io"}, {"irq"}}; // the last one exists since Linux 6.1, on some kernels
    Tables tables{resources};
    Collector self{argc,
                   argv,
                   {.name = "pressure",
                    .description = "Report proc.pressure.*, waits for CPUs, memory, disks and interrupts.",
                    .interval = 15s,
                    .flags = tables.flags()}};
    const auto root = std::make_shared<proc::Root>(self.proc_root());
    if (!is_there(*root)) {
        throw CannotWork{"there is no pressure information in " + root->path().string() +
                         "; it needs Linux 4.20 or later, and psi=1 on some kernels' command line"};
    }
    for (const Tables::Table& table : resources) {
        tables.add<Waits>(
            table.name, [root, name = table.name](Waits& waits) { waits.pressure = proc::read_pressure(*root, name); },
            [name = table.name](Waits& waits, Readings& out, Totals& totals) {
                if (waits.pressure) {
                    waits.metric.assign("proc.pressure.").append(name);
                    report(out, totals, waits.metric, ".some", waits.pressure->some);
                    report(out, totals, waits.metric, ".full", waits.pressure->full);
                }
            });
    }
    return self.run_every_n_seconds(self.interval(), [&](Readings& out) { tables.run(self, out); });
}
