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
#include <type_traits>

#include <tickertape/accounts.hpp>
#include <tickertape/credentials.hpp>
#include <tickertape/host_tag.hpp>
#include <tickertape/push_status.hpp>
#include <tickertape/target.hpp>
#include <tickertape/tls_layer.hpp>
#include <tickertape/transmitter.hpp>

namespace tickertape {

struct InfluxOptions {
    /// Of a target that is given as a bare host name, where it is needed; it has to be there already. UsageError if it is
    /// given beside a target with a database.
    std::string database = {};
    /// Of such a target. 0: UsageError.
    std::uint16_t port = 8086;
    /// The user and the password, as in `Credentials::user("me", password)`.
    Credentials credentials{};
    /// For targets of influxs; `tls()` of the library tickertape::tls makes it.
    TlsLayer tls{};
    HostTag host_tag = HostTag::automatic();
    /// The most points in any second, what is sent again included; 0: no limit.
    std::uint32_t mps = 0;
    /// The most requests that are under way at the same time, each over a connection of its own. 0, or more than 64: UsageError.
    std::uint32_t connections = 4;
    bool gzip = true;
    /// How long one `publish` waits for room. Negative: UsageError.
    std::chrono::milliseconds patience{200};
    /// How long a request may take to be answered. 0 or less: UsageError.
    std::chrono::milliseconds answer_within{30'000};
};
static_assert(std::is_aggregate_v<InfluxOptions>);

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
    explicit Influx(const Text& target, const InfluxOptions& options = {})
        : Influx{with_database(target, options), options} {}
    explicit Influx(Targets targets, const InfluxOptions& options = {});
    Influx(Influx&&) noexcept;
    Influx& operator=(Influx&&) noexcept;
    /// Ends at once; `flush` before. What is not answered is counted `unconfirmed`, what is unsent Loss::shutdown.
    ~Influx() override;

    /// Takes points as long as there is room, for which it waits up to `patience`.
    Outcome publish(std::span<const Point> points) override;
    /// Waits until all that was taken is answered. What was set aside, as the target refuses its series, gets one last try and is
    /// then rejected.
    bool flush(SteadyTime deadline) override;

    [[nodiscard]] std::shared_ptr<Accounts> accounts() const override;
    [[nodiscard]] PushStatus status() const;

private:
    [[nodiscard]] static Targets with_database(std::string_view target, const InfluxOptions& options);

    struct State;
    std::unique_ptr<State> state_;
};

} // namespace tickertape
