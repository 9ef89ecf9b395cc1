// SPDX-License-Identifier: MIT
/// \file
/// TsdClient: sends points of an application to a TSD, one call for each point.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <type_traits>

#include <tickertape/accounts.hpp>
#include <tickertape/buffered.hpp>
#include <tickertape/credentials.hpp>
#include <tickertape/host_tag.hpp>
#include <tickertape/push_status.hpp>
#include <tickertape/spool_options.hpp>
#include <tickertape/tags.hpp>
#include <tickertape/target.hpp>
#include <tickertape/tls_layer.hpp>
#include <tickertape/value.hpp>

namespace tickertape {

struct TsdClientOptions {
    /// The port of a target that is a bare host name. 0: UsageError.
    std::uint16_t port = 4242;
    /// The most points that wait. 0: UsageError, because every queue is bounded.
    std::size_t queue_size = 100'000;
    HostTag host_tag = HostTag::automatic();
    /// The most points in any second; 0: no limit.
    std::uint32_t mps = 0;
    /// The constructor tries to connect to the targets, for up to 3 s each. If none answers, it throws std::system_error, with the reason
    /// for each target and the error of the last one. False: points wait for a target that is down.
    bool check_host = true;
    /// Send nothing: points are checked, counted as acknowledged, and dropped.
    bool test_mode = false;
    /// The policy of a full queue.
    Overflow overflow = Overflow::drop_oldest;
    /// The longest time for which points are collected before they are sent together. 0 or less: UsageError.
    std::chrono::milliseconds flush_interval{1'000};
    /// The longest time for which the destructor goes on sending queued points.
    std::chrono::milliseconds linger{3'000};
    /// See PushOptions.
    bool resend_unconfirmed = false;
    /// See PushOptions.
    std::optional<bool> sync{};
    /// For targets of http and https.
    Credentials credentials{};
    /// For targets of https; `tls()` of the library tickertape::tls makes it.
    tickertape::push::TlsLayer tls{};
    /// The most series that are remembered, to find duplicates and to create each series once. At the limit all are forgotten.
    std::size_t max_series = 100'000;
    /// Keeps points on disk until they are acknowledged, so that they outlive this process; see Buffered and SpoolOptions. Unanswered
    /// points of a connection that died are then sent again, as with `resend_unconfirmed`.
    SpoolOptions spool{};
};
static_assert(std::is_aggregate_v<TsdClientOptions>);

/// Sends points to a TSD, or the next one of several, from its own thread: `send` queues and returns. Nothing is lost
/// without being counted; `account()` balances at every moment.
///
/// A TSD keeps one value of a series in a second, so the second point of a series in a second is dropped, if it comes within
/// 64 seconds of the series' latest.
///
/// Thread safety: all members may be called from any thread.
class TsdClient {
public:
    /// `target` is a host name, or any target as in `Targets`. Throws UsageError for a bad target or a bad option.
    template <class Text>
        requires std::convertible_to<const Text&, std::string_view>
    explicit TsdClient(const Text& target, const TsdClientOptions& options = {})
        : TsdClient{with_port(target, options.port), options} {}
    explicit TsdClient(Targets targets, const TsdClientOptions& options = {});
    TsdClient(TsdClient&&) noexcept;
    TsdClient& operator=(TsdClient&&) noexcept;
    /// Sends queued points for at most `linger`; the rest is dropped, counted, and reported on stderr in one sentence.
    ~TsdClient();

    /// Queues a point with the current time. Never waits for the network (except with Overflow::block). Does not allocate for
    /// a known series.
    template <class Number>
        requires(std::is_arithmetic_v<Number> && !std::same_as<Number, bool>)
    Sent send(Name metric, Number value, std::initializer_list<Tag> tags = {}) {
        return send_at(std::nullopt, metric, Value::checked(value), {tags.begin(), tags.size()},
                       Series::Precision::seconds);
    }
    /// The same with a given time: in whole seconds, or, with `Series::Precision::milliseconds`, in milliseconds.
    template <class Number>
        requires(std::is_arithmetic_v<Number> && !std::same_as<Number, bool>)
    Sent send_at(WallTime time, Name metric, Number value, std::initializer_list<Tag> tags = {},
                 Series::Precision precision = Series::Precision::seconds) {
        return send_at(time, metric, Value::checked(value), {tags.begin(), tags.size()}, precision);
    }

    /// No more points are accepted; those that are queued are still sent.
    void close();
    /// Sends all points that were queued before the call at once, and waits for their answers; not for points that are in the spool only.
    /// `send` may be called meanwhile and afterwards. Points of metrics that the target does not know get their last try. Returns by the
    /// deadline: true if all answers came.
    bool wait(SteadyTime deadline);
    bool wait(std::chrono::milliseconds at_most);
    /// Ends at once; unsent points are dropped and counted. Interrupts all waits.
    void stop();

    /// Points that `send` refused as `invalid` or `duplicate` are not included.
    [[nodiscard]] Account account() const;
    [[nodiscard]] PushStatus status() const;
    [[nodiscard]] std::uint64_t invalid() const;
    [[nodiscard]] std::uint64_t duplicates() const;

private:
    struct State;

    [[nodiscard]] static Targets with_port(std::string_view target, std::uint16_t port);
    Sent send_at(std::optional<WallTime> time, Name metric, std::optional<Value> value, std::span<const Tag> tags,
                 Series::Precision precision);

    std::unique_ptr<State> state_;
};

} // namespace tickertape
