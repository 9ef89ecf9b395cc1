// SPDX-License-Identifier: MIT
#include <tickertape/schedule.hpp>

#include "counter/due_times.hpp"

namespace tickertape {

Stop::Reason run_every_n_seconds(std::chrono::milliseconds period, const std::function<void()>& f,
                                 const RunOptions& options) {
    Clock& clock = options.clock != nullptr ? *options.clock : Clock::system();
    Stop& stop = options.stop != nullptr ? *options.stop : Stop::process();
    const std::stop_token token = stop.token();
    counter::DueTimes times{period, clock};
    while (clock.wait_until(times.next(), token)) {
        times.run(f);
    }
    return stop.reason();
}

} // namespace tickertape
