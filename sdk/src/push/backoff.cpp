// SPDX-License-Identifier: MIT
#include "push/backoff.hpp"

#include <algorithm>

namespace tickertape::push {

void Backoff::failed(SteadyTime now, std::chrono::milliseconds longest) {
    constexpr unsigned doublings_to_cap = 7; // 250 ms * 2^7 is beyond the cap
    const std::chrono::nanoseconds most = std::min(base * (1U << std::min(failures_, doublings_to_cap)), longest);
    const std::chrono::nanoseconds drawn{std::uniform_int_distribution<std::int64_t>{0, most.count()}(random_)};
    not_before_ = now + std::max<std::chrono::nanoseconds>(drawn, floor);
    // Failures with a lower cap count only up to that cap, so that they do not lengthen the waits after other failures.
    failures_ += longest == cap || most < longest ? 1 : 0;
}

void Backoff::asked_to_wait(SteadyTime now, std::chrono::seconds retry_after) {
    // Compared in seconds: nanoseconds would overflow for some of these.
    const std::chrono::seconds followed =
        std::clamp<std::chrono::seconds>(retry_after, std::chrono::seconds{0}, longest_retry_after);
    not_before_ = now + std::max<std::chrono::nanoseconds>(followed, floor);
    ++failures_;
}

void Backoff::accepted() noexcept {
    failures_ = 0;
    not_before_ = SteadyTime::min();
}

} // namespace tickertape::push
