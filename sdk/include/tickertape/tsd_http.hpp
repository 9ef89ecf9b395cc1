// SPDX-License-Identifier: MIT
/// \file
/// TsdHttp: sends points to a TSD by HTTP.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include <tickertape/accounts.hpp>
#include <tickertape/push_options.hpp>
#include <tickertape/push_status.hpp>
#include <tickertape/target.hpp>
#include <tickertape/transmitter.hpp>

namespace tickertape {

/// Sends points as JSON to `/api/put` of the first of its targets that works. Accepted points, at most four
/// mebibytes, are kept until they are answered. Its own thread connects, sends, and handles the answers. Points that the
/// target names as bad are rejected. If it only reports that some are bad, the sender finds them by sending halves. If it
/// refuses more than half of ten or more points, or everything, nothing is rejected and the sender tries again later. A request without
/// an answer is sent again, byte for byte, to the same target or the next.
///
/// Thread safety: `publish` and `flush` by one thread at a time, the others by any.
class TsdHttp final : public Transmitter {
public:
    /// Does not wait for a connection. Throws UsageError for targets that are not http or https, for https without
    /// `tls`, for credentials with targets of both kinds, and for options out of range.
    explicit TsdHttp(Targets targets, const PushOptions& options = {});
    TsdHttp(TsdHttp&&) noexcept;
    TsdHttp& operator=(TsdHttp&&) noexcept;
    /// Ends at once; call `flush` before. Unanswered points are counted as `unconfirmed`, unsent ones as Account::Loss::shutdown.
    ~TsdHttp() override;

    /// Accepts points as long as there is room. Waits for room up to `patience`.
    Outcome publish(std::span<const Point> points) override;
    /// Waits until all accepted points are answered. Points that were set aside, because the target refuses their series, get one last try
    /// and are then rejected.
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
