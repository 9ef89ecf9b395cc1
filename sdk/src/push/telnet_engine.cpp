// SPDX-License-Identifier: MIT
#include "push/telnet_engine.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "base/diagnostics.hpp"
#include "base/quote.hpp"
#include "base/threads.hpp"
#include "push/run_for_good.hpp"
#include "stage/ledger.hpp"

namespace tickertape::push {

using boost::system::error_code;

namespace {

// A receiver without a barrier is asked by a half-close when its oldest unanswered line has this age.
constexpr std::chrono::seconds longest_doubt{5};
// Gives a receiver whose storage fails the time to hang up by itself, which is no confirmation.
constexpr std::chrono::milliseconds a_moment{25};

} // namespace

TelnetEngine::TelnetEngine(Targets targets, TelnetOptions options, std::shared_ptr<stage::Ledger> accounts)
    : options_{std::move(options)}, most_lines_{RateLimit{options_.lines_per_second}.most_at_once()},
      accounts_{std::move(accounts)}, dialer_{context_, std::move(targets), options_.dialer},
      rate_{options_.lines_per_second}, rate_timer_{context_}, doubt_timer_{context_}, quiet_timer_{context_},
      listen_timer_{context_}, known_(dialer_.size()),
      outbox_{context_,
              {.window = options_.window, .quarantine = options_.quarantine, .pump = [this] { pump(); }},
              accounts_} {
    dialer_.on_away([this] { pump(); });
    thread_ = base::make_quiet_thread("tt-push", [this] { run_for_good(context_); });
}

TelnetEngine::~TelnetEngine() {
    const auto end = [this] {
        is_over_ = true;
        dialer_.cancel();
        auto all = finishing_;
        all.push_back(active_);
        for (const auto& connection : all) {
            if (connection) {
                options_.resend_unconfirmed = false; // no connection is left to repeat lines
                known_[connection->target()] = {.barrier = Barrier::none};
                lost(*connection, false);
                connection->close();
            }
        }
        finishing_.clear();
        active_ = nullptr;
        outbox_.reject_all();
        const std::deque<LineBatch> given = outbox_.take_given();
        for (const auto* batches : {&std::as_const(waiting_), &given}) {
            for (const LineBatch& batch : *batches) {
                // Lines that were repeated over this connection may have arrived over the earlier one.
                if (batch.sent == Sent::in_doubt) {
                    accounts_->unconfirm(batch.lines);
                } else {
                    accounts_->drop(batch.lines, Account::Loss::shutdown);
                }
            }
        }
        context_.stop();
    };
    // Runs after the handlers that are queued now, because one of them may report a write.
    boost::asio::post(context_, [this, end] { boost::asio::post(context_, end); });
    thread_.join();
}

void TelnetEngine::give(LineBatch batch) {
    const std::uint32_t lines = batch.lines;
    const std::size_t bytes = batch.bytes.size();
    outbox_.give(std::move(batch), lines, bytes);
}

PushStatus TelnetEngine::status() const {
    PushStatus status{.targets = dialer_.status()};
    status.first_refused = outbox_.first_refused();
    const std::lock_guard lock{mutex_};
    for (std::size_t i = 0; i < replies_.size(); ++i) {
        if (replies_[i].count > 0) {
            status.replies.push_back(
                {std::string{describe(static_cast<ReplyKind>(i))}, replies_[i].count, replies_[i].sample});
        }
    }
    return status;
}

bool TelnetEngine::has_work() {
    std::deque<LineBatch> given = outbox_.take_given();
    for (LineBatch& batch : given) {
        if (!outbox_.quarantine().empty()) {
            set_aside_held(batch);
        }
        if (batch.lines > 0) {
            waiting_.push_back(std::move(batch));
        }
    }
    return !waiting_.empty();
}

LineBatch TelnetEngine::take_work() {
    if (waiting_.front().bytes.size() > batch_limit_ && waiting_.front().lines > 1) {
        return take_lines(waiting_.front(), batch_limit_);
    }
    LineBatch batch = std::move(waiting_.front());
    waiting_.pop_front();
    // Joins small batches. A repeated batch keeps its bounds.
    while (rate_.unlimited() && !waiting_.empty() && waiting_.front().sent == batch.sent &&
           waiting_.front().trouble.failures() == 0 && batch.trouble.failures() == 0 &&
           batch.bytes.size() + waiting_.front().bytes.size() <= batch_limit_) {
        batch.bytes += waiting_.front().bytes;
        batch.lines += waiting_.front().lines;
        batch.receipts.add(waiting_.front().receipts);
        waiting_.pop_front();
    }
    return batch;
}

void TelnetEngine::dial() {
    if (!dialer_.dialing()) {
        dialer_.dial(
            [this](std::shared_ptr<Stream> stream, std::size_t target) { connected(std::move(stream), target); });
    }
}

void TelnetEngine::connected(std::shared_ptr<Stream> stream, std::size_t target) {
    if (std::exchange(last_target_, target) != target) {
        outbox_.all_due(); // this target may accept lines that the other one refused
    }
    if (dialer_.has_lost_one()) {
        accounts_->note_outage();
    }
    born_ = std::chrono::steady_clock::now();
    active_ = std::make_shared<TelnetConnection>(context_, std::move(stream), target, options_.patience);
    TelnetConnection& connection = *active_;
    connection.start(
        {.written = [this] { pump(); },
         .replied = [this, &connection](ReplyKind kind, std::string_view text) { replied(connection, kind, text); },
         .ended = [this, &connection](ConnectionEnd end, std::string_view why) { ended(connection, end, why); }});
    if (barrier_of(connection) == Barrier::unknown) {
        listen(known_[target].barren);
    }
    pump();
}

/// Waits a moment before the first line. A peer that closes every connection, such as a proxy without a server, then closes it
/// before it gets a line, so no line is in doubt.
void TelnetEngine::listen(unsigned barren) {
    constexpr unsigned most_doublings = 5;
    is_listening_ = true;
    listen_timer_.expires_after(a_moment * (1U << std::min(barren, most_doublings)));
    listen_timer_.async_wait([this, which = active_.get()](const error_code& error) {
        if (!error && active_.get() == which) {
            is_listening_ = false;
            pump();
        }
    });
}

/// Does everything that can be done now.
void TelnetEngine::pump() {
    const bool has_connection = active_ || !finishing_.empty();
    outbox_.set_connected(has_connection || !dialer_.is_failing());
    bool work = has_work();
    if (!has_connection && dialer_.is_away()) {
        give_back();
        work = !waiting_.empty();
    }
    if (!active_) {
        // The answer to a probe decides how to go on.
        if ((work || outbox_.wants_to_probe() || outbox_.is_awaited()) && !is_probing_) {
            dial();
        }
        return;
    }
    if (active_->is_writing() || is_listening_) {
        return;
    }
    switch (barrier_of(*active_)) {
    case Barrier::unknown:
        if (is_probing_) {
            finish_when_quiet();
        } else if (finishing_.empty()) {
            probe(work);
        }
        break;
    case Barrier::version: go_on_with_barrier(); break;
    case Barrier::none: go_on_without_barrier(); break;
    }
}

/// Gives lines back that are in a spool. Lines that failed stay, because their number of failures would be lost.
void TelnetEngine::give_back() {
    std::erase_if(waiting_, [this](const LineBatch& batch) {
        const bool may_go = !batch.is_probe() && batch.trouble.failures() == 0 && batch.receipts.may_be_given_back();
        if (may_go) {
            outbox_.give_back(batch.lines, batch.bytes.size(), batch.receipts, batch.sent);
        }
        return may_go;
    });
}

/// Sends the first line to an unknown target.
void TelnetEngine::probe(bool work) {
    if (!work) {
        is_probing_ = outbox_.has_probe() && may_send_now(1);
        if (is_probing_) {
            static_cast<void>(send_probe());
        }
        return;
    }
    if (!may_send_now(1)) {
        return;
    }
    LineBatch line = take_lines(waiting_.front(), 1); // one line, because all sent lines may be lost
    if (waiting_.front().lines == 0) {
        waiting_.pop_front();
    }
    send(std::move(line), true);
    is_probing_ = true;
}

void TelnetEngine::go_on_with_barrier() {
    if (std::chrono::steady_clock::now() - born_ > options_.connection_age) {
        if (active_->unanswered.empty()) {
            finish_active();
            pump();
        }
        return; // otherwise the probe goes out when everything is answered
    }
    if (batch_limit_ < most_bytes() && !active_->unanswered.empty()) {
        return; // one batch at a time while the target hangs up on too many lines
    }
    probe_is_next_ = !probe_is_next_;
    if ((probe_is_next_ || waiting_.empty()) && send_probe()) {
        return;
    }
    if (!waiting_.empty() && may_send_now(waiting_.front().lines)) {
        send(take_work(), true);
    }
}

void TelnetEngine::go_on_without_barrier() {
    for (const std::string& name : outbox_.quarantine().names()) {
        release(name); // another target refused these lines, and this one refuses nothing that it reads
    }
    const bool has_sent = active_->sent_bytes() > 0;
    const std::size_t segment = std::min(known_[active_->target()].segment, options_.window / (most_finishing + 1));
    const bool is_done_for_now = waiting_.empty() && has_sent && (outbox_.is_flushing() || is_due_);
    if (active_->sent_bytes() >= segment || is_done_for_now) {
        if (finishing_.size() < most_finishing) {
            finish_when_quiet();
        }
        return;
    }
    if (!waiting_.empty() && may_send_now(waiting_.front().lines)) {
        send(take_work(), false);
    }
}

/// Half-closes the active connection; a moment later, if so little has been sent that the receiver may not have seen it yet.
void TelnetEngine::finish_when_quiet() {
    if (is_quiet_ || active_->sent_bytes() >= proof) {
        finish_active();
        pump();
        return;
    }
    if (std::exchange(quieting_, active_.get()) == active_.get()) {
        return; // that moment is not over
    }
    quiet_timer_.expires_after(a_moment);
    quiet_timer_.async_wait([this, which = active_.get()](const error_code& error) {
        if (!error && active_.get() == which && quieting_ == which) {
            is_quiet_ = true;
            pump();
        }
    });
}

void TelnetEngine::finish_active() {
    quieting_ = nullptr;
    is_quiet_ = false;
    finishing_.push_back(std::move(active_));
    active_ = nullptr;
    finishing_.back()->finish_sending();
}

bool TelnetEngine::may_send_now(std::uint32_t lines) {
    const SteadyTime now = std::chrono::steady_clock::now();
    const SteadyTime when = rate_.when(lines, now);
    if (when <= now) {
        return true;
    }
    rate_timer_.expires_at(when);
    rate_timer_.async_wait([this](const error_code& error) {
        if (!error) {
            pump();
        }
    });
    return false;
}

void TelnetEngine::send(LineBatch batch, bool barrier) {
    if (active_->sent_bytes() == 0) {
        is_due_ = false;
        doubt_timer_.expires_after(longest_doubt);
        doubt_timer_.async_wait([this, which = active_.get()](const error_code& error) {
            if (!error && active_.get() == which) {
                is_due_ = true;
                pump();
            }
        });
    }
    quiet_timer_.cancel();
    quieting_ = nullptr;
    is_quiet_ = false;
    rate_.sent(batch.lines, std::chrono::steady_clock::now());
    if (batch.sent != Sent::never) {
        accounts_->resend(batch.lines);
    }
    active_->send(std::move(batch), barrier);
}

} // namespace tickertape::push
