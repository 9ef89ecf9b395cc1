// SPDX-License-Identifier: MIT
/// \file
/// TsdTelnet: points to a TSD as put lines over TCP.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>

#include <tickertape/accounts.hpp>
#include <tickertape/host_tag.hpp>
#include <tickertape/push_status.hpp>
#include <tickertape/target.hpp>
#include <tickertape/transmitter.hpp>

namespace tickertape {

struct TsdTelnetOptions {
    HostTag host_tag = HostTag::automatic();
    /// The most lines in any second, what is sent again included; 0: no limit.
    std::uint32_t mps = 0;
    /// Send again what a receiver may have got when a connection died that could not tell. OpenTSDB and InfluxDB can tell;
    /// VictoriaMetrics cannot, and stores what comes twice as two samples.
    bool resend_unconfirmed = false;
    /// How long one `publish` waits for room. 0 or less: UsageError.
    std::chrono::milliseconds patience{200};
    /// How long a connection may show no sign of life while an answer is due. 0 or less: UsageError.
    std::chrono::milliseconds answer_within{30'000};
};
static_assert(std::is_aggregate_v<TsdTelnetOptions>);

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
    explicit TsdTelnet(Targets targets, const TsdTelnetOptions& options = {});
    TsdTelnet(TsdTelnet&&) noexcept;
    TsdTelnet& operator=(TsdTelnet&&) noexcept;
    /// Ends at once; `flush` before. What is not answered is counted `unconfirmed`, what is unsent Loss::shutdown.
    ~TsdTelnet() override;

    /// Takes points as long as there is room, for which it waits up to `patience`.
    Outcome publish(std::span<const Point> points) override;
    /// Waits until all that was taken is answered, closing the connection if that is the only way to know.
    bool flush(SteadyTime deadline) override;

    [[nodiscard]] std::shared_ptr<Accounts> accounts() const override;
    /// A TSD keeps one value of a series in a second.
    [[nodiscard]] TransmitterTraits traits() const noexcept override { return {.keeps_every_event = false}; }
    [[nodiscard]] PushStatus status() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace tickertape
