// SPDX-License-Identifier: MIT
#include "cli/agent/outlet.hpp"

#include <algorithm>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include <tickertape/put_lines.hpp>

#include "push/destinations.hpp"
#include "stage/ledger.hpp"

namespace tickertape::cli::agent {

namespace {

constexpr std::chrono::milliseconds to_end{500}; // for threads to end after the deadline

std::vector<tickertape::push::Destination> destinations_of(OutletOptions options) {
    std::vector<tickertape::push::Destination> all;
    for (Destination& each : options.destinations) {
        all.push_back({.targets = std::move(each.targets),
                       .push = {.host_tag = HostTag::none(), // the series contain it
                                .mps = options.mps,
                                .resend_unconfirmed = options.resend || !options.spool.directory.empty(),
                                .credentials = std::move(each.credentials),
                                .tls = std::move(each.tls)},
                       .queue = {.max_buffer_size = options.queue,
                                 .max_flush_interval = options.flush,
                                 .linger = std::chrono::milliseconds{0},
                                 .spool = options.spool}});
    }
    return all;
}

} // namespace

/// The queues, once they are made.
struct Outlet::Opened {
    std::mutex mutex;
    std::vector<tickertape::push::Destinations::Each> all;
    std::vector<std::string> copies; // the value of the tag `copy` of each
};

Outlet::Outlet(OutletOptions options, std::function<void()> on_close)
    : limit_{options.queue}, has_queue_{!options.destinations.empty()}, has_spool_{!options.spool.directory.empty()},
      opened_{std::make_shared<Opened>()},
      background_{[options, opened = opened_]() -> AnyTransmitter {
                      if (options.destinations.empty()) {
                          return PutLines{{.form = Form::put, .host_tag = HostTag::none()}};
                      }
                      tickertape::push::Destinations made =
                          tickertape::push::make_destinations(destinations_of(options));
                      const std::lock_guard lock{opened->mutex};
                      opened->all = std::move(made.all);
                      return std::move(made.transmitter);
                  },
                  options.queue, std::move(on_close),
                  // A queue without a spool never waits.
                  has_queue_ && !has_spool_ ? Background::Passing::by_caller : Background::Passing::by_thread} {
    std::set<std::string> used;
    for (const Destination& each : options.destinations) {
        opened_->copies.push_back(opened_->copies.empty() ? std::string{}
                                                          : tickertape::push::tag_of(each.targets, used));
    }
    opened_->copies.resize(std::max<std::size_t>(1, opened_->copies.size()));
    first_ = &background_;
    if (options.dedup > options.dedup.zero()) {
        dedup_.emplace(AnyTransmitter{std::ref(background_)}, DedupOptions{.interval = options.dedup});
        first_ = &*dedup_;
    }
}

void Outlet::publish(std::span<const Point> points) {
    if (!points.empty()) {
        static_cast<void>(first_->publish(points)); // after the end none is taken
    }
}

std::size_t Outlet::publish_all(std::span<const Point> points) {
    return points.size() - background_.publish(points).retry_from;
}

bool Outlet::is_kept(std::uint64_t taken) const { return !has_spool_ || background_.counts().done() >= taken; }

std::uint64_t Outlet::lost() const { return background_.counts().lost(); }

void Outlet::wait_until_kept(SteadyTime deadline) const {
    const std::uint64_t all = taken();
    while (!is_kept(all) && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
}

bool Outlet::is_about_to_drop() const {
    return background_.counts().waiting() * 2 > limit_ || (!(has_spool_ && background_.is_spooling()) && is_crowded());
}

void Outlet::finish(SteadyTime deadline) {
    first_->flush(deadline); // Dedup flushes the stages behind it
    last_states_ = states();
    is_stuck_ = !background_.end(deadline + to_end);
    for (std::size_t i = 0; i < last_states_.size(); ++i) {
        const Account& before = last_states_[i].account;
        last_states_[i].is_out = before.queued + before.spooled + before.set_aside + before.in_flight == 0;
        last_states_[i].account = account_of(i); // the spool keeps the rest
    }
}

std::vector<Outlet::State> Outlet::states() const {
    if (!last_states_.empty()) {
        return last_states_;
    }
    std::vector<State> all;
    for (std::size_t i = 0; i < opened_->copies.size(); ++i) {
        all.push_back({.copy = opened_->copies[i], .account = account_of(i)});
        const std::lock_guard lock{opened_->mutex};
        if (i < opened_->all.size()) {
            all.back().push = opened_->all[i].status();
        }
    }
    return all;
}

/// Points on their way to the queue count as queued: the queue has not accepted them yet.
Account Outlet::account_of(std::size_t destination) const {
    Account account;
    {
        const std::lock_guard lock{opened_->mutex};
        if (destination < opened_->all.size()) {
            account = opened_->all[destination].accounts->now();
        }
    }
    const Background::Counts counts = background_.counts();
    if (!has_queue_) {
        account.accepted = account.acked = counts.passed;
    }
    account.queued += counts.taken - counts.lost() - account.accepted;
    account.accepted = counts.taken;
    account.dropped[static_cast<std::size_t>(Account::Loss::queue_full)] += counts.lost();
    return account;
}

bool Outlet::is_crowded() const { return account_of(0).queued * 2 > limit_; }

} // namespace tickertape::cli::agent
