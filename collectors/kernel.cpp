// SPDX-License-Identifier: MIT
// kernel: open files of the whole host, and the state of its clock.
#include <tickertape/attempt.hpp>
#include <tickertape/collector.hpp>
#include <tickertape/proc/clock_state.hpp>
#include <tickertape/proc/file_nr.hpp>

using namespace tickertape;
using namespace std::chrono_literals;

int main(int argc, char* argv[]) {
    Collector self{argc,
                   argv,
                   {.name = "kernel",
                    .description = "Report proc.filefd.* and timex.*: open files, and the quality of the clock.",
                    .interval = 15s}};
    const proc::Root root{self.proc_root()};
    need_kernel_file(root, "sys/fs/file-nr");
    return self.run_every_n_seconds(self.interval(), [&](Readings& out) {
        attempt([&] {
            if (const auto files = proc::read_file_nr(root)) {
                out("proc.filefd.allocated", files->allocated);
                // It is 2^63 - 1 on most hosts, and no TSD keeps all these digits.
                out("proc.filefd.maximum", static_cast<double>(files->maximum));
            }
        });
        attempt([&] {
            const proc::ClockState clock = proc::read_clock_state();
            out("timex.sync_status", clock.is_synchronised ? 1 : 0);
            out("timex.offset_seconds", clock.offset);
            out("timex.estimated_error_seconds", clock.estimated_error);
            out("timex.maxerror_seconds", clock.maximum_error);
            out("timex.frequency_adjustment_ratio", clock.frequency_ratio);
            out("timex.tai_offset_seconds", clock.tai_offset);
        });
    });
}
