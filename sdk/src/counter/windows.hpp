// SPDX-License-Identifier: MIT
/// \file
/// Makes a window of the buckets of a counter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <tickertape/window.hpp>

#include "counter/counter_state.hpp"
#include "counter/group.hpp"

namespace tickertape::counter {

/// The ended buckets of the last timespan, and `running`. `value_of(sequence, bits)` is called for buckets that are not absent.
/// Under the registry's mutex.
template <class T, class ValueOf>
std::vector<Bucket<T>> buckets_of(const CounterState& state, std::optional<T> running, ValueOf value_of) {
    const Timeline& timeline = state.group->timeline;
    const History& history = state.history;
    const WallTime from = timeline.open() - state.timespan;
    std::uint64_t first = history.end();
    while (first > history.begin() && timeline.timestamp(first - 1) >= from &&
           timeline.timestamp(first - 1) < timeline.open()) {
        --first;
    }
    std::vector<Bucket<T>> buckets;
    buckets.reserve(static_cast<std::size_t>(history.end() - first) + 1);
    for (std::uint64_t i = first; i != history.end(); ++i) {
        const std::uint64_t bits = history[i];
        const bool absent = bits == History::absent;
        buckets.push_back({timeline.timestamp(i), absent ? T{} : value_of(i, bits),
                           absent ? BucketState::absent : state.bucket_state(i)});
    }
    const BucketState state_of_running = running ? BucketState::partial : BucketState::absent;
    buckets.push_back({timeline.open(), running ? *std::move(running) : T{}, state_of_running});
    return buckets;
}

template <class T>
std::vector<T> present(const Window<T>& window) {
    std::vector<T> values;
    values.reserve(static_cast<std::size_t>(window.end() - window.begin()));
    for (const Bucket<T>& bucket : window) {
        if (bucket.state != BucketState::absent) {
            values.push_back(bucket.value);
        }
    }
    return values;
}

} // namespace tickertape::counter
