// SPDX-License-Identifier: MIT
#include <tickertape/proc/clock_state.hpp>

#include <cerrno>
#include <system_error>

namespace tickertape::proc {

ClockState clock_state_of(const ::timex& clock, int state) noexcept {
    constexpr double million = 1e6;
    constexpr double frequency_unit = 65536; // of a part per million
    const double offset_unit = (clock.status & STA_NANO) != 0 ? 1e9 : million;
    return {.is_synchronised = state != TIME_ERROR && (clock.status & STA_UNSYNC) == 0,
            .offset = static_cast<double>(clock.offset) / offset_unit,
            .estimated_error = static_cast<double>(clock.esterror) / million,
            .maximum_error = static_cast<double>(clock.maxerror) / million,
            .frequency_ratio = 1 + static_cast<double>(clock.freq) / frequency_unit / million,
            .tai_offset = static_cast<double>(clock.tai)};
}

ClockState read_clock_state() {
    ::timex clock{};
    const int state = ::adjtimex(&clock);
    if (state < 0) {
        throw std::system_error{errno, std::generic_category(), "cannot ask for the state of the clock"};
    }
    return clock_state_of(clock, state);
}

} // namespace tickertape::proc
