// SPDX-License-Identifier: MIT
// TelnetEngine's second half: what becomes of what was sent.
#include <algorithm>
#include <string>
#include <utility>

#include "base/diagnostics.hpp"
#include "base/quote.hpp"
#include "push/telnet_engine.hpp"

namespace tickertape::push {

namespace {

// Of fewer lines, refusals are just refusals.
constexpr std::uint32_t enough_to_judge = 10;

} // namespace

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
        base::report(dialer_.target(target).text().append(
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
            replies.sample = base::quote(text);
        }
    }
    if (kind == ReplyKind::not_a_tsd) {
        const std::string_view who = stranger(text);
        std::string why{"it is no telnet port of a TSD"};
        why.append(who.empty() ? "" : " but looks like ").append(who).append("; it says ").append(base::quote(text));
        break_off(connection, why.append("; the points are kept"), true);
    } else if (refuses_all(kind)) {
        break_off(connection, std::string{"it takes no points: "}.append(base::quote(text)), true);
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
        break_off(connection, why, end == ConnectionEnd::unasked);
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
            batch.sent = keep ? Sent::answered : Sent::in_doubt;
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

} // namespace tickertape::push
