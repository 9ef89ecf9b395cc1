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

/// Sends every point to each of several independent destinations, for example to an old and a new TSD during a migration.
/// (Several targets of one destination are different: one of them is used, and the others are for fail-over.)
///
///     Tee both{Buffered{TsdTelnet{"old"}}, Buffered{TsdHttp{"http://new"}}};
///
/// Each destination has a separate queue, account, spool and deadline. A destination that is down, slow or refuses points does not
/// affect the others: points without room in its queue are dropped there and counted in its account. A Buffered is a queue. Any
/// other destination that does not take points at once gets a queue of 100,000 points, which drops the oldest. A Buffered with
/// Overflow::block is refused, because it would delay the others.
///
/// Thread safety: publish, flush and account may be called from any thread.
class Tee final : public Transmitter {
public:
    /// Destinations are transmitters, which it owns, or `std::ref` of transmitters. Throws UsageError for one that may block.
    template <class First, class Second, class... More>
        requires(std::constructible_from<AnyTransmitter, First> && std::constructible_from<AnyTransmitter, Second> &&
                 (... && std::constructible_from<AnyTransmitter, More>))
    explicit Tee(First first, Second second, More... more)
        : Tee{list(AnyTransmitter{std::move(first)}, AnyTransmitter{std::move(second)},
                   AnyTransmitter{std::move(more)}...)} {}
    /// The same for a list. Throws UsageError for an empty one, too.
    explicit Tee(std::vector<AnyTransmitter> destinations);
    Tee(Tee&&) noexcept;
    Tee& operator=(Tee&&) noexcept;
    /// Ends all destinations at the same time. Takes as long as the slowest destination.
    ~Tee() override;

    /// Accepts all points without waiting for a receiver. `Outcome::closed` when no destination takes points any more;
    /// `Outcome::spooled` is the number of points that every destination has on disk.
    Outcome publish(std::span<const Point> points) override;
    /// Flushes all destinations at the same time, each until the deadline. Returns whether all points were sent everywhere.
    bool flush(SteadyTime deadline) override;
    /// Takes points at once; keeps every event if each destination does.
    [[nodiscard]] Transmitter::Traits traits() const noexcept override;

    [[nodiscard]] std::size_t destinations() const noexcept;
    /// The account of a destination, counted from 0 in the order of the constructor. Throws std::out_of_range.
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
    std::unique_ptr<State> state_; // null only after it was moved from
};

} // namespace tickertape
