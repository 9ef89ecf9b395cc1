// SPDX-License-Identifier: MIT
/// \file
/// Tee: every point to each of several destinations.
#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <tickertape/accounts.hpp>
#include <tickertape/transmitter.hpp>

namespace tickertape {

/// Sends every point to each of several independent destinations, for as long as an old and a new TSD are both to be fed.
/// (Several targets of one destination are something else: one of them is used, and the others are for fail-over.)
///
///     Tee both{Buffered{TsdTelnet{"old"}}, Buffered{TsdHttp{"http://new"}}};
///
/// Each destination has a queue, an account, a spool and a deadline of its own. One that is down, slow or refuses points costs
/// itself: what its queue cannot hold is dropped there and counted in its account. A Buffered is a queue; any other
/// destination that does not take points at once gets a queue of 100,000 points, which drops the oldest. A Buffered with
/// Overflow::block is refused, as it would hold up the others.
///
/// Thread safety: publish, flush and account may be called from any thread.
class Tee final : public Transmitter {
public:
    /// Destinations are transmitters, which it owns, or `std::ref` of one. Throws UsageError for one that may block.
    template <class First, class Second, class... More>
        requires(std::constructible_from<AnyTransmitter, First> && std::constructible_from<AnyTransmitter, Second> &&
                 (... && std::constructible_from<AnyTransmitter, More>))
    explicit Tee(First first, Second second, More... more)
        : Tee{list(AnyTransmitter{std::move(first)}, AnyTransmitter{std::move(second)},
                   AnyTransmitter{std::move(more)}...)} {}
    /// Throws UsageError if there is none, too.
    explicit Tee(std::vector<AnyTransmitter> destinations);
    Tee(Tee&&) noexcept;
    Tee& operator=(Tee&&) noexcept;
    /// Ends all destinations at the same time: takes as long as the one that takes longest.
    ~Tee() override;

    /// Takes all points. Waits for no receiver. `closed` when no destination takes points any more; `spooled` is the number that
    /// every destination has on disk.
    Outcome publish(std::span<const Point> points) override;
    /// Flushes all destinations at the same time, each until the deadline. Whether all is out everywhere.
    bool flush(SteadyTime deadline) override;
    /// Takes at once; keeps every event if each destination does.
    [[nodiscard]] Transmitter::Traits traits() const noexcept override;

    [[nodiscard]] std::size_t destinations() const noexcept;
    /// Of a destination, counted from 0 in the order of the constructor. Throws std::out_of_range.
    [[nodiscard]] Account account(std::size_t destination) const;

private:
    template <class... Any>
    static std::vector<AnyTransmitter> list(Any... any) {
        std::vector<AnyTransmitter> all;
        all.reserve(sizeof...(any));
        (all.push_back(std::move(any)), ...);
        return all;
    }

    struct State;
    std::unique_ptr<State> state_; // null only when moved from
};

} // namespace tickertape
