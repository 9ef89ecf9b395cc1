// SPDX-License-Identifier: MIT
#include <tickertape/accounts.hpp>

#include <algorithm>
#include <numeric>

namespace tickertape {

std::string_view describe(Loss loss) noexcept {
    switch (loss) {
    case Loss::queue_full: return "the queue was full";
    case Loss::shutdown: return "it was still unsent at the end";
    case Loss::spool_full: return "the spool was full";
    case Loss::spool_age: return "it was in the spool for too long";
    case Loss::spool_damaged: return "it could not be read back from the spool";
    case Loss::spool_gone: return "the spool was removed";
    }
    return "unknown loss";
}

std::uint64_t Account::all_rejected() const noexcept {
    return std::accumulate(rejected.begin(), rejected.end(), std::uint64_t{0});
}

std::uint64_t Account::all_dropped() const noexcept {
    return std::accumulate(dropped.begin(), dropped.end(), std::uint64_t{0});
}

bool Account::balanced() const noexcept {
    return accepted + recovered ==
           acked + unconfirmed + all_rejected() + all_dropped() + queued + spooled + set_aside + in_flight;
}

Account Accounts::now() const {
    const std::lock_guard lock{mutex_};
    return account_;
}

void Accounts::put_queue_in_front() {
    const std::lock_guard lock{mutex_};
    has_queue_ = true;
}

void Accounts::enqueue(std::uint64_t points) {
    const std::lock_guard lock{mutex_};
    account_.accepted += points;
    account_.queued += points;
}

void Accounts::drop_queued(std::uint64_t points, Loss why) {
    const std::lock_guard lock{mutex_};
    account_.queued -= points;
    account_.dropped[static_cast<std::size_t>(why)] += points;
}

void Accounts::drop_new(std::uint64_t points, Loss why) {
    const std::lock_guard lock{mutex_};
    account_.accepted += points;
    account_.dropped[static_cast<std::size_t>(why)] += points;
}

void Accounts::refuse_new(std::uint64_t points, Reason why) {
    const std::lock_guard lock{mutex_};
    account_.accepted += points;
    account_.rejected[static_cast<std::size_t>(why)] += points;
}

void Accounts::recover(std::uint64_t points) {
    const std::lock_guard lock{mutex_};
    account_.recovered += points;
    account_.spooled += points;
}

void Accounts::drop_spooled(std::uint64_t points, Loss why) {
    const std::lock_guard lock{mutex_};
    account_.spooled -= points;
    account_.dropped[static_cast<std::size_t>(why)] += points;
}

void Accounts::take(std::uint64_t points) {
    const std::lock_guard lock{mutex_};
    (has_queue_ ? account_.queued : account_.accepted) += has_queue_ ? -points : points;
    account_.in_flight += points;
}

void Accounts::refuse(std::uint64_t points, Reason why) {
    const std::lock_guard lock{mutex_};
    (has_queue_ ? account_.queued : account_.accepted) += has_queue_ ? -points : points;
    account_.rejected[static_cast<std::size_t>(why)] += points;
}

/// At the end what is not settled is still in the spool, if it ever was.
void Accounts::end_unsettled(std::uint64_t& place, std::uint64_t points, std::uint64_t& otherwise) {
    place -= points;
    const std::uint64_t elsewhere = leaves_to_spool_ ? std::min(points, not_spooled_) : points;
    not_spooled_ -= leaves_to_spool_ ? elsewhere : 0;
    otherwise += elsewhere;
    account_.spooled += points - elsewhere;
}

void Accounts::ack(std::uint64_t points) {
    const std::lock_guard lock{mutex_};
    account_.in_flight -= points;
    account_.acked += points;
}

void Accounts::unconfirm(std::uint64_t points) {
    const std::lock_guard lock{mutex_};
    end_unsettled(account_.in_flight, points, account_.unconfirmed);
}

void Accounts::reject(std::uint64_t points, Reason why) {
    const std::lock_guard lock{mutex_};
    end_unsettled(account_.in_flight, points, account_.rejected[static_cast<std::size_t>(why)]);
}

void Accounts::drop(std::uint64_t points, Loss why) {
    const std::lock_guard lock{mutex_};
    end_unsettled(account_.in_flight, points, account_.dropped[static_cast<std::size_t>(why)]);
}

void Accounts::resend(std::uint64_t points) {
    const std::lock_guard lock{mutex_};
    account_.resent += points;
}

void Accounts::note_outage() {
    const std::lock_guard lock{mutex_};
    ++account_.outages;
}

void Accounts::set_aside(std::uint64_t points) {
    const std::lock_guard lock{mutex_};
    account_.in_flight -= points;
    account_.set_aside += points;
}

void Accounts::take_back(std::uint64_t points) {
    const std::lock_guard lock{mutex_};
    account_.set_aside -= points;
    account_.in_flight += points;
}

void Accounts::reject_set_aside(std::uint64_t points, Reason why) {
    const std::lock_guard lock{mutex_};
    end_unsettled(account_.set_aside, points, account_.rejected[static_cast<std::size_t>(why)]);
}

} // namespace tickertape
