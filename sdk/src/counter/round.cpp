// SPDX-License-Identifier: MIT
#include "counter/round.hpp"

#include "counter/dumper.hpp"

namespace tickertape::counter {

namespace {

thread_local Round* current_round = nullptr;

} // namespace

Round::Round() { current_round = this; }

Round* Round::current() noexcept { return current_round; }

Round::~Round() {
    current_round = nullptr;
    const Dumper* last = nullptr;
    for (const auto& dumper : dumpers_) {
        // The alarms of one writer have one thread, which checks all of them.
        if (last == nullptr || dumper->writer() == nullptr || dumper->writer() != last->writer() ||
            &dumper->clock() != &last->clock()) {
            dumper->clock().rearm(*dumper);
        }
        last = dumper.get();
    }
}

} // namespace tickertape::counter
