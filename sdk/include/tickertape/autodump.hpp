// SPDX-License-Identifier: MIT
/// \file
/// autodump: writes counters in the background for as long as it lives.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>
#include <vector>

#include <tickertape/counter.hpp>
#include <tickertape/transmitter.hpp>

namespace tickertape {

namespace counter {
class Dumper;

template <class T>
concept Counter = std::derived_from<std::remove_cvref_t<T>, CounterBase>;

/// A range of counters: anything a range-for loop can walk over.
template <class T>
concept CounterRange = !Counter<T> && requires(T& range) {
    { *std::begin(range) } -> Counter;
    { std::begin(range) != std::end(range) } -> std::convertible_to<bool>;
};

template <class T>
concept Counters = Counter<T> || CounterRange<T>;
} // namespace counter

/// While it lives, a thread of its own publishes the complete buckets of each counter, at the end of each timespan. Leaving the scope
/// publishes the rest:
///
/// - buckets of at most 1 s: the process waits for the end of the running one (at most 1 s), so that neither this process
///   nor its successor writes the same timestamp again;
/// - longer buckets: the running one is cut short and published at once
/// if it has a value, unless it began before the counter was created.
///
/// A transmitter that fails is tried again, at least once a second. Meanwhile the counters' rings hold the buckets.
/// A counter may be destroyed earlier; its buckets are published when it is destroyed.
///
/// Constructors throw UsageError when a counter already belongs to an autodump or when the counters use different clocks.
///
/// Thread safety: `finish` and `report` may be called from any thread. In the child of a fork, an inherited autodump does nothing.
class [[nodiscard]] autodump {
public:
    /// Counts since the start. A point is a line, except for transmitters that make several lines of one point.
    struct Report {
        std::uint64_t accepted = 0; ///< points that the transmitter accepted
        std::uint64_t rejected = 0; ///< points that it refused for good
        std::uint64_t unsent = 0;   ///< points not sent at the end: the deadline had passed, or the output was closed
        std::uint64_t failures = 0; ///< attempts that were not accepted in full; they are repeated
        bool closed = false;        ///< the receiver is gone
        bool complete = false;      ///< `finish` wrote everything

        friend bool operator==(const Report&, const Report&) = default;
    };

    /// All living counters, and those made later, deduplicated, as put lines on stdout.
    [[nodiscard]] autodump();

    /// The given counters, deduplicated, as put lines on stdout.
    template <counter::Counters... C>
        requires(sizeof...(C) > 0)
    [[nodiscard]] explicit autodump(C&... counters) : autodump{standard_output(), given(counters...)} {}

    /// The given counters to `transmitter`; without counters: all living ones, and those made later. Repeated values are not held back:
    /// wrap the transmitter in Dedup for that.
    template <class T, counter::Counters... C>
        requires(std::convertible_to<T, AnyTransmitter> && !counter::Counters<T>)
    [[nodiscard]] explicit autodump(T&& transmitter, C&... counters)
        : autodump{AnyTransmitter(std::forward<T>(transmitter)), given(counters...)} {}

    autodump(const autodump&) = delete;
    autodump& operator=(const autodump&) = delete;
    /// Calls `finish` with the default deadline, unless it was called before.
    ~autodump();

    /// Publishes the remaining buckets and stops. Blocks for about `deadline` at most.
    /// Points that could not be written by then are counted as `unsent`.
    /// Later calls return the same report.
    Report finish(std::chrono::milliseconds deadline = default_deadline);

    [[nodiscard]] Report report() const;

    /// tcollector kills a collector 5 s after TERM.
    static constexpr std::chrono::milliseconds default_deadline{3000};

private:
    using States = std::vector<counter::CounterState*>;

    /// Without states: all living counters, and those made later.
    autodump(AnyTransmitter transmitter, const std::optional<States>& given);

    static AnyTransmitter standard_output();

    template <class... C>
    static std::optional<States> given(C&... counters) {
        if constexpr (sizeof...(C) == 0) {
            return std::nullopt;
        } else { // ranges may be empty
            States states;
            (append(states, counters), ...);
            return states;
        }
    }
    template <counter::Counter C>
    static void append(States& states, C& counter) {
        states.push_back(counter.state());
    }
    template <counter::CounterRange C>
    static void append(States& states, C& counters) {
        for (auto& counter : counters) {
            states.push_back(counter.state());
        }
    }

    std::shared_ptr<counter::Dumper> dumper_;
};

} // namespace tickertape
