// SPDX-License-Identifier: MIT
#include "stage/ledger.hpp"

#include <algorithm>
#include <utility>

namespace tickertape::stage {

Account Ledger::now() const {
    const std::lock_guard lock{mutex_};
    return account_;
}

void Ledger::put_queue_in_front() {
    const std::lock_guard lock{mutex_};
    has_queue_ = true;
}

void Ledger::enqueue(std::uint64_t points) {
    const std::lock_guard lock{mutex_};
    account_.accepted += points;
    account_.queued += points;
}

void Ledger::drop_queued(std::uint64_t points, Account::Loss why) {
    const std::lock_guard lock{mutex_};
    account_.queued -= points;
    account_.dropped[static_cast<std::size_t>(why)] += points;
}

void Ledger::drop_new(std::uint64_t points, Account::Loss why) {
    const std::lock_guard lock{mutex_};
    account_.accepted += points;
    account_.dropped[static_cast<std::size_t>(why)] += points;
}

void Ledger::refuse_new(std::uint64_t points, Reason why) {
    const std::lock_guard lock{mutex_};
    account_.accepted += points;
    account_.rejected[static_cast<std::size_t>(why)] += points;
}

void Ledger::recover(std::uint64_t points) {
    const std::lock_guard lock{mutex_};
    account_.recovered += points;
    account_.spooled += points;
}

void Ledger::drop_spooled(std::uint64_t points, Account::Loss why) {
    const std::lock_guard lock{mutex_};
    account_.spooled -= points;
    account_.dropped[static_cast<std::size_t>(why)] += points;
}

void Ledger::take(std::uint64_t points) {
    const std::lock_guard lock{mutex_};
    (has_queue_ ? account_.queued : account_.accepted) += has_queue_ ? -points : points;
    account_.in_flight += points;
}

void Ledger::refuse(std::uint64_t points, Reason why) {
    const std::lock_guard lock{mutex_};
    (has_queue_ ? account_.queued : account_.accepted) += has_queue_ ? -points : points;
    account_.rejected[static_cast<std::size_t>(why)] += points;
}

/// At the end what is not settled is still in the spool, if it ever was.
void Ledger::end_unsettled(std::uint64_t& place, std::uint64_t points, std::uint64_t& otherwise) {
    place -= points;
    const std::uint64_t elsewhere = leaves_to_spool_ ? std::min(points, not_spooled_) : points;
    not_spooled_ -= leaves_to_spool_ ? elsewhere : 0;
    otherwise += elsewhere;
    account_.spooled += points - elsewhere;
}

void Ledger::ack(std::uint64_t points) {
    const std::lock_guard lock{mutex_};
    account_.in_flight -= points;
    account_.acked += points;
}

void Ledger::unconfirm(std::uint64_t points) {
    const std::lock_guard lock{mutex_};
    end_unsettled(account_.in_flight, points, account_.unconfirmed);
}

void Ledger::reject(std::uint64_t points, Reason why) {
    const std::lock_guard lock{mutex_};
    end_unsettled(account_.in_flight, points, account_.rejected[static_cast<std::size_t>(why)]);
}

void Ledger::drop(std::uint64_t points, Account::Loss why) {
    const std::lock_guard lock{mutex_};
    end_unsettled(account_.in_flight, points, account_.dropped[static_cast<std::size_t>(why)]);
}

void Ledger::resend(std::uint64_t points) {
    const std::lock_guard lock{mutex_};
    account_.resent += points;
}

void Ledger::note_outage() {
    const std::lock_guard lock{mutex_};
    ++account_.outages;
}

void Ledger::set_aside(std::uint64_t points) {
    const std::lock_guard lock{mutex_};
    account_.in_flight -= points;
    account_.set_aside += points;
}

void Ledger::take_back(std::uint64_t points) {
    const std::lock_guard lock{mutex_};
    account_.set_aside -= points;
    account_.in_flight += points;
}

void Ledger::reject_set_aside(std::uint64_t points, Reason why) {
    const std::lock_guard lock{mutex_};
    end_unsettled(account_.set_aside, points, account_.rejected[static_cast<std::size_t>(why)]);
}

} // namespace tickertape::stage
