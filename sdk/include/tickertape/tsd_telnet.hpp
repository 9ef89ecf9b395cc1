// SPDX-License-Identifier: MIT
/// \file
/// TsdTelnet: points to a TSD as put lines over TCP.
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

/// Sends points as `put` lines to the first of its targets that works. What `publish` takes, at most a mebibyte, is kept
/// until the target is known to have read it, and sent again over a new connection where that does no harm, byte for byte.
/// A thread of its own connects, sends, reads what the target replies, and finds out how it can be asked whether it has
/// read what it was sent; `status()` tells.
///
/// Only for whole seconds: VictoriaMetrics drops points with stamps of milliseconds that come this way, and InfluxDB
/// misreads them. TsdHttp is the way for those; a point of a series with millisecond stamps is sent all the same, as OpenTSDB
/// takes it, and the first is remarked upon on stderr.
///
/// Thread safety: `publish` and `flush` by one thread at a time, the others by any.
class TsdTelnet final : public Transmitter {
public:
    /// Does not wait for a connection. Throws UsageError for targets that are not telnet's, and options out of range.
    explicit TsdTelnet(Targets targets, const PushOptions& options = {});
    TsdTelnet(TsdTelnet&&) noexcept;
    TsdTelnet& operator=(TsdTelnet&&) noexcept;
    /// Ends at once; `flush` before. What is not answered is counted `unconfirmed`, what is unsent Account::Loss::shutdown.
    ~TsdTelnet() override;

    /// Takes points as long as there is room, for which it waits up to `patience`.
    Outcome publish(std::span<const Point> points) override;
    /// Waits until all that was taken is answered, closing the connection if that is the only way to know.
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
