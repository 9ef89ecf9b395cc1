// SPDX-License-Identifier: MIT
// TelnetEngine's third part: lines that the target does not take, away from those that it takes.
#include <algorithm>
#include <boost/asio/post.hpp>
#include <string>
#include <utility>

#include "base/quote.hpp"
#include "push/telnet_engine.hpp"
#include "stage/ledger.hpp"

namespace tickertape::push {

using boost::system::error_code;

namespace {

constexpr std::size_t most_probes = 100; // of which the answers are awaited together
// How exact the distances of probes are.
constexpr std::chrono::milliseconds longest_step{250};

} // namespace

bool TelnetEngine::wants_to_probe() const {
    return !probes_.empty() || (!quarantine_.empty() && probes_sent_ == 0 && (probes_are_due_ || is_ending_));
}

/// Sends one probe, if there is one to be sent.
bool TelnetEngine::send_probe() {
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
    if (probes_.empty() || !may_send_now(1)) {
        return !probes_.empty();
    }
    LineBatch batch;
    add_line(batch, probes_.front().point);
    batch.asks_for = std::move(probes_.front().series);
    batch.receipts = std::move(probes_.front().receipts);
    probes_.pop_front();
    ++probes_sent_;
    send(std::move(batch), true);
    return true;
}

/// Looks from time to time whether a probe is due, as long as something is set aside.
void TelnetEngine::probe_later() {
    if (probe_timer_runs_ || quarantine_.empty()) {
        return;
    }
    probe_timer_runs_ = true;
    probe_timer_.expires_after(std::min(longest_step, options_.quarantine.first_distance));
    probe_timer_.async_wait([this](const error_code& error) {
        probe_timer_runs_ = false;
        if (!error && !quarantine_.empty()) {
            probes_are_due_ = true;
            pump();
            probe_later();
        }
    });
}

/// Takes the lines of held series out of what is new.
void TelnetEngine::set_aside_held(LineBatch& batch) {
    LineBatch others;
    std::size_t bytes = 0;
    std::string buffer;
    for_each_line(batch, [&](std::string_view line) {
        const std::string_view series = series_of_line(line, buffer);
        if (!quarantine_.holds(series)) {
            add_line(others, line);
            return;
        }
        accounts_->set_aside(1);
        bytes += line.size() + 1;
        note_aside(quarantine_.add(series, line, batch.receipts));
    });
    batch.bytes = std::move(others.bytes);
    batch.lines = others.lines;
    leave_room(bytes);
}

/// A line that was refused, or failed; `key` is its series, or itself.
void TelnetEngine::set_aside(std::string_view key, std::string_view line, const Receipts& receipts) {
    accounts_->set_aside(1);
    note_aside(quarantine_.refused(key, line, std::chrono::steady_clock::now(), receipts));
    probe_later();
}

/// Keeps the first one, to show it.
void TelnetEngine::note_refused(std::string_view point) {
    const std::lock_guard lock{mutex_};
    first_refused_ = first_refused_.empty() ? base::quote(point) : first_refused_;
}

/// What is set aside has changed, and `gone` of it were given up.
void TelnetEngine::note_aside(std::size_t gone) {
    accounts_->reject_set_aside(gone, Reason::refused);
    const std::lock_guard lock{mutex_};
    set_aside_ = quarantine_.points();
    changed_.notify_all();
}

/// Sets the lines aside whose names the target does not know. Returns how many they are.
std::uint32_t TelnetEngine::set_aside_unknown(const LineBatch& batch) {
    if (batch.unknown.empty()) {
        return 0;
    }
    std::uint32_t lines = 0;
    std::string buffer;
    for_each_line(batch, [&](std::string_view line) {
        const std::string_view series = series_of_line(line, buffer);
        if (std::any_of(batch.unknown.begin(), batch.unknown.end(),
                        [series](const UnknownName& name) { return has_name(series, name); })) {
            set_aside(series, line, batch.receipts);
            ++lines;
        }
    });
    return lines;
}

void TelnetEngine::settle_probe(TelnetConnection& connection) {
    LineBatch probe = std::move(connection.unanswered.front());
    connection.unanswered.pop_front();
    if (probe.is_to_repeat || probe.refused > 0 || !probe.unknown.empty()) {
        put_back(probe, true);
        return;
    }
    --probes_sent_;
    accounts_->ack(1);
    took_some(connection);
    leave_room(probe.bytes.size());
    release(probe.asks_for);
}

/// The probe was refused, or is not answered any more.
void TelnetEngine::put_back(const LineBatch& probe, bool is_refused) {
    --probes_sent_;
    const std::string_view line{probe.bytes.data(), probe.bytes.size() - 1};
    accounts_->set_aside(1);
    if (!is_refused) {
        note_aside(quarantine_.put_back(probe.asks_for, line, probe.receipts));
    } else {
        note_aside(quarantine_.refused(probe.asks_for, line, std::chrono::steady_clock::now(), probe.receipts));
        if (is_ending_) { // that was its last try
            note_refused(line);
            note_aside(quarantine_.give_up(probe.asks_for));
        }
    }
    leave_room(probe.bytes.size());
    probe_later();
}

/// All lines of a series whose probe was taken are to be sent.
void TelnetEngine::release(std::string_view series) {
    const PutPoints points = quarantine_.release(series);
    LineBatch batch;
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
        const std::string_view line = points.object(i);
        if (batch.bytes.size() + line.size() >= most_bytes() || batch.lines >= most_lines_) {
            waiting_.push_back(std::exchange(batch, {}));
        }
        batch.receipts.add(points.receipts);
        add_line(batch, line);
        bytes += line.size() + 1;
    }
    if (batch.lines > 0) {
        waiting_.push_back(std::move(batch));
    }
    accounts_->take_back(points.size());
    {
        const std::lock_guard lock{mutex_};
        held_bytes_ += bytes;
    }
    note_aside(0);
}

/// Lines that failed while others were taken, behind all others: in halves if that is so again and again, and one line
/// alone is set aside.
void TelnetEngine::repeat_later(LineBatch batch, std::size_t target) {
    LineBatch again{.bytes = std::move(batch.bytes),
                    .lines = batch.lines,
                    .sent = batch.sent,
                    .trouble = batch.trouble,
                    .receipts = std::move(batch.receipts)};
    again.sent = again.sent == Sent::never ? Sent::answered : again.sent;
    if (!again.trouble.is_proven()) {
        waiting_.push_back(std::move(again));
        return;
    }
    if (again.lines == 1) {
        const std::string_view line{again.bytes.data(), again.bytes.size() - 1};
        set_aside(line, line, again.receipts);
        leave_room(again.bytes.size());
        return;
    }
    again.trouble = Trouble::of_a_half(known_[target].acks);
    LineBatch first = take_lines(again, again.bytes.size() / 2);
    waiting_.push_back(std::move(first));
    if (again.lines > 0) {
        waiting_.push_back(std::move(again));
    }
}

} // namespace tickertape::push
