// SPDX-License-Identifier: MIT
#include "stage/ledger.hpp"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "base/concat.hpp"
#include "base/log.hpp"

namespace tickertape::stage {

Ledger::LateEntries::LateEntries(Ledger& ledger, std::function<void()> enter_all)
    : ledger_{ledger}, enter_all_{std::move(enter_all)} {
    const auto lock = ledger_.hold();
    ledger_.late_entries_.push_back(this);
}

Ledger::LateEntries::~LateEntries() {
    const auto lock = ledger_.hold();
    std::erase(ledger_.late_entries_, this);
}

Ledger::~Ledger() {
    const std::uint64_t unsent = account_.dropped_for(Account::Loss::shutdown);
    if (is_quiet_ || unsent == 0 || is_inherited()) {
        return;
    }
    try {
        // Message: queue: points left unsent at the end: NUMBER dropped
        // Cause: The target was away or slow until the end of the program, and there is no spool.
        // Remedy: Look at the messages about the target. Give the end more time, or use a spool.
        std::string sentence = base::concat("queue: points left unsent at the end: ", unsent, " dropped");
        if (account_.unconfirmed > 0) {
            sentence += base::concat(", ", account_.unconfirmed, " more sent but not confirmed");
        }
        base::log_always(base::Level::error, sentence); // no limit may suppress the message of a loss
    } catch (const std::exception&) { // NOLINT(bugprone-empty-catch): out of memory, so no message either
    }
}

std::unique_lock<std::mutex> Ledger::hold() const {
    return is_inherited() ? std::unique_lock{mutex_, std::defer_lock} : std::unique_lock{mutex_};
}

void Ledger::keep_quiet() {
    const auto lock = hold();
    is_quiet_ = true;
}

Account Ledger::now() const {
    const auto lock = hold();
    if (is_inherited()) {
        return {};
    }
    for (const LateEntries* const late : late_entries_) {
        late->enter_all_();
    }
    return account_;
}

void Ledger::put_queue_in_front(bool callers_wait) {
    const auto lock = hold();
    has_queue_ = true;
    callers_wait_ = callers_wait;
}

bool Ledger::callers_wait() const {
    const auto lock = hold();
    return callers_wait_;
}

void Ledger::enqueue(std::uint64_t points) {
    const auto lock = hold();
    account_.accepted += points;
    account_.queued += points;
}

void Ledger::drop_queued(std::uint64_t points, Account::Loss why) {
    const auto lock = hold();
    account_.queued -= points;
    account_.dropped[static_cast<std::size_t>(why)] += points;
}

void Ledger::drop_new(std::uint64_t points, Account::Loss why) {
    const auto lock = hold();
    account_.accepted += points;
    account_.dropped[static_cast<std::size_t>(why)] += points;
}

void Ledger::refuse_new(std::uint64_t points, Reason why) {
    const auto lock = hold();
    account_.accepted += points;
    account_.rejected[static_cast<std::size_t>(why)] += points;
}

void Ledger::recover(std::uint64_t points) {
    const auto lock = hold();
    account_.recovered += points;
    account_.spooled += points;
}

void Ledger::give_back(std::uint64_t points) {
    const auto lock = hold();
    account_.in_flight -= points;
    account_.spooled += points;
    given_back_ += points;
}

/// The rest of the batches had been acknowledged, or refused.
void Ledger::leave_given_back(std::uint64_t points) {
    const auto lock = hold();
    const std::uint64_t counted = std::min(points, given_back_);
    given_back_ -= counted;
    account_.recovered += points - counted;
    account_.spooled += points - counted;
}

void Ledger::drop_spooled(std::uint64_t points, Account::Loss why) {
    const auto lock = hold();
    account_.spooled -= points;
    account_.dropped[static_cast<std::size_t>(why)] += points;
}

void Ledger::take(std::uint64_t points) {
    const auto lock = hold();
    (has_queue_ ? account_.queued : account_.accepted) += has_queue_ ? -points : points;
    account_.in_flight += points;
}

void Ledger::refuse(std::uint64_t points, Reason why) {
    const auto lock = hold();
    (has_queue_ ? account_.queued : account_.accepted) += has_queue_ ? -points : points;
    account_.rejected[static_cast<std::size_t>(why)] += points;
}

/// At the end, unsettled points are still in the spool, if they ever were.
void Ledger::end_unsettled(std::uint64_t& place, std::uint64_t points, std::uint64_t& otherwise) {
    place -= points;
    const std::uint64_t elsewhere = leaves_to_spool_ ? std::min(points, not_spooled_) : points;
    not_spooled_ -= leaves_to_spool_ ? elsewhere : 0;
    otherwise += elsewhere;
    account_.spooled += points - elsewhere;
}

void Ledger::ack(std::uint64_t points) {
    const auto lock = hold();
    account_.in_flight -= points;
    account_.acked += points;
}

void Ledger::unconfirm(std::uint64_t points) {
    const auto lock = hold();
    end_unsettled(account_.in_flight, points, account_.unconfirmed);
}

void Ledger::reject(std::uint64_t points, Reason why) {
    const auto lock = hold();
    end_unsettled(account_.in_flight, points, account_.rejected[static_cast<std::size_t>(why)]);
}

void Ledger::drop(std::uint64_t points, Account::Loss why) {
    const auto lock = hold();
    end_unsettled(account_.in_flight, points, account_.dropped[static_cast<std::size_t>(why)]);
}

void Ledger::resend(std::uint64_t points) {
    const auto lock = hold();
    account_.resent += points;
}

void Ledger::note_outage() {
    const auto lock = hold();
    ++account_.outages;
}

void Ledger::set_may_lose_acked(bool may_lose) {
    const auto lock = hold();
    may_lose_acked_ = may_lose;
}

bool Ledger::may_lose_acked() const {
    const auto lock = hold();
    return may_lose_acked_;
}

void Ledger::set_aside(std::uint64_t points) {
    const auto lock = hold();
    account_.in_flight -= points;
    account_.set_aside += points;
}

void Ledger::take_back(std::uint64_t points) {
    const auto lock = hold();
    account_.set_aside -= points;
    account_.in_flight += points;
}

void Ledger::reject_set_aside(std::uint64_t points, Reason why) {
    const auto lock = hold();
    end_unsettled(account_.set_aside, points, account_.rejected[static_cast<std::size_t>(why)]);
}

} // namespace tickertape::stage
