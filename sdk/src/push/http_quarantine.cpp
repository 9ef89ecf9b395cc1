// SPDX-License-Identifier: MIT
// HttpEngine's third part: points that the target does not take, away from those that it takes.
#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "base/quote.hpp"
#include "push/http_engine.hpp"
#include "stage/ledger.hpp"

namespace tickertape::push {

using boost::system::error_code;

namespace {

constexpr std::size_t most_probes = 100; // of which the answers are awaited together
// How exact the distances of probes are.
constexpr std::chrono::milliseconds longest_step{250};
constexpr std::chrono::milliseconds first_scout{1'000};
constexpr std::chrono::milliseconds last_scout{30'000};
// A series of which so many new points are refused, one after the other, is set aside.
constexpr unsigned most_strikes = 3;
constexpr std::size_t most_struck = 10'000;
constexpr std::int64_t new_for_s = 300;

} // namespace

bool HttpEngine::wants_to_probe() const {
    return !probes_.empty() || (!quarantine_.empty() && probes_sent_ == 0 && (probes_are_due_ || is_ending_));
}

/// Puts one probe in front of what waits, if there is one.
bool HttpEngine::add_probe() {
    if (!wants_to_probe()) {
        return false;
    }
    if (!waiting_.empty() && waiting_.front().is_probe()) {
        return true; // one that could not be sent yet
    }
    if (probes_.empty()) {
        if (is_ending_) {
            quarantine_.all_due();
        }
        probes_are_due_ = false;
        for (Quarantine::Probe& probe : quarantine_.take_probes(std::chrono::steady_clock::now(), most_probes)) {
            accounts_->take_back(1);
            const std::lock_guard lock{mutex_};
            held_bytes_ += probe.point.size() + 1;
            --set_aside_;
            probes_.push_back(std::move(probe));
        }
    }
    if (probes_.empty()) {
        return false;
    }
    PutWork work{.sent = Sent::answered, .asks_for = std::move(probes_.front().series)};
    work.points.add(probes_.front().point);
    work.points.receipts = std::move(probes_.front().receipts);
    probes_.pop_front();
    ++probes_sent_;
    waiting_.push_front(std::move(work));
    return true;
}

/// Looks from time to time whether a probe or a scout is due, as long as something waits for one.
void HttpEngine::look_later() {
    if (look_timer_runs_ || (quarantine_.empty() && suspended_.empty())) {
        return;
    }
    look_timer_runs_ = true;
    look_timer_.expires_after(std::min(longest_step, options_.quarantine.first_distance));
    look_timer_.async_wait([this](const error_code& error) {
        look_timer_runs_ = false;
        if (!error) {
            probes_are_due_ = true;
            pump();
            look_later();
        }
    });
}

/// Takes the points of held series out of what is new.
void HttpEngine::set_aside_held(PutPoints& points) {
    PutPoints others{.receipts = points.receipts};
    std::size_t bytes = 0;
    std::string buffer;
    for (std::size_t i = 0; i < points.size(); ++i) {
        const std::string_view object = points.object(i);
        const std::string_view series = series_of(object, options_.request.dialect, buffer);
        if (!quarantine_.holds(series)) {
            others.add(object);
            continue;
        }
        accounts_->set_aside(1);
        bytes += object.size() + 1;
        note_aside(quarantine_.add(series, object, points.receipts));
    }
    points = std::move(others);
    leave_room(bytes);
}

/// A point that was refused, or failed; `key` is its series, or itself.
void HttpEngine::set_aside(std::string_view key, std::string_view object, const Receipts& receipts) {
    accounts_->set_aside(1);
    note_aside(quarantine_.refused(key, object, std::chrono::steady_clock::now(), receipts));
    leave_room(object.size() + 1);
    look_later();
}

void HttpEngine::set_all_aside(const PutPoints& points) {
    std::string buffer;
    for (std::size_t i = 0; i < points.size(); ++i) {
        set_aside(series_of(points.object(i), options_.request.dialect, buffer), points.object(i), points.receipts);
    }
}

/// Keeps the first one, to show it.
void HttpEngine::note_refused(std::string_view point) {
    const std::lock_guard lock{mutex_};
    first_refused_ = first_refused_.empty() ? base::quote(point) : first_refused_;
}

/// What is set aside has changed, and `gone` of it were given up.
void HttpEngine::note_aside(std::size_t gone) {
    accounts_->reject_set_aside(gone, Reason::refused);
    const std::lock_guard lock{mutex_};
    set_aside_ = quarantine_.points();
    changed_.notify_all();
}

/// For good; but new points of a series, refused one after the other, are set aside.
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
        note_refused(object);
        leave_room(object.size() + 1);
    }
}

/// The target took at least one of these points.
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
    --probes_sent_;
    took_some(target, probe.points, {PointResult::stored});
    accounts_->ack(1);
    leave_room(probe.points.text.size() + 1);
    release(probe.asks_for);
}

/// The probe was refused, or is not answered any more.
void HttpEngine::put_back(const PutWork& probe, bool is_refused) {
    --probes_sent_;
    const std::string_view object = probe.points.text;
    accounts_->set_aside(1);
    if (!is_refused) {
        note_aside(quarantine_.put_back(probe.asks_for, object, probe.points.receipts));
    } else {
        note_aside(
            quarantine_.refused(probe.asks_for, object, std::chrono::steady_clock::now(), probe.points.receipts));
        if (is_ending_) { // that was its last try
            note_refused(object);
            note_aside(quarantine_.give_up(probe.asks_for));
        }
    }
    leave_room(object.size() + 1);
    look_later();
}

/// All points of a series whose probe was taken are to be sent.
void HttpEngine::release(std::string_view key) {
    PutPoints points = quarantine_.release(key);
    accounts_->take_back(points.size());
    if (!points.empty()) {
        const std::lock_guard lock{mutex_};
        held_bytes_ += points.text.size() + 1;
    }
    while (!points.empty()) {
        waiting_.push_back({.points = points.take_front(points.how_many_fit(most_bytes())), .sent = Sent::answered});
    }
    note_aside(0);
}

/// Points that failed while others were taken, behind all others: in halves if that is so again and again, and one
/// alone is set aside. Where there are no others, one half may be taken, and so tell whether the points are at fault.
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

/// Until the target takes something; then and now one point of it is sent, behind all that is new.
void HttpEngine::suspend(std::vector<PutWork> work) {
    std::move(work.begin(), work.end(), std::back_inserter(suspended_));
    scout_distance_ =
        scout_distance_ == scout_distance_.zero() ? first_scout : std::min(scout_distance_ * 2, last_scout);
    scout_at_ = std::chrono::steady_clock::now() + scout_distance_;
    look_later();
}

} // namespace tickertape::push
