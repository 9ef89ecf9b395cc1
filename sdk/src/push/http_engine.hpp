// SPDX-License-Identifier: MIT
/// \file
/// HttpEngine: points to one of several TSDs by HTTP, and the thread that does it.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include <tickertape/accounts.hpp>
#include <tickertape/push_status.hpp>
#include <tickertape/target.hpp>
#include <tickertape/time.hpp>

#include "push/body_size.hpp"
#include "push/dialer.hpp"
#include "push/http_connection.hpp"
#include "push/outbox.hpp"
#include "push/put_answer.hpp"
#include "push/put_body.hpp"
#include "push/put_request.hpp"
#include "push/rate_limit.hpp"
#include "push/refusals.hpp"

namespace tickertape::push {

struct HttpOptions {
    std::uint32_t points_per_second = 0; ///< 0: no limit
    std::size_t connections = 4;
    PutRequestOptions request{};
    /// Ask each target whether it is an OpenTSDB, and one that is for `request.sync`.
    bool asks_version = false;
    std::chrono::milliseconds version_patience{2'000};
    /// How long points wait for that answer.
    std::chrono::milliseconds version_hold{500};
    /// The most bytes of points that are held here, in doubt or about to be sent.
    std::size_t window = std::size_t{4} * 1024 * 1024;
    /// How long a request may take to be answered.
    std::chrono::milliseconds patience{30'000};
    /// How long a connection is used, so that a name that moves is followed.
    std::chrono::milliseconds connection_age{600'000};
    QuarantineOptions quarantine{};
    DialerOptions dialer{};
};

/// Takes points and sees to it that a receiver gets them.
///
/// One target is active at a time, for all connections. A connection has one request under way; further ones are made when
/// points wait and all are busy. When a target fails, its other connections may still answer their requests in time, but get no
/// more.
///
/// Where sync depends on the target, its first connection begins with the question for its version.
///
/// Refused points delay no others. These go into quarantine: series that the target does not know, series of which it refuses one
/// new point after the other, and points that fail again and again while it takes others. If a target has refused every
/// point so far, its refused points are kept, behind all new ones.
///
/// Thread safety: `give` and `flush` by one thread at a time, all else by any thread.
class HttpEngine {
public:
    HttpEngine(Targets targets, HttpOptions options, std::shared_ptr<stage::Ledger> accounts);
    HttpEngine(const HttpEngine&) = delete;
    HttpEngine& operator=(const HttpEngine&) = delete;
    /// Ends at once: sent points without an answer are `unconfirmed`, unsent points are dropped, and points set aside are
    /// rejected.
    ~HttpEngine();

    /// Waits until `deadline` for room for `bytes` more; returns whether there is room.
    [[nodiscard]] bool wait_for_room(std::size_t bytes, SteadyTime deadline) {
        return outbox_.wait_for_room(bytes, deadline);
    }
    /// Takes points over; there is room.
    void give(PutPoints points);
    /// The most bytes of the points in one call of `give`.
    [[nodiscard]] static constexpr std::size_t most_bytes() noexcept { return std::size_t{64} * 1024; }

    /// Waits until all given points are answered; returns false at the deadline. Points set aside get one last try,
    /// and are then rejected.
    [[nodiscard]] bool flush(SteadyTime deadline) { return outbox_.flush(deadline); }
    [[nodiscard]] PushStatus status() const;

private:
    // A server that takes one connection but not the next is not asked for more of them for this long.
    static constexpr std::chrono::seconds without_more_lanes{10};

    struct Lane {
        std::shared_ptr<HttpConnection> connection{};
        std::size_t target = 0;
        PutWork work{};       // under way, while the connection is waiting
        std::size_t wire = 0; // bytes of its body
        SteadyTime born{};
        bool is_zipped = false;
        bool awaits_version = false;   // it was asked for the target's version
        bool has_told_version = false; // and has answered
        bool is_retired = false;       // gets nothing more to do
        bool is_over = false;

        /// Whether it has answered points.
        [[nodiscard]] bool is_proven() const { return connection->answers() > (has_told_version ? 1U : 0U); }
    };

    /// How a target takes compressed bodies.
    enum class Zip : std::uint8_t { as_asked, asked_without, never, always };

    /// The knowledge of a target.
    struct Version {
        bool is_known = false;
        bool is_opentsdb = false;
        SteadyTime ask_from = SteadyTime::min();
    };

    void pump();
    void give_back();
    void fetch();
    [[nodiscard]] bool find_work();
    [[nodiscard]] Lane* idle_lane();
    void dial_if_useful();
    void connected(std::shared_ptr<Stream> stream, std::size_t target);
    [[nodiscard]] std::size_t points_at_once() const;
    [[nodiscard]] bool may_send_now(std::size_t points);
    [[nodiscard]] PutWork take_work(std::size_t target, std::size_t most_points);
    [[nodiscard]] base::PageString pack(PutWork& work, std::size_t target);
    void send(Lane& lane, std::size_t most_points);

    [[nodiscard]] bool add_probe();
    void set_aside_held(PutPoints& points);
    void set_aside(std::string_view key, std::string_view object, const Receipts& receipts);
    void set_all_aside(const PutPoints& points);
    void settle_probe(const PutWork& probe, PointResult result, std::size_t target);
    void put_back(const PutWork& probe, bool is_refused);
    void release(std::string_view key);
    void repeat_later(PutWork work, std::size_t target);
    void reject(PutPoints points);
    void suspend(std::vector<PutWork> work);
    void took_some(std::size_t target, const PutPoints& points, const std::vector<PointResult>& results);
    void renew_credentials();
    [[nodiscard]] bool is_zipped(std::size_t target) const {
        return zips_[target] == Zip::as_asked || zips_[target] == Zip::always;
    }
    [[nodiscard]] bool is_synced(std::size_t target) const {
        return options_.request.sync || versions_[target].is_opentsdb;
    }
    [[nodiscard]] std::string head_of(std::size_t target) const;
    [[nodiscard]] bool ask_version(Lane& lane);
    void version_answered(Lane& lane, const HttpAnswer& answer);
    void version_settled(Lane& lane);
    [[nodiscard]] bool asks_without_zip(const Lane& lane, const PutWork& work, const PutAnswer& answer,
                                        unsigned status);

    void answered(Lane& lane, const HttpAnswer& as_it_came);
    void judged(Lane& lane, PutWork work, const PutAnswer& answer);
    void failed(Lane& lane, PutWork work, const PutAnswer& answer);
    void ended(Lane& lane, HttpEnd end, std::string_view why);
    void fail(const Lane& lane, std::string_view why, std::optional<std::chrono::seconds> retry_after = {});
    [[nodiscard]] bool has_proven_lane(std::size_t target) const;
    void sweep();
    void note(const std::vector<PushStatus::Reply>& replies);

    HttpOptions options_;
    std::size_t most_points_;
    std::shared_ptr<stage::Ledger> accounts_;

    boost::asio::io_context context_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
    Dialer dialer_;
    RateLimit rate_;
    boost::asio::steady_timer rate_timer_;
    SteadyTime more_lanes_from_ = SteadyTime::min();
    std::vector<std::string> heads_;   // by target
    std::vector<BodySize> body_sizes_; // by target
    std::vector<std::uint64_t> acks_;  // by target: requests from which it took at least one point
    std::vector<Zip> zips_;            // by target
    std::vector<Version> versions_;    // by target
    boost::asio::steady_timer version_timer_;
    bool is_held_for_version_ = false; // nothing is sent meanwhile
    PutPacker packer_;
    PutPacker plain_packer_;
    double wire_per_text_;
    Refusals refusals_;
    std::deque<PutWork> waiting_; // to be sent, those to be sent again first

    bool probe_is_next_ = false;                        // in turns with other work
    std::unordered_map<std::string, unsigned> strikes_; // by series: new points refused, one after the other

    std::deque<PutWork> suspended_; // refused by a target that has refused all it ever got
    SteadyTime scout_at_{};         // then one point of them is sent
    std::chrono::milliseconds scout_distance_{};
    unsigned refused_in_a_row_ = 0; // points alone in their request
    std::size_t last_target_ = 0;
    std::atomic<std::uint64_t> tried_again_{0}; // points
    bool is_unauthorized_ = false;              // the credentials are to be read again
    std::chrono::seconds auth_wait_{};
    std::vector<std::unique_ptr<Lane>> lanes_;

    mutable std::mutex mutex_;
    std::map<std::string, PushStatus::Reply> replies_; // by kind; guarded by it
    Outbox<PutPoints> outbox_;

    std::thread thread_; // last
};

} // namespace tickertape::push
