// SPDX-License-Identifier: MIT
// HttpEngine: the quarantine for points that the target refuses.
#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "base/quote.hpp"
#include "push/http_engine.hpp"
#include "stage/ledger.hpp"

namespace tickertape::push {

namespace {

constexpr std::chrono::milliseconds first_scout{1'000};
constexpr std::chrono::milliseconds last_scout{30'000};
// A series is set aside after this number of refused new points in a row.
constexpr unsigned most_strikes = 3;
constexpr std::size_t most_struck = 10'000;
constexpr std::int64_t new_for_s = 300;

} // namespace

/// Puts a probe before the waiting points, if one is due. Returns whether there is one.
bool HttpEngine::add_probe() {
    if (!outbox_.wants_to_probe()) {
        return false;
    }
    if (!waiting_.empty() && waiting_.front().is_probe()) {
        return true; // an earlier probe still waits
    }
    if (!outbox_.has_probe()) {
        return false;
    }
    Quarantine::Probe probe = outbox_.take_probe();
    PutWork work{.sent = Sent::answered, .asks_for = std::move(probe.series)};
    work.points.add(probe.point);
    work.points.receipts = std::move(probe.receipts);
    waiting_.push_front(std::move(work));
    return true;
}

/// Moves the points of quarantined series out of the new ones.
void HttpEngine::set_aside_held(PutPoints& points) {
    PutPoints others{.receipts = points.receipts};
    std::string buffer;
    for (std::size_t i = 0; i < points.size(); ++i) {
        const std::string_view object = points.object(i);
        const std::string_view series = series_of(object, options_.request.dialect, buffer);
        if (outbox_.quarantine().holds(series)) {
            outbox_.hold(series, object, points.receipts);
        } else {
            others.add(object);
        }
    }
    points = std::move(others);
}

/// Puts a point that was refused, or that failed, into quarantine. `key` is its series, or the point itself.
void HttpEngine::set_aside(std::string_view key, std::string_view object, const Receipts& receipts) {
    outbox_.set_aside(key, object, receipts);
    outbox_.leave_room(object.size() + 1);
}

void HttpEngine::set_all_aside(const PutPoints& points) {
    std::string buffer;
    for (std::size_t i = 0; i < points.size(); ++i) {
        set_aside(series_of(points.object(i), options_.request.dialect, buffer), points.object(i), points.receipts);
    }
}

/// Rejects points for good. If new points of a series are refused in a row, the series goes into quarantine instead.
void HttpEngine::reject(PutPoints points) {
    const auto now =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
    std::string buffer;
    for (std::size_t i = 0; i < points.size(); ++i) {
        const std::string_view object = points.object(i);
        const bool is_new = seconds_of(object, options_.request.dialect) > now.count() - new_for_s;
        const std::string_view series = series_of(object, options_.request.dialect, buffer);
        if (is_new && strikes_.size() < most_struck && ++strikes_[std::string{series}] >= most_strikes) {
            strikes_.erase(std::string{series});
            set_aside(series, object, points.receipts);
            continue;
        }
        accounts_->reject(1, Reason::refused);
        outbox_.note_refused(object);
        outbox_.leave_room(object.size() + 1);
    }
}

/// Notes that the target accepted at least one of these points.
void HttpEngine::took_some(std::size_t target, const PutPoints& points, const std::vector<PointResult>& results) {
    ++acks_[target];
    refused_in_a_row_ = 0;
    auth_wait_ = {};
    dialer_.accepted(target);
    std::move(suspended_.begin(), suspended_.end(), std::back_inserter(waiting_));
    suspended_.clear();
    scout_distance_ = {};
    std::string buffer;
    for (std::size_t i = 0; i < points.size() && !strikes_.empty(); ++i) {
        if (results[i] == PointResult::stored) {
            strikes_.erase(std::string{series_of(points.object(i), options_.request.dialect, buffer)});
        }
    }
}

void HttpEngine::settle_probe(const PutWork& probe, PointResult result, std::size_t target) {
    if (result != PointResult::stored) {
        put_back(probe, true);
        return;
    }
    outbox_.probe_taken(probe.points.text.size() + 1);
    took_some(target, probe.points, {PointResult::stored});
    release(probe.asks_for);
}

void HttpEngine::put_back(const PutWork& probe, bool is_refused) {
    outbox_.put_back(probe.asks_for, probe.points.text, probe.points.receipts, is_refused);
}

/// Sends all points of a series whose probe was accepted.
void HttpEngine::release(std::string_view key) {
    PutPoints points = outbox_.release(key);
    while (!points.empty()) {
        waiting_.push_back({.points = points.take_front(points.how_many_fit(most_bytes())), .sent = Sent::answered});
    }
}

/// Moves points that failed while others were accepted to the end of the queue. If they fail repeatedly, they are halved; a single
/// one goes into quarantine. If there are no other points, one half may be accepted, which shows whether the points are the reason.
void HttpEngine::repeat_later(PutWork work, std::size_t target) {
    const bool is_only_one = waiting_.empty() && acks_[target] > 0 && work.trouble.failures() >= Trouble::enough &&
                             std::none_of(lanes_.begin(), lanes_.end(), [](const auto& lane) {
                                 return !lane->is_over && lane->connection->is_waiting();
                             });
    const bool is_proven = work.trouble.is_proven();
    if (work.points.size() == 1 && is_proven) {
        set_aside(work.points.text, work.points.text, work.points.receipts);
    } else if (work.points.size() == 1 || !(is_proven || is_only_one)) {
        waiting_.push_back(std::move(work));
    } else {
        PutWork first{.points = work.points.take_front((work.points.size() + 1) / 2),
                      .sent = work.sent,
                      .trouble = Trouble::of_a_half(acks_[target])};
        work.trouble = first.trouble;
        waiting_.push_back(std::move(first));
        waiting_.push_back(std::move(work));
    }
}

/// Keeps the points until the target accepts something. Now and then one of them is sent, after all new points.
void HttpEngine::suspend(std::vector<PutWork> work) {
    std::move(work.begin(), work.end(), std::back_inserter(suspended_));
    scout_distance_ =
        scout_distance_ == scout_distance_.zero() ? first_scout : std::min(scout_distance_ * 2, last_scout);
    scout_at_ = std::chrono::steady_clock::now() + scout_distance_;
    outbox_.look_later();
}

} // namespace tickertape::push
