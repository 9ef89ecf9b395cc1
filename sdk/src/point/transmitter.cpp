// SPDX-License-Identifier: MIT
#include <tickertape/transmitter.hpp>

#include <algorithm>
#include <stdexcept>

namespace tickertape {

std::string_view describe(Reason reason) noexcept {
    switch (reason) {
    case Reason::too_many_tags: return "it has more tags than the 8 that a TSD takes, the host tag included";
    case Reason::no_tag: return "it has no tag, and a TSD takes only points with at least one";
    case Reason::line_too_long:
        return "its line would be longer than 1023 characters (for collectd: a part of its name longer than 127)";
    case Reason::bad_time: return "its time cannot be written in 10 digits of seconds or 13 of milliseconds";
    case Reason::refused: return "the receiver refused it";
    case Reason::over_limit: return "more points came than may go out";
    }
    return "unknown reason";
}

Outcome AnyTransmitter::publish(std::span<const Point> points) {
    Outcome outcome = target_->publish(points);
    const auto unordered =
        std::adjacent_find(outcome.rejected.begin(), outcome.rejected.end(),
                           [](const Outcome::Rejection& a, const Outcome::Rejection& b) { return a.index >= b.index; });
    if (outcome.retry_from > points.size() || unordered != outcome.rejected.end() ||
        (!outcome.rejected.empty() && outcome.rejected.back().index >= outcome.retry_from)) {
        throw std::logic_error{"a transmitter's Outcome speaks of points that it was not given, or twice of one"};
    }
    return outcome;
}

} // namespace tickertape
