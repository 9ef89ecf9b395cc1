// SPDX-License-Identifier: MIT
/// \file
/// TsdHttp: points to a TSD by HTTP.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>

#include <tickertape/accounts.hpp>
#include <tickertape/credentials.hpp>
#include <tickertape/host_tag.hpp>
#include <tickertape/push_status.hpp>
#include <tickertape/target.hpp>
#include <tickertape/tls_layer.hpp>
#include <tickertape/transmitter.hpp>

namespace tickertape {

struct TsdHttpOptions {
    HostTag host_tag = HostTag::automatic();
    /// The most points in any second, what is sent again included; 0: no limit.
    std::uint32_t mps = 0;
    /// Ask OpenTSDB to answer when its storage has written the points (`?sync`), not when it has parsed them. Slower. Other
    /// servers do not look at it.
    bool sync = false;
    /// The most requests that are under way at the same time, each over a connection of its own. 0, or more than 64: UsageError.
    std::uint32_t connections = 4;
    bool gzip = true;
    Credentials credentials{};
    /// For targets of https; `tls()` of the library tickertape::tls makes it.
    TlsLayer tls{};
    /// How long one `publish` waits for room. Negative: UsageError.
    std::chrono::milliseconds patience{200};
    /// How long a request may take to be answered. 0 or less: UsageError.
    std::chrono::milliseconds answer_within{30'000};
};
static_assert(std::is_aggregate_v<TsdHttpOptions>);

/// Sends points as JSON to `/api/put` of the first of its targets that works. What `publish` takes, at most four
/// mebibytes, is kept until it is answered. A thread of its own connects, sends, and goes by the answers: points that the
/// target names as bad are rejected; when it only says that there are some, they are looked for by sending halves; when it
/// refuses more than half of ten or more points, or everything, nothing is rejected and it is tried again later. A request without
/// an answer is sent again, byte for byte, to the same target or the next.
///
/// Thread safety: `publish` and `flush` by one thread at a time, the others by any.
class TsdHttp final : public Transmitter {
public:
    /// Does not wait for a connection. Throws UsageError for targets that are not http or https, for https without
    /// `tls`, for credentials with targets of both kinds, and for options out of range.
    explicit TsdHttp(Targets targets, const TsdHttpOptions& options = {});
    TsdHttp(TsdHttp&&) noexcept;
    TsdHttp& operator=(TsdHttp&&) noexcept;
    /// Ends at once; `flush` before. What is not answered is counted `unconfirmed`, what is unsent Loss::shutdown.
    ~TsdHttp() override;

    /// Takes points as long as there is room, for which it waits up to `patience`.
    Outcome publish(std::span<const Point> points) override;
    /// Waits until all that was taken is answered. What was set aside, as the target refuses its series, gets one last try and is
    /// then rejected.
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
