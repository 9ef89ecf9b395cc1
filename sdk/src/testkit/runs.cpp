// SPDX-License-Identifier: MIT
#include <tickertape/testkit/runs.hpp>

#include <tickertape/schedule.hpp>
#include <tickertape/stop.hpp>

namespace tickertape::testkit {

void run_times(ManualClock& clock, std::chrono::milliseconds period, int times, const std::function<void()>& f) {
    if (times <= 0) {
        return;
    }
    Stop stop;
    run_every_n_seconds(period,
                        [&] {
                            if (--times == 0) {
                                stop.request();
                            }
                            f();
                        },
                        {.stop = &stop, .clock = &clock});
}

} // namespace tickertape::testkit
