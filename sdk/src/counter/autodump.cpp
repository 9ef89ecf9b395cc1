// SPDX-License-Identifier: MIT
#include <tickertape/autodump.hpp>

#include <optional>
#include <string>

#include <tickertape/dedup.hpp>
#include <tickertape/put_lines.hpp>

#include "base/concat.hpp"
#include "base/forks.hpp"
#include "base/log.hpp"
#include "counter/dumper.hpp"
#include "counter/pulse.hpp"
#include "counter/registry.hpp"

namespace tickertape {

namespace {

/// Returns the one clock of the given counters, or of all living ones without a dumper.
Clock& common_clock(const counter::Registry& registry,
                    const std::optional<std::vector<counter::CounterState*>>& given) {
    Clock* clock = nullptr;
    for (const counter::CounterState* const state : given ? *given : registry.living()) {
        if (!given && state->dumper != nullptr) {
            continue;
        }
        Clock& its = state->group->pulse.clock();
        if (clock != nullptr && clock != &its) {
            throw UsageError{"autodump: '" + std::string{state->series.text()} +
                             "' goes by another clock than the counters before it; give each clock an autodump"};
        }
        clock = &its;
    }
    return clock != nullptr ? *clock : Clock::system();
}

} // namespace

autodump::autodump() : autodump{standard_output(), std::nullopt} {}

autodump::autodump(AnyTransmitter transmitter, const std::optional<States>& given) {
    base::wake_fork();
    counter::Registry& registry = counter::Registry::instance();
    {
        const std::lock_guard lock{registry.mutex};
        for (const counter::CounterState* const state : given.value_or(States{})) {
            if (state == nullptr) {
                throw UsageError{"autodump: one of the counters has been moved from"};
            }
            if (state->dumper != nullptr) {
                throw UsageError{"autodump: the counter '" + std::string{state->series.text()} +
                                 "' belongs to an autodump already; two would share its buckets out"};
            }
        }
        if (!given && registry.default_dumper() != nullptr) {
            throw UsageError{"autodump: there is one for all counters already"};
        }
        dumper_ = std::make_shared<counter::Dumper>(std::move(transmitter), common_clock(registry, given));
        for (counter::CounterState* const state : given.value_or(States{})) {
            if (state->dumper == nullptr) { // otherwise it was named twice
                dumper_->claim(*state);
            }
        }
        if (!given) {
            dumper_->claim_all_living();
        }
    }
    dumper_->start();
}

autodump::~autodump() {
    if (dumper_->is_forked()) {
        base::keep_for_ever(std::move(dumper_));
        return;
    }
    const autodump::Report report = finish();
    if (report.unsent > 0 && !report.closed) { // a closed output has no reader for more
        // Message: output: it did not take NUMBER points of counters at the end: they are lost
        // Cause: The output or the server took nothing until the deadline of the end.
        // Remedy: Check the program that reads, or the messages about the target.
        base::log_always(base::Level::error, base::concat("output: it did not take ", report.unsent,
                                                          " points of counters at the end: they are lost"));
    }
}

autodump::Report autodump::finish(std::chrono::milliseconds deadline) {
    if (!dumper_->is_usable()) {
        return {}; // takes not even a mutex: a thread that does not exist here may hold it
    }
    return dumper_->finish(dumper_->clock().read().steady + deadline);
}

autodump::Report autodump::report() const { return dumper_->is_forked() ? autodump::Report{} : dumper_->report(); }

AnyTransmitter autodump::standard_output() { return Dedup{PutLines{}}; }

} // namespace tickertape
