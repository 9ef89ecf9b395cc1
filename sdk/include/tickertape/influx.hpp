// SPDX-License-Identifier: MIT
/// \file
/// Influx: points to InfluxDB.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <tickertape/accounts.hpp>
#include <tickertape/push_options.hpp>
#include <tickertape/push_status.hpp>
#include <tickertape/target.hpp>
#include <tickertape/transmitter.hpp>

namespace tickertape {

/// Sends points in InfluxDB's line protocol to `/write` of the first of its targets that works: the metric is the
/// measurement, the tags are tags, the value is the field `value`, always a float, and the time has all its nanoseconds.
/// VictoriaMetrics accepts the same. It names the metric `METRIC_value`, and keeps milliseconds and about 12 digits.
///
/// Accepted points, at most four mebibytes, are kept until they are answered, as with TsdHttp. If InfluxDB refuses a point (beyond its
/// retention, or a field that is not a float there), the sender finds it by sending halves, and rejects it. If the database does not exist, a
/// message reports that, and all points are kept. InfluxDB stores a point that is sent again only once.
///
/// Thread safety: `publish` and `flush` by one thread at a time, the others by any.
class Influx final : public Transmitter {
public:
    /// `target` is `influx://host:8086/database`, `influxs://…` for TLS, or a host name; then the options have port and
    /// database. Does not wait for a connection. Throws UsageError for targets of other protocols, for influxs without `tls`,
    /// for credentials with targets of both kinds, and for options out of range.
    template <class Text>
        requires std::convertible_to<const Text&, std::string_view>
    explicit Influx(const Text& target, const PushOptions& options = {})
        : Influx{with_database(target, options), options} {}
    explicit Influx(Targets targets, const PushOptions& options = {});
    Influx(Influx&&) noexcept;
    Influx& operator=(Influx&&) noexcept;
    /// Ends at once; call `flush` before. Unanswered points are counted as `unconfirmed`, unsent ones as Account::Loss::shutdown.
    ~Influx() override;

    /// Accepts points as long as there is room. Waits for room up to `patience`.
    Outcome publish(std::span<const Point> points) override;
    /// Waits until all accepted points are answered. Points that were set aside, because the target refuses their series, get one last try
    /// and are then rejected.
    bool flush(SteadyTime deadline) override;

    [[nodiscard]] Account account() const;
    [[nodiscard]] std::shared_ptr<stage::Ledger> accounts() const override;
    [[nodiscard]] PushStatus status() const;

private:
    [[nodiscard]] static Targets with_database(std::string_view target, const PushOptions& options);

    struct State;
    std::unique_ptr<State> state_;
};

} // namespace tickertape
