// SPDX-License-Identifier: MIT
#include <tickertape/tee.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <system_error>
#include <thread>

#include <tickertape/buffered.hpp>
#include <tickertape/name.hpp>

#include "base/concat.hpp"
#include "base/diagnostics.hpp"
#include "base/forks.hpp"
#include "base/threads.hpp"
#include "stage/ledger.hpp"

namespace tickertape {

namespace {

constexpr std::size_t queue_size = 100'000;
constexpr std::chrono::milliseconds longest_wait{1'000}; // of a point for further points

/// One destination, and its account.
class Destination {
public:
    Destination(AnyTransmitter transmitter, std::size_t number)
        : number_{number}, transmitter_{std::make_unique<AnyTransmitter>(queue_of(std::move(transmitter), number))},
          ledger_{transmitter_->accounts() ? transmitter_->accounts() : std::make_shared<stage::Ledger>()},
          keeps_ledger_{transmitter_->accounts() != nullptr} {}

    [[nodiscard]] Outcome publish(std::span<const Point> points) noexcept {
        Outcome outcome;
        try {
            outcome = transmitter_->publish(points);
        } catch (const std::exception& error) {
            report(error.what());
        } catch (...) {
            report("an exception of an unknown type");
        }
        try {
            settle(outcome, points.size());
        } catch (const std::exception& error) { // the mutex of a ledger failed
            report(error.what());
        }
        return outcome;
    }

    [[nodiscard]] bool flush(SteadyTime deadline) noexcept {
        try {
            return transmitter_->flush(deadline);
        } catch (const std::exception& error) {
            report(error.what());
        } catch (...) {
            report("an exception of an unknown type");
        }
        return false;
    }

    /// Ends the destination. Takes as long as its transmitter lingers.
    void end() noexcept { transmitter_ = nullptr; }

    [[nodiscard]] Transmitter::Traits traits() const noexcept { return transmitter_->traits(); }
    [[nodiscard]] const std::shared_ptr<stage::Ledger>& ledger() const noexcept { return ledger_; }

private:
    static AnyTransmitter queue_of(AnyTransmitter transmitter, std::size_t number) {
        if (const auto ledger = transmitter.accounts(); ledger && ledger->callers_wait()) {
            throw UsageError{base::concat("destination ", number,
                                          " of a Tee has a queue with Overflow::block, which would hold up the others; "
                                          "choose drop_oldest, and a spool if nothing may be dropped")};
        }
        return transmitter.traits().takes_at_once
                   ? std::move(transmitter)
                   : AnyTransmitter{Buffered{std::move(transmitter),
                                             {.max_buffer_size = queue_size, .max_flush_interval = longest_wait}}};
    }

    /// Counts the points that it did not take as dropped: there is no other place for them.
    void settle(const Outcome& outcome, std::size_t points) {
        if (!keeps_ledger_) {
            ledger_->take(outcome.accepted());
            ledger_->ack(outcome.accepted());
            for (const Outcome::Rejection& rejection : outcome.rejected) {
                ledger_->refuse(1, rejection.reason);
            }
        }
        if (outcome.retry_from < points) {
            ledger_->drop_new(points - outcome.retry_from, Account::Loss::shutdown);
        }
        if (outcome.closed && !was_closed_.exchange(true)) {
            report("it takes no more points; the others go on");
        }
    }

    void report(std::string_view what) const noexcept {
        try {
            // Message: destination NUMBER of a Tee: REASON
            // Cause: A transmitter of a Tee failed or takes no more points; the others go on.
            // Remedy: Look at the reason.
            base::report(base::concat("destination ", number_, " of a Tee: ", what));
        } catch (const std::exception&) { // NOLINT(bugprone-empty-catch): out of memory, so no message either
        }
    }

    std::size_t number_;
    std::unique_ptr<AnyTransmitter> transmitter_;
    std::shared_ptr<stage::Ledger> ledger_;
    bool keeps_ledger_; // the transmitter keeps it, not this object
    std::atomic<bool> was_closed_{false};
};

} // namespace

struct Tee::State {
    explicit State(std::vector<AnyTransmitter> transmitters) {
        if (transmitters.empty()) {
            throw UsageError{"a Tee has no destination; it has at least 1"};
        }
        for (AnyTransmitter& transmitter : transmitters) {
            destinations.push_back(std::make_unique<Destination>(std::move(transmitter), destinations.size()));
        }
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        for_all([](Destination& destination) { destination.end(); });
    }

    /// Calls `f` for all destinations at the same time, because each may wait for its receiver.
    template <class F>
    void for_all(F f) noexcept {
        if (forks.is_child()) { // inherited destinations do nothing, so no call waits
            for (const auto& each : destinations) {
                f(*each);
            }
            return;
        }
        std::vector<std::thread> threads;
        for (std::size_t i = 1; i < destinations.size(); ++i) {
            try {
                threads.push_back(base::make_quiet_thread("tt-tee", [&f, each = destinations[i].get()] { f(*each); }));
            } catch (const std::exception&) { // no thread can be started
                f(*destinations[i]);
            }
        }
        f(*destinations.front());
        for (std::thread& thread : threads) {
            thread.join();
        }
    }

    const base::Forks forks;
    std::vector<std::unique_ptr<Destination>> destinations;
};

Tee::Tee(std::vector<AnyTransmitter> destinations) : state_{std::make_unique<State>(std::move(destinations))} {}
Tee::Tee(Tee&&) noexcept = default;
Tee& Tee::operator=(Tee&&) noexcept = default;
Tee::~Tee() = default;

Outcome Tee::publish(std::span<const Point> points) {
    Outcome all = Outcome::all(points);
    all.closed = true;
    all.spooled = points.size();
    for (const auto& destination : state_->destinations) {
        const Outcome one = destination->publish(points);
        all.closed = all.closed && one.closed;
        all.spooled = std::min(all.spooled, one.spooled);
    }
    return all;
}

bool Tee::flush(SteadyTime deadline) {
    std::atomic<bool> all{true};
    state_->for_all([&](Destination& destination) {
        if (!destination.flush(deadline)) {
            all = false;
        }
    });
    return all;
}

Transmitter::Traits Tee::traits() const noexcept {
    const auto& destinations = state_->destinations;
    return {.keeps_every_event = std::all_of(destinations.begin(), destinations.end(),
                                             [](const auto& each) { return each->traits().keeps_every_event; }),
            .takes_at_once = true};
}

std::size_t Tee::destinations() const noexcept { return state_->destinations.size(); }

Account Tee::account(std::size_t destination) const { return state_->destinations.at(destination)->ledger()->now(); }

} // namespace tickertape
