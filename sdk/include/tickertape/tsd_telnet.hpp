// SPDX-License-Identifier: MIT
/// \file
/// TsdTelnet: sends points to a TSD as put lines over TCP.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <tickertape/accounts.hpp>
#include <tickertape/push_options.hpp>
#include <tickertape/push_status.hpp>
#include <tickertape/target.hpp>
#include <tickertape/transmitter.hpp>

namespace tickertape {

/// Sends points as `put` lines to the first of its targets that works. Accepted points, at most a mebibyte, are kept
/// until the target has confirmed that it read them. When a connection dies, they are sent again, byte for byte, to a target that can
/// report which points it has read (or with PushOptions::resend_unconfirmed). Its own thread connects, sends, reads the replies, and
/// finds out how the target confirms points; `status()` has the result.
///
/// Use it for whole seconds only: by telnet, VictoriaMetrics drops points with millisecond timestamps, and InfluxDB
/// misreads them. Use TsdHttp for milliseconds. Points with millisecond timestamps are sent nevertheless, because OpenTSDB
/// accepts them; a message on stderr warns of the first.
///
/// Thread safety: `publish` and `flush` by one thread at a time, the others by any.
class TsdTelnet final : public Transmitter {
public:
    /// Does not wait for a connection. Throws UsageError for targets of other protocols, and options out of range.
    explicit TsdTelnet(Targets targets, const PushOptions& options = {});
    TsdTelnet(TsdTelnet&&) noexcept;
    TsdTelnet& operator=(TsdTelnet&&) noexcept;
    /// Ends at once; call `flush` before. Unanswered points are counted as `unconfirmed`, unsent ones as Account::Loss::shutdown.
    ~TsdTelnet() override;

    /// Accepts points as long as there is room. Waits for room up to `patience`.
    Outcome publish(std::span<const Point> points) override;
    /// Waits until all accepted points are answered. Closes the connection if the target answers in no other way.
    bool flush(SteadyTime deadline) override;

    [[nodiscard]] Account account() const;
    [[nodiscard]] std::shared_ptr<stage::Ledger> accounts() const override;
    /// A TSD keeps one value of a series in a second.
    [[nodiscard]] Transmitter::Traits traits() const noexcept override { return {.keeps_every_event = false}; }
    [[nodiscard]] PushStatus status() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace tickertape
