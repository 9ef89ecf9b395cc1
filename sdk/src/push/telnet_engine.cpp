// SPDX-License-Identifier: MIT
#include "push/telnet_engine.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "detail/diagnostics.hpp"
#include "detail/quote.hpp"
#include "detail/threads.hpp"
#include "push/run_for_good.hpp"

namespace tickertape::detail {

using boost::system::error_code;

namespace {

// A receiver without a barrier is asked by a half-close when the oldest line that it has not answered is so old.
constexpr std::chrono::seconds longest_doubt{5};
// Of fewer lines, refusals are just refusals.
constexpr std::uint32_t enough_to_judge = 10;
// So that a receiver whose storage fails has the time to hang up by itself, which is no answer.
constexpr std::chrono::milliseconds a_moment{25};
// Connections whose end is awaited, beside the one that is sent over. The window is shared by all.
constexpr std::size_t most_finishing = 3;
// How much has to be acknowledged to prove that a target works which is asked by closing.
constexpr std::size_t proof = std::size_t{64} * 1024;

} // namespace

TelnetEngine::TelnetEngine(Targets targets, TelnetOptions options, std::shared_ptr<Accounts> accounts)
    : options_{std::move(options)}, most_lines_{RateLimit{options_.lines_per_second}.most_at_once()},
      accounts_{std::move(accounts)}, dialer_{context_, std::move(targets), options_.dialer},
      rate_{options_.lines_per_second}, rate_timer_{context_}, doubt_timer_{context_}, quiet_timer_{context_},
      known_(dialer_.size()) {
    thread_ = make_quiet_thread("tt-push", [this] { run_for_good(context_); });
}

TelnetEngine::~TelnetEngine() {
    boost::asio::post(context_, [this] {
        dialer_.cancel();
        auto all = finishing_;
        all.push_back(active_);
        for (const auto& connection : all) {
            if (connection) {
                options_.resend_unconfirmed = false; // nobody is left to do that
                known_[connection->target()] = {.barrier = Barrier::none};
                lost(*connection, false);
                connection->close();
            }
        }
        finishing_.clear();
        active_ = nullptr;
        const std::lock_guard lock{mutex_};
        for (const auto* batches : {&waiting_, &given_}) {
            for (const LineBatch& batch : *batches) {
                // What an earlier connection had sent and this one was to repeat may have arrived.
                if (batch.was_sent) {
                    accounts_->unconfirm(batch.lines);
                } else {
                    accounts_->drop(batch.lines, Loss::shutdown);
                }
            }
        }
        context_.stop();
    });
    thread_.join();
}

bool TelnetEngine::wait_for_room(std::size_t bytes, SteadyTime deadline) {
    std::unique_lock lock{mutex_};
    return changed_.wait_until(lock, deadline,
                               [&] { return held_bytes_ == 0 || held_bytes_ + bytes <= options_.window; });
}

void TelnetEngine::give(LineBatch batch) {
    const std::lock_guard lock{mutex_};
    accounts_->take(batch.lines);
    held_bytes_ += batch.bytes.size();
    given_.push_back(std::move(batch));
    if (!std::exchange(pump_is_due_, true)) {
        boost::asio::post(context_, [this] { pump(); });
    }
}

bool TelnetEngine::flush(SteadyTime deadline) {
    std::unique_lock lock{mutex_};
    is_flushing_ = true;
    boost::asio::post(context_, [this] { pump(); });
    const bool all = changed_.wait_until(lock, deadline, [this] { return held_bytes_ == 0; });
    is_flushing_ = false;
    return all;
}

PushStatus TelnetEngine::status() const {
    PushStatus status{.targets = dialer_.status()};
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
    const std::lock_guard lock{mutex_};
    pump_is_due_ = false;
    std::move(given_.begin(), given_.end(), std::back_inserter(waiting_));
    given_.clear();
    return !waiting_.empty();
}

LineBatch TelnetEngine::take_work() {
    LineBatch batch = std::move(waiting_.front());
    waiting_.pop_front();
    // Small ones go together, but what is repeated keeps its bounds.
    while (rate_.unlimited() && !waiting_.empty() && waiting_.front().was_sent == batch.was_sent &&
           batch.bytes.size() + waiting_.front().bytes.size() <= most_bytes()) {
        batch.bytes += waiting_.front().bytes;
        batch.lines += waiting_.front().lines;
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
    active_ = std::make_shared<TelnetConnection>(context_, std::move(stream), target, options_.patience);
    TelnetConnection& connection = *active_;
    connection.start(
        {.written = [this] { pump(); },
         .replied = [this, &connection](ReplyKind kind, std::string_view text) { replied(connection, kind, text); },
         .ended = [this, &connection](ConnectionEnd end, std::string_view why) { ended(connection, end, why); }});
    pump();
}

/// Does whatever can be done now.
void TelnetEngine::pump() {
    const bool work = has_work();
    if (!active_) {
        // Until a probe is answered it is not known how to go on.
        if (work && !is_probing_) {
            dial();
        }
        return;
    }
    if (active_->is_writing()) {
        return;
    }
    switch (barrier_of(*active_)) {
    case Barrier::unknown:
        if (is_probing_) {
            finish_when_quiet();
        } else if (work && finishing_.empty()) {
            probe();
        }
        break;
    case Barrier::version: go_on_with_barrier(); break;
    case Barrier::none: go_on_without_barrier(); break;
    }
}

void TelnetEngine::probe() {
    if (!may_send_now(1)) {
        return;
    }
    // One line, as that much may be lost.
    LineBatch& first = waiting_.front();
    LineBatch rest = split_off_unsent(first, 1);
    LineBatch line = std::move(first);
    waiting_.pop_front();
    if (rest.lines > 0) {
        waiting_.push_front(std::move(rest));
    }
    send(std::move(line), true);
    is_probing_ = true;
}

void TelnetEngine::go_on_with_barrier() {
    if (!waiting_.empty() && may_send_now(waiting_.front().lines)) {
        send(take_work(), true);
    }
}

void TelnetEngine::go_on_without_barrier() {
    const bool has_sent = active_->sent_bytes() > 0;
    const std::size_t segment = std::min(known_[active_->target()].segment, options_.window / (most_finishing + 1));
    bool wants_answer = active_->sent_bytes() >= segment;
    if (waiting_.empty() && has_sent) {
        const std::lock_guard lock{mutex_};
        wants_answer = wants_answer || is_flushing_ || is_due_;
    }
    if (wants_answer) {
        if (finishing_.size() < most_finishing) {
            finish_when_quiet();
        }
        return;
    }
    if (!waiting_.empty() && may_send_now(waiting_.front().lines)) {
        send(take_work(), false);
    }
}

/// Half-closes the active connection; a moment later if so little has been sent that the receiver may not have seen it yet.
void TelnetEngine::finish_when_quiet() {
    if (is_quiet_ || active_->sent_bytes() >= proof) {
        finish_active();
        pump();
        return;
    }
    if (std::exchange(quieting_, active_.get()) == active_.get()) {
        return; // the moment is under way
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
    bytes_sent_ += batch.bytes.size();
    rate_.sent(batch.lines, std::chrono::steady_clock::now());
    if (batch.was_sent) {
        accounts_->resend(batch.lines);
    }
    active_->send(std::move(batch), barrier);
}

void TelnetEngine::leave_room(std::size_t bytes) {
    const std::lock_guard lock{mutex_};
    held_bytes_ -= bytes;
    changed_.notify_all();
}

void TelnetEngine::learn(std::size_t target, Barrier barrier) {
    Acquaintance& known = known_[target];
    known.barrier = barrier;
    known.has_answered = known.has_answered || barrier == Barrier::version;
    switch (barrier) {
    case Barrier::unknown: dialer_.set_confirmation(target, Confirmation::unknown); break;
    case Barrier::version: dialer_.set_confirmation(target, Confirmation::parsed); break;
    case Barrier::none:
        dialer_.set_confirmation(target, Confirmation::unconfirmed);
        report(dialer_.target(target).text().append(
            ": it does not say what it has stored; http:// would, if it speaks that"));
        break;
    }
}

void TelnetEngine::replied(TelnetConnection& connection, ReplyKind kind, std::string_view text) {
    if (kind == ReplyKind::version) {
        answered(connection);
        return;
    }
    {
        const std::lock_guard lock{mutex_};
        Replies& replies = replies_[static_cast<std::size_t>(kind)];
        if (replies.count++ == 0) {
            replies.sample = quote(text);
        }
    }
    if (refuses_all(kind)) {
        break_off(connection, std::string{"it takes no points: "}.append(quote(text)), true);
    } else if (kind == ReplyKind::not_a_tsd) {
        break_off(connection, std::string{"it is no telnet port of a TSD; it says "}.append(quote(text)), true);
    } else if (!connection.unanswered.empty()) {
        LineBatch& oldest = connection.unanswered.front();
        oldest.is_to_repeat = oldest.is_to_repeat || is_transient(kind);
        oldest.refused += refuses_a_point(kind) ? 1 : 0;
    }
}

void TelnetEngine::answered(TelnetConnection& connection) {
    if (barrier_of(connection) != Barrier::version) {
        learn(connection.target(), Barrier::version);
    }
    if (connection.unanswered.empty() || (connection.is_writing() && connection.unanswered.size() == 1)) {
        return; // an answer to nothing
    }
    if (const std::string why = settle_oldest(connection); !why.empty()) {
        break_off(connection, why, true);
        return;
    }
    if (is_probing_ && connection.unanswered.empty() && !connection.is_writing()) {
        // The question is answered; whether it closes then is its own affair.
        if (active_.get() != &connection) {
            dialer_.closed(connection.target());
            connection.close();
            forget(connection);
        }
        is_probing_ = false;
    }
    pump();
}

std::string TelnetEngine::settle_oldest(TelnetConnection& connection) {
    LineBatch& oldest = connection.unanswered.front();
    if (oldest.is_to_repeat) {
        return "it cannot take points now";
    }
    const std::uint32_t refused = std::min(oldest.refused, oldest.lines);
    // Nearly all: a TSD leaves errors out that find no room.
    if (oldest.lines >= enough_to_judge && refused >= oldest.lines - oldest.lines / 10) {
        return "it refuses all that it is sent, which is kept";
    }
    // One line that got through proves little about a target that is asked by closing.
    const bool proves =
        barrier_of(connection) == Barrier::version || connection.sent_bytes() >= proof || waiting_.empty();
    if (refused < oldest.lines && proves) {
        dialer_.accepted(connection.target());
    }
    accounts_->reject(refused, Reason::refused);
    accounts_->ack(oldest.lines - refused);
    const std::size_t bytes = oldest.bytes.size();
    connection.unanswered.pop_front();
    leave_room(bytes);
    return {};
}

void TelnetEngine::ended(TelnetConnection& connection, ConnectionEnd end, std::string_view why) {
    const std::size_t target = connection.target();
    const bool owes_nothing = connection.unanswered.empty() && connection.sent_bytes() > 0;
    if (end != ConnectionEnd::confirmed && !(end == ConnectionEnd::closed && owes_nothing)) {
        const bool was_silent = end == ConnectionEnd::silent;
        break_off(connection, why, false);
        if (was_silent && known_[target].barrier == Barrier::version) {
            learn(target, Barrier::unknown); // another program may answer there now
        }
        return;
    }
    if (barrier_of(connection) == Barrier::unknown) {
        learn(target, Barrier::none);
    } else if (barrier_of(connection) == Barrier::none) {
        known_[target].segment = std::min(known_[target].segment * 8, options_.window / (most_finishing + 1));
    }
    while (!connection.unanswered.empty()) {
        if (const std::string refusal = settle_oldest(connection); !refusal.empty()) {
            break_off(connection, refusal, true);
            return;
        }
    }
    dialer_.closed(target);
    forget(connection);
    pump();
}

void TelnetEngine::break_off(TelnetConnection& connection, std::string_view why, bool keep) {
    dialer_.failed(connection.target(), why);
    lost(connection, keep);
    connection.close();
    forget(connection);
    pump();
}

void TelnetEngine::forget(const TelnetConnection& connection) {
    std::erase_if(finishing_, [&connection](const auto& each) { return each.get() == &connection; });
    if (active_.get() == &connection) {
        active_ = nullptr;
    }
    is_probing_ = false; // there is no other connection beside a probe
}

/// What a connection did not answer: what was not begun waits again; the rest does if it may be sent twice or the
/// receiver has said that it did not take it (`keep`), and is in doubt otherwise.
void TelnetEngine::lost(TelnetConnection& connection, bool keep) {
    const Acquaintance& known = known_[connection.target()];
    const bool repeat = keep || options_.resend_unconfirmed || known.barrier == Barrier::version || known.has_answered;
    const std::size_t written = connection.written_of_last();
    std::size_t doubtful_bytes = 0;
    for (bool is_last = true; !connection.unanswered.empty(); is_last = false) {
        LineBatch batch = std::move(connection.unanswered.back());
        connection.unanswered.pop_back();
        if (is_last && written < batch.bytes.size()) {
            if (LineBatch rest = split_off_unsent(batch, written); rest.lines > 0) {
                waiting_.push_front(std::move(rest));
            }
        }
        if (batch.lines == 0) {
            continue;
        }
        if (repeat) {
            batch.was_sent = true;
            batch.is_to_repeat = false;
            batch.refused = 0;
            waiting_.push_front(std::move(batch));
        } else {
            accounts_->unconfirm(batch.lines);
            doubtful_bytes += batch.bytes.size();
        }
    }
    leave_room(doubtful_bytes);
    if (known.barrier == Barrier::none) {
        // The next connection may cost one line, the one after that a few: what is in doubt cannot be had back.
        learn(connection.target(), Barrier::unknown);
        known_[connection.target()].segment = cautious_segment;
    }
}

} // namespace tickertape::detail
