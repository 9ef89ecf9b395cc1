// SPDX-License-Identifier: MIT
/// \file
/// HttpEngine: sends points to one of several TSDs by HTTP, on a thread of its own.
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
    /// With `request.gzip`: do not compress for a target on this machine, unless it accepts only small requests.
    bool spares_gzip = false;
    /// Ask each target whether it is an OpenTSDB. If it is, `request.sync` applies to it.
    bool asks_version = false;
    std::chrono::milliseconds version_patience{2'000};
    /// The longest time for which points wait for that answer.
    std::chrono::milliseconds version_hold{500};
    /// The most bytes of points that the engine holds, waiting or unanswered.
    std::size_t window = std::size_t{4} * 1024 * 1024;
    /// The longest time until the answer to a request.
    std::chrono::milliseconds patience{30'000};
    /// The longest use of a connection, so that the engine notices when a name gets another address.
    std::chrono::milliseconds connection_age{600'000};
    QuarantineOptions quarantine{};
    DialerOptions dialer{};
};

/// Takes points, and delivers each of them to a receiver or counts it as lost.
///
/// All connections go to one target at a time. A connection has one request at a time; more connections are made if points wait
/// while all are busy. When a target fails, its other connections may still receive their answers in time, but get no more
/// requests.
///
/// If sync depends on the target, the first connection begins with the question for its version.
///
/// Refused points do not delay others. The engine puts these into quarantine: series that the target does not know, series of
/// which it refuses several new points in a row, and points that fail repeatedly while the target accepts others. If a target has
/// refused every point so far, the refused points wait until all new ones are sent.
///
/// Thread safety: `give` and `flush` by one thread at a time; all other functions may be called from any thread.
class HttpEngine {
public:
    HttpEngine(Targets targets, HttpOptions options, std::shared_ptr<stage::Ledger> accounts);
    HttpEngine(const HttpEngine&) = delete;
    HttpEngine& operator=(const HttpEngine&) = delete;
    /// Ends at once. Unanswered points become `unconfirmed`, unsent points are dropped, and points in quarantine are rejected.
    ~HttpEngine();

    /// Waits until `deadline` for room for `bytes` more. Returns whether there is room.
    [[nodiscard]] bool wait_for_room(std::size_t bytes, SteadyTime deadline) {
        return outbox_.wait_for_room(bytes, deadline);
    }
    /// Takes points. The caller has waited for room.
    void give(PutPoints points);
    /// Returns the most bytes of the points in one call of `give`.
    [[nodiscard]] static constexpr std::size_t most_bytes() noexcept { return std::size_t{64} * 1024; }

    /// Waits until all given points are answered. Points in quarantine get one last try, and are then rejected. Returns false at
    /// the deadline.
    [[nodiscard]] bool flush(SteadyTime deadline) { return outbox_.flush(deadline); }
    [[nodiscard]] PushStatus status() const;

private:
    // If a server accepts one connection but not the next, the engine does not try further ones for this long.
    static constexpr std::chrono::seconds without_more_lanes{10};

    struct Lane {
        std::shared_ptr<HttpConnection> connection{};
        std::size_t target = 0;
        PutWork work{};       // in progress while the connection is waiting
        std::size_t wire = 0; // the size of its body in bytes
        SteadyTime born{};
        bool is_zipped = false;
        bool awaits_version = false;   // the target was asked for its version on this lane
        bool has_told_version = false; // and has answered
        bool is_retired = false;       // gets no more work
        bool is_over = false;

        /// Returns whether the target has answered points on this lane.
        [[nodiscard]] bool is_proven() const { return connection->answers() > (has_told_version ? 1U : 0U); }
    };

    /// Whether to send a target compressed bodies.
    enum class Zip : std::uint8_t {
        as_asked,
        asked_without,
        never,
        always,
        spared, ///< not worth its time on this machine, as long as requests may be large
    };

    /// Whether a target is an OpenTSDB, as far as is known.
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
    void reconsider_zip(std::size_t target);

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
    std::vector<std::uint64_t> acks_;  // by target: requests of which it accepted at least one point
    std::vector<Zip> zips_;            // by target
    std::vector<Version> versions_;    // by target
    boost::asio::steady_timer version_timer_;
    bool is_held_for_version_ = false; // sends nothing meanwhile
    PutPacker packer_;
    PutPacker plain_packer_;
    double wire_per_text_;
    Refusals refusals_;
    std::deque<PutWork> waiting_; // to be sent; repeated ones come first

    bool probe_is_next_ = false;                        // probes and other work take turns
    std::unordered_map<std::string, unsigned> strikes_; // by series: new points refused in a row

    std::deque<PutWork> suspended_; // refused by a target that has refused every point so far
    SteadyTime scout_at_{};         // the time at which one of these points is sent
    std::chrono::milliseconds scout_distance_{};
    unsigned refused_in_a_row_ = 0; // points that were alone in their request
    std::size_t last_target_ = 0;
    std::atomic<std::uint64_t> tried_again_{0}; // points
    bool is_unauthorized_ = false;              // the credentials have to be read again
    std::chrono::seconds auth_wait_{};
    std::vector<std::unique_ptr<Lane>> lanes_;

    mutable std::mutex mutex_;
    std::map<std::string, PushStatus::Reply> replies_; // by kind; guarded by the mutex above
    Outbox<PutPoints> outbox_;

    std::thread thread_; // last, because it uses the others
};

} // namespace tickertape::push
