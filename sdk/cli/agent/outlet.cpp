// SPDX-License-Identifier: MIT
#include "cli/agent/outlet.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include <tickertape/put_lines.hpp>

#include "base/diagnostics.hpp"
#include "push/push_end.hpp"
#include "stage/ledger.hpp"

namespace tickertape::cli::agent {

Outlet::Outlet(OutletOptions options) {
    if (options.targets) {
        options.spool = options.spool.directory.empty()
                            ? SpoolOptions{}
                            : tickertape::push::spool_for(std::move(options.spool), *options.targets);
        tickertape::push::PushEnd end = tickertape::push::make_push_end(
            std::move(*options.targets), {.host_tag = HostTag::none(), // the series contain it
                                          .mps = options.mps,
                                          .resend_unconfirmed = options.resend || !options.spool.directory.empty(),
                                          .sync = options.sync,
                                          .credentials = std::move(options.credentials),
                                          .tls = std::move(options.tls)});
        status_ = std::move(end.status);
        has_spool_ = !options.spool.directory.empty();
        queue_.emplace(AnyTransmitter{std::move(end.transmitter)},
                       BufferedOptions{.max_buffer_size = options.queue,
                                       .max_flush_interval = options.flush,
                                       .linger = std::chrono::milliseconds{0},
                                       .spool = options.spool});
        first_ = &*queue_;
    } else {
        lines_ = std::make_unique<PutLines>(PutLinesOptions{.form = Form::put, .host_tag = HostTag::none()});
        first_ = lines_.get();
    }
    if (options.dedup > options.dedup.zero()) {
        dedup_.emplace(AnyTransmitter{std::ref(*first_)}, DedupOptions{.interval = options.dedup});
        first_ = &*dedup_;
    }
}

void Outlet::publish(std::span<const Point> points) { pass_on(*first_, points); }

std::size_t Outlet::publish_all(std::span<const Point> points) { return pass_on(queue_ ? *queue_ : *lines_, points); }

/// Returns how many points were not accepted.
std::size_t Outlet::pass_on(Transmitter& to, std::span<const Point> points) {
    if (points.empty()) {
        return 0;
    }
    std::size_t lost = points.size();
    try {
        const Outcome outcome = to.publish(points);
        lost -= std::min(points.size(), outcome.retry_from);
        is_closed_ = is_closed_ || (lines_ && outcome.closed);
    } catch (const std::system_error& error) { // such as a file on a full disk
        base::report(error.what());
    }
    unwritten_ += lost;
    return lost;
}

bool Outlet::finish(SteadyTime deadline) {
    bool is_out = true;
    try {
        is_out = !dedup_ || dedup_->flush(deadline);
        is_out = (queue_ ? queue_->flush(deadline) : lines_->flush(deadline)) && is_out;
    } catch (const std::system_error& error) {
        is_out = false;
        base::report(error.what());
    }
    if (queue_) {
        const std::shared_ptr<stage::Ledger> accounts = queue_->accounts();
        const PushStatus last_status = status_();
        status_ = [last_status] { return last_status; };
        dedup_.reset();
        first_ = nullptr;
        queue_->close();
        queue_.reset(); // the spool keeps the rest
        last_account_ = accounts->now();
    }
    return is_out;
}

Account Outlet::account() const { return queue_ ? queue_->account() : last_account_; }

} // namespace tickertape::cli::agent
