// SPDX-License-Identifier: MIT
/// \file
/// Dialer: a connection to one of several targets.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <tickertape/push_status.hpp>
#include <tickertape/target.hpp>

#include "push/backoff.hpp"
#include "push/resolver.hpp"
#include "push/stream.hpp"

namespace tickertape::push {

struct DialerOptions {
    StreamFactory make_stream = &make_plain_stream;
    Resolver::Lookup lookup = &resolve_now;
    /// The limit of each step: the lookup, the connection to each address, the handshake.
    std::chrono::milliseconds patience{10'000};
    std::uint64_t seed = 0; ///< for the jitter of the backoff
};

/// Returns `why` without its numbers, except for an HTTP status. Texts of servers contain ports, counts and times; messages that
/// differ only in these are of one kind.
[[nodiscard]] std::string kind_of_failure(std::string_view why);

/// Connects to the target that worked last. If that fails, it connects to the next target that may be tried. Each target has its
/// own backoff. Each attempt looks the name up again. Keeps the state of each target, and reports failures.
///
/// Thread safety: the thread of its io_context only, except for `status`.
class Dialer {
public:
    using Connected = std::function<void(std::shared_ptr<Stream> stream, std::size_t target)>;

    Dialer(boost::asio::io_context& context, Targets targets, DialerOptions options);

    /// Tries until there is a connection, then calls `connected` once, on the io_context. Only one dial at a time.
    void dial(Connected connected);
    /// Sets a function that is called when `is_away` becomes true, on the io_context.
    void on_away(std::function<void()> away) { away_ = std::move(away); }
    [[nodiscard]] bool dialing() const noexcept { return connected_ != nullptr; }
    /// Returns whether something failed since the last connection, or whether there never was one.
    [[nodiscard]] bool is_failing() const noexcept { return is_failing_; }
    /// Returns whether no target works, as far as is known: an attempt to connect failed since the last connection, or two
    /// connections failed one after the other.
    [[nodiscard]] bool is_away() const noexcept { return is_away_; }
    /// Ends a dial without a call of its `connected`.
    void cancel();

    /// Reports that a connection to this target failed, or that the target refused points. The target is not tried for a while.
    /// `retry_after`: the wait that it asked for.
    void failed(std::size_t target, std::string_view why, std::optional<std::chrono::seconds> retry_after = {});
    /// This target proved that it accepts points.
    void accepted(std::size_t target) noexcept;
    void closed(std::size_t target);
    /// Returns whether a target that had accepted points refused a connection since the last call: it probably died.
    [[nodiscard]] bool has_lost_one() noexcept { return std::exchange(has_lost_one_, false); }
    void set_confirmation(std::size_t target, PushStatus::Confirmation confirmation);

    [[nodiscard]] const Target& target(std::size_t index) const { return targets_.all()[index]; }
    [[nodiscard]] std::size_t size() const noexcept { return targets_.all().size(); }

    /// Thread safety: any thread.
    [[nodiscard]] std::vector<PushStatus::Target> status() const;

private:
    void attempt();
    void begin();
    void look_up();
    void connect_to_path();
    void refused();
    void connect(std::vector<boost::asio::ip::tcp::endpoint> endpoints, std::size_t next);
    void secure();
    void hand_shake();
    void attempt_failed(std::string_view why);
    void connect_failed(std::string_view why, std::chrono::milliseconds longest_wait);
    void note_failure(std::size_t target, std::string_view why);
    [[nodiscard]] std::size_t choose(SteadyTime now) const;
    /// Calls `late` after this time, unless another step begins earlier.
    void limit_step(std::chrono::milliseconds patience, std::function<void()> late);

    boost::asio::io_context& context_;
    Targets targets_;
    DialerOptions options_;
    std::vector<Backoff> backoffs_;
    std::vector<bool> has_accepted_; // since it refused a connection
    std::vector<bool> is_silent_;    // nothing answered the last attempt to connect
    bool has_lost_one_ = false;
    bool is_failing_ = true;
    bool has_tried_ = false; // an attempt to connect has failed since the last connection
    bool is_away_ = false;
    std::function<void()> away_ = [] {};
    Resolver resolver_;
    boost::asio::steady_timer timer_;
    boost::asio::ip::tcp::socket socket_;
    std::shared_ptr<Stream> stream_; // during the handshake
    Connected connected_;
    std::size_t current_ = 0;
    std::uint64_t step_ = 0; // the number of the present step; handlers of earlier steps do nothing

    mutable std::mutex mutex_;
    std::vector<PushStatus::Target> status_;
};

} // namespace tickertape::push
