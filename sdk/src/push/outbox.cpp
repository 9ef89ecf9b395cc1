// SPDX-License-Identifier: MIT
#include "push/outbox.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

#include "base/quote.hpp"
#include "push/handlers.hpp"

namespace tickertape::push {

using boost::system::error_code;

namespace {

constexpr std::size_t most_probes = 100; // the most probes without an answer
// Probes are late by at most this.
constexpr std::chrono::milliseconds longest_step{250};

} // namespace

OutboxCore::OutboxCore(boost::asio::io_context& context, OutboxOptions options, std::shared_ptr<stage::Ledger> accounts)
    : context_{context}, options_{std::move(options)}, accounts_{std::move(accounts)}, quarantine_{options_.quarantine},
      look_timer_{context_} {}

bool OutboxCore::wait_for_room(std::size_t bytes, SteadyTime deadline) {
    const bool may_wait_elsewhere = accounts_->receipt() != nullptr;
    std::unique_lock lock{mutex_};
    if (may_wait_elsewhere && !is_connected_ && !is_awaited_.exchange(true)) {
        request_pump();
    }
    return changed_.wait_until(lock, deadline, [&] {
        const bool has_room = held_bytes_ == 0 || held_bytes_ + bytes <= options_.window;
        return has_room && (is_connected_ || !may_wait_elsewhere);
    });
}

void OutboxCore::set_connected(bool is_connected) {
    const std::lock_guard lock{mutex_};
    if (std::exchange(is_connected_, is_connected) != is_connected && is_connected) {
        is_awaited_ = false;
        changed_.notify_all();
    }
}

bool OutboxCore::flush(SteadyTime deadline) {
    is_flushing_ = true;
    is_ending_ = true;
    request_pump();
    std::unique_lock lock{mutex_};
    const bool all = changed_.wait_until(lock, deadline, [this] { return held_bytes_ == 0 && set_aside_ == 0; });
    is_flushing_ = false;
    lock.unlock();
    wait_for_handlers(context_, deadline);
    return all;
}

std::string OutboxCore::first_refused() const {
    const std::lock_guard lock{mutex_};
    return first_refused_;
}

void OutboxCore::request_pump() {
    boost::asio::post(context_, [this] { options_.pump(); });
}

bool OutboxCore::hold_given(std::size_t bytes) {
    is_ending_ = false;
    held_bytes_ += bytes;
    return !std::exchange(pump_is_due_, true);
}

void OutboxCore::take_room(std::size_t bytes) {
    const std::lock_guard lock{mutex_};
    held_bytes_ += bytes;
}

void OutboxCore::leave_room(std::size_t bytes) {
    const std::lock_guard lock{mutex_};
    held_bytes_ -= bytes;
    changed_.notify_all();
}

void OutboxCore::note_refused(std::string_view point) {
    const std::lock_guard lock{mutex_};
    first_refused_ = first_refused_.empty() ? base::quote(point) : first_refused_;
}

void OutboxCore::give_back(std::size_t points, std::size_t bytes, const Receipts& receipts, Sent sent) {
    receipts.give_back();
    accounts_->resend(sent == Sent::in_doubt ? points : 0);
    accounts_->give_back(points);
    leave_room(bytes);
}

/// Updates the number of points in quarantine, and counts `gone` of them as rejected.
void OutboxCore::note_set_aside(std::size_t gone) {
    accounts_->reject_set_aside(gone, Reason::refused);
    const std::lock_guard lock{mutex_};
    set_aside_ = quarantine_.points();
    changed_.notify_all();
}

void OutboxCore::hold(std::string_view series, std::string_view point, const Receipts& receipts) {
    accounts_->set_aside(1);
    note_set_aside(quarantine_.add(series, point, receipts));
    leave_room(point.size() + 1);
}

void OutboxCore::set_aside(std::string_view key, std::string_view point, const Receipts& receipts) {
    accounts_->set_aside(1);
    note_set_aside(quarantine_.refused(key, point, std::chrono::steady_clock::now(), receipts));
    look_later();
}

PutPoints OutboxCore::release(std::string_view series) {
    PutPoints points = quarantine_.release(series);
    accounts_->take_back(points.size());
    if (!points.empty()) {
        take_room(points.text.size() + 1);
    }
    note_set_aside(0);
    return points;
}

void OutboxCore::look_later() {
    if (look_timer_runs_ || (quarantine_.empty() && !options_.wants_look())) {
        return;
    }
    look_timer_runs_ = true;
    look_timer_.expires_after(std::min(longest_step, options_.quarantine.first_distance));
    look_timer_.async_wait([this](const error_code& error) {
        look_timer_runs_ = false;
        if (!error) {
            probes_are_due_ = true;
            options_.pump();
            look_later();
        }
    });
}

bool OutboxCore::wants_to_probe() const {
    return !probes_.empty() || (!quarantine_.empty() && probes_sent_ == 0 && (probes_are_due_ || is_ending_));
}

bool OutboxCore::has_probe() {
    if (!wants_to_probe()) {
        return false;
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
    return !probes_.empty();
}

Quarantine::Probe OutboxCore::take_probe() {
    Quarantine::Probe probe = std::move(probes_.front());
    probes_.pop_front();
    ++probes_sent_;
    return probe;
}

void OutboxCore::probe_taken(std::size_t bytes) {
    --probes_sent_;
    accounts_->ack(1);
    leave_room(bytes);
}

void OutboxCore::put_back(std::string_view series, std::string_view point, const Receipts& receipts, bool is_refused) {
    --probes_sent_;
    accounts_->set_aside(1);
    if (!is_refused) {
        note_set_aside(quarantine_.put_back(series, point, receipts));
    } else {
        note_set_aside(quarantine_.refused(series, point, std::chrono::steady_clock::now(), receipts));
        if (is_ending_) { // it was the last try
            note_refused(point);
            note_set_aside(quarantine_.give_up(series));
        }
    }
    leave_room(point.size() + 1);
    look_later();
}

void OutboxCore::reject_all() {
    accounts_->reject(probes_.size(), Reason::refused);
    accounts_->reject_set_aside(quarantine_.points(), Reason::refused);
}

} // namespace tickertape::push
