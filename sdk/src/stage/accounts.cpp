// SPDX-License-Identifier: MIT
#include <tickertape/accounts.hpp>

#include <numeric>

namespace tickertape {

std::string_view describe(Loss loss) noexcept {
    switch (loss) {
    case Loss::queue_full: return "the queue was full";
    case Loss::shutdown: return "it was still unsent at the end";
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
    return accepted == acked + unconfirmed + all_rejected() + all_dropped() + queued + set_aside + in_flight;
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

void Accounts::ack(std::uint64_t points) {
    const std::lock_guard lock{mutex_};
    account_.in_flight -= points;
    account_.acked += points;
}

void Accounts::unconfirm(std::uint64_t points) {
    const std::lock_guard lock{mutex_};
    account_.in_flight -= points;
    account_.unconfirmed += points;
}

void Accounts::reject(std::uint64_t points, Reason why) {
    const std::lock_guard lock{mutex_};
    account_.in_flight -= points;
    account_.rejected[static_cast<std::size_t>(why)] += points;
}

void Accounts::drop(std::uint64_t points, Loss why) {
    const std::lock_guard lock{mutex_};
    account_.in_flight -= points;
    account_.dropped[static_cast<std::size_t>(why)] += points;
}

void Accounts::resend(std::uint64_t points) {
    const std::lock_guard lock{mutex_};
    account_.resent += points;
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
    account_.set_aside -= points;
    account_.rejected[static_cast<std::size_t>(why)] += points;
}

} // namespace tickertape
