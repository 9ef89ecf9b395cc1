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
/// VictoriaMetrics takes the same and calls it `METRIC_value`, to the millisecond and 12 digits or so.
///
/// What `publish` takes, at most four mebibytes, is kept until it is answered, as with TsdHttp. A point that InfluxDB
/// refuses (beyond its retention, or a field that is no float there) is found by sending halves, and rejected; a database that
/// is not there is said, and all is kept. What is sent again overwrites itself at an InfluxDB.
///
/// Thread safety: `publish` and `flush` by one thread at a time, the others by any.
class Influx final : public Transmitter {
public:
    /// `target` is `influx://host:8086/database`, or `influxs://…` for TLS, or a host name, of which the options tell the
    /// rest. Does not wait for a connection. Throws UsageError for targets of other protocols, for influxs without `tls`,
    /// for credentials with targets of both kinds, and for options out of range.
    template <class Text>
        requires std::convertible_to<const Text&, std::string_view>
    explicit Influx(const Text& target, const PushOptions& options = {})
        : Influx{with_database(target, options), options} {}
    explicit Influx(Targets targets, const PushOptions& options = {});
    Influx(Influx&&) noexcept;
    Influx& operator=(Influx&&) noexcept;
    /// Ends at once; `flush` before. What is not answered is counted `unconfirmed`, what is unsent Account::Loss::shutdown.
    ~Influx() override;

    /// Takes points as long as there is room, for which it waits up to `patience`.
    Outcome publish(std::span<const Point> points) override;
    /// Waits until all that was taken is answered. What was set aside, as the target refuses its series, gets one last try and is
    /// then rejected.
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
