// SPDX-License-Identifier: MIT
/// \file
/// TsdClient: points of an application to a TSD, one call each.
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
    /// Of a target that is given as a bare host name. 0: UsageError.
    std::uint16_t port = 4242;
    /// The most points that wait. 0: UsageError, as nothing here is unbounded.
    std::size_t queue_size = 100'000;
    HostTag host_tag = HostTag::automatic();
    /// The most points in any second; 0: no limit.
    std::uint32_t mps = 0;
    /// Try to connect to a target in the constructor, for up to 3 s each. If none answers, throw std::system_error, which says why
    /// of each, and has the error of the last one. False: points wait for a target that is down.
    bool check_host = true;
    /// Send nothing: points are checked, counted as acknowledged, and gone.
    bool test_mode = false;
    /// When the queue is full.
    Overflow overflow = Overflow::drop_oldest;
    /// How long points wait for company. 0 or less: UsageError.
    std::chrono::milliseconds flush_interval{1'000};
    /// How long the destructor goes on sending what is queued.
    std::chrono::milliseconds linger{3'000};
    /// See PushOptions.
    bool resend_unconfirmed = false;
    /// See PushOptions.
    std::optional<bool> sync{};
    /// For targets of http and https.
    Credentials credentials{};
    /// For targets of https; `tls()` of the library tickertape::tls makes it.
    tickertape::push::TlsLayer tls{};
    /// How many series are remembered to find duplicates and to make no series twice; at the limit all are forgotten.
    std::size_t max_series = 100'000;
    /// Keeps points on disk until they are acknowledged, so that they outlive this process; see Buffered and SpoolOptions. What may have
    /// arrived when a connection died is then sent again, as with `resend_unconfirmed`.
    SpoolOptions spool{};
};
static_assert(std::is_aggregate_v<TsdClientOptions>);

/// Sends points to a TSD, or the next one of several, from a thread of its own: `send` queues and returns. Nothing is lost
/// without being counted; `account()` balances at every moment.
///
/// A TSD keeps one value of a series in a second, so the second point of a series in a second is dropped, if it comes within
/// 64 seconds of the series' latest.
///
/// Thread safety: all members may be called from any thread.
class TsdClient {
public:
    /// `target` is a host name, or any target as in `Targets`. Throws UsageError for bad ones and bad options.
    template <class Text>
        requires std::convertible_to<const Text&, std::string_view>
    explicit TsdClient(const Text& target, const TsdClientOptions& options = {})
        : TsdClient{with_port(target, options.port), options} {}
    explicit TsdClient(Targets targets, const TsdClientOptions& options = {});
    TsdClient(TsdClient&&) noexcept;
    TsdClient& operator=(TsdClient&&) noexcept;
    /// Sends what is queued for at most `linger`; the rest is dropped, counted, and reported on stderr in one sentence.
    ~TsdClient();

    /// Queues a point with the time of now. Never waits for the network (but see Overflow::block). Does not allocate for
    /// a series that it knows.
    template <class Number>
        requires(std::is_arithmetic_v<Number> && !std::same_as<Number, bool>)
    Sent send(Name metric, Number value, std::initializer_list<Tag> tags = {}) {
        return send_at(std::nullopt, metric, Value::checked(value), {tags.begin(), tags.size()},
                       Series::Precision::seconds);
    }
    /// The same with a time of its own: of whole seconds, or, with `Series::Precision::milliseconds`, of milliseconds.
    template <class Number>
        requires(std::is_arithmetic_v<Number> && !std::same_as<Number, bool>)
    Sent send_at(WallTime time, Name metric, Number value, std::initializer_list<Tag> tags = {},
                 Series::Precision precision = Series::Precision::seconds) {
        return send_at(time, metric, Value::checked(value), {tags.begin(), tags.size()}, precision);
    }

    /// No more points are accepted; those that are queued are still sent.
    void close();
    /// Sends what was queued before the call at once, and waits until all is answered that does not wait in the spool alone; more
    /// may be sent meanwhile and afterwards. Points that the target refuses as unknown get their last try. Returns whether that is
    /// before the deadline; always returns then.
    bool wait(SteadyTime deadline);
    bool wait(std::chrono::milliseconds at_most);
    /// Ends at once; what is not sent is dropped and counted. Interrupts whatever is waited for.
    void stop();

    /// Points that were refused as `invalid` or `duplicate` are not in it.
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
