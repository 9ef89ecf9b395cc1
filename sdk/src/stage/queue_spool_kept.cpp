// SPDX-License-Identifier: MIT
// QueueSpool: handles points whose receipts have been released.
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <utility>

#include "base/concat.hpp"
#include "base/diagnostics.hpp"
#include "stage/ledger.hpp"
#include "stage/queue_spool.hpp"

namespace tickertape::stage {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds longest_loss{20}; // how much a killed server may lose

} // namespace

void QueueSpool::forget() {
    std::map<std::uint64_t, Runs> settled;
    Runs given_back;
    {
        const std::lock_guard lock{shared_->mutex};
        settled = std::exchange(shared_->settled, {});
        given_back = std::exchange(shared_->given_back, {});
    }
    leave_given_back(std::move(given_back));
    const std::chrono::seconds keep =
        options_.keep_acknowledged.value_or(accounts_->may_lose_acked() ? longest_loss : 0s);
    const std::uint64_t outages = accounts_->now().outages;
    const bool is_news = std::exchange(outages_, outages) != outages;
    const SteadyTime now = syscalls_.now();
    const auto after_it = settled.lower_bound(outages);
    for (auto batch = settled.begin(); batch != after_it; ++batch) {
        if (keep > 0s && !is_news) {
            // These were under way when the receiver died: it may have acknowledged a part of them, and lost that part.
            send_again(std::move(batch->second));
        } else {
            keep_or_settle(std::move(batch->second), keep, kept_.empty() ? now : kept_.back().first);
        }
    }
    // Points that are acknowledged after the outage make the kept ones look old, so this comes first.
    if (is_news) {
        send_again(); // to the present receiver
    } else if (keep <= 0s) {
        forget_kept();
    }
    for (auto batch = after_it; batch != settled.end(); ++batch) {
        keep_or_settle(std::move(batch->second), keep, now);
    }
}

void QueueSpool::keep_or_settle(Runs acknowledged, std::chrono::seconds keep, SteadyTime when) {
    if (keep <= 0s) {
        settle_in_store(acknowledged);
    } else {
        kept_points_ += acknowledged.size();
        kept_.emplace_back(when, std::move(acknowledged));
        forget_oldest_kept(keep);
    }
}

void QueueSpool::forget_kept() {
    for (const auto& [when, runs] : kept_) {
        settle_in_store(runs);
    }
    kept_.clear();
    kept_points_ = 0;
}

void QueueSpool::forget_oldest_kept(std::chrono::seconds keep) {
    // Age is counted up to the latest acknowledgement, not to now, so that nothing grows too old while a receiver is away.
    const SteadyTime too_old = kept_.back().first - keep;
    while (!kept_.empty() && (kept_.front().first < too_old || kept_points_ > options_.keep_at_most)) {
        if (kept_.front().first >= too_old) {
            // Message: spool: more than NUMBER acknowledged points: they are kept for less time
            // Cause: --spool-keep would keep more points than the limit.
            // Remedy: Choose a shorter --spool-keep.
            base::report(base::concat("spool: more than ", options_.keep_at_most,
                                      " acknowledged points: they are kept for less time"));
        }
        kept_points_ -= kept_.front().second.size();
        settle_in_store(kept_.front().second);
        kept_.pop_front();
    }
}

/// A receiver may have lost the points that it acknowledged last.
void QueueSpool::send_again() {
    Runs all;
    for (auto& [when, runs] : kept_) {
        all.append(std::move(runs));
    }
    kept_.clear();
    kept_points_ = 0;
    send_again(std::move(all));
}

void QueueSpool::send_again(Runs runs) {
    const auto current = store();
    Runs again;
    for (const Run& run : runs.all()) {
        if (run.store && run.store == current) {
            again.push_back(run);
        }
    }
    if (!again.empty()) {
        accounts_->recover(again.size());
        leave(std::move(again));
    }
}

void QueueSpool::leave_given_back(Runs runs) {
    if (!runs.empty()) {
        accounts_->leave_given_back(runs.size());
        leave(std::move(runs)); // if its folder has gone meanwhile, `apply` counts that
    }
}

} // namespace tickertape::stage
