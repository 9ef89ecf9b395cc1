// SPDX-License-Identifier: MIT
// TelnetEngine: the answers, and lines of connections that end.
#include <algorithm>
#include <string>
#include <utility>

#include "base/concat.hpp"
#include "base/diagnostics.hpp"
#include "base/quote.hpp"
#include "push/telnet_engine.hpp"
#include "stage/ledger.hpp"

namespace tickertape::push {

namespace {

// Refusals of fewer lines show nothing about the target.
constexpr std::uint32_t enough_to_judge = 10;

/// Returns how many lines have one of the names.
std::uint32_t lines_with(const LineBatch& batch, const std::vector<UnknownName>& names) {
    std::uint32_t lines = 0;
    if (names.empty()) {
        return lines;
    }
    std::string buffer;
    for_each_line(batch, [&](std::string_view line) {
        const std::string_view series = series_of_line(line, buffer);
        lines += std::any_of(names.begin(), names.end(),
                             [series](const UnknownName& name) { return has_name(series, name); })
                     ? 1
                     : 0;
    });
    return lines;
}

} // namespace

void TelnetEngine::learn(std::size_t target, Barrier barrier) {
    TargetKnowledge& known = known_[target];
    known.barrier = barrier;
    known.has_answered = known.has_answered || barrier == Barrier::version;
    if (barrier != Barrier::unknown) {
        accounts_->set_may_lose_acked(barrier == Barrier::version); // true for an OpenTSDB and an InfluxDB
    }
    switch (barrier) {
    case Barrier::unknown: dialer_.set_confirmation(target, PushStatus::Confirmation::unknown); break;
    case Barrier::version: dialer_.set_confirmation(target, PushStatus::Confirmation::parsed); break;
    case Barrier::none:
        dialer_.set_confirmation(target, PushStatus::Confirmation::unconfirmed);
        // Message: TARGET: it does not confirm what it stores: use http:// if it supports it
        // Cause: The server does not answer 'version' by telnet, so lines count as unconfirmed.
        // Remedy: Push to http://HOST:PORT.
        base::report(dialer_.target(target).text().append(
            ": it does not confirm what it stores: use http:// if it supports it"));
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
        std::string why = base::concat("it is no telnet port of a TSD", who.empty() ? "" : " but looks like ", who,
                                       "; it says ", base::quote(text));
        break_off(connection, why.append("; the points are kept"), true);
    } else if (refuses_all(kind)) {
        break_off(connection, base::concat("it takes no points: ", base::quote(text)), true);
    } else if (!connection.unanswered.empty()) {
        LineBatch& oldest = connection.unanswered.front();
        oldest.is_to_repeat = oldest.is_to_repeat || is_transient(kind);
        oldest.is_throttled = oldest.is_throttled || kind == ReplyKind::throttled;
        UnknownName unknown = kind == ReplyKind::unknown_metric ? unknown_name(text) : UnknownName{};
        if (unknown.name.empty()) {
            oldest.refused += refuses_a_point(kind) ? 1 : 0;
            return;
        }
        ++oldest.unknown_replies;
        if (std::find(oldest.unknown.begin(), oldest.unknown.end(), unknown) == oldest.unknown.end()) {
            oldest.unknown.push_back(std::move(unknown));
        }
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
        // The question is answered. Whether the target closes the connection now does not matter.
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
    TargetKnowledge& known = known_[connection.target()];
    LineBatch& oldest = connection.unanswered.front();
    if (oldest.is_to_repeat && !oldest.is_throttled) {
        oldest.trouble.failed(known.acks);
    }
    if (oldest.is_probe()) {
        settle_probe(connection);
        return {};
    }
    if (oldest.is_to_repeat && (!oldest.trouble.is_of_the_points() || oldest.is_throttled)) {
        return "it cannot take points now";
    }
    // If no line has the unknown metric of a reply, the reply still refuses some lines.
    const std::uint32_t named = lines_with(oldest, oldest.unknown);
    oldest.refused += oldest.unknown_replies - std::min(oldest.unknown_replies, named);
    // Nearly all is enough, because a TSD leaves out errors for which it has no room.
    if (known.acks == 0 && named == 0 && oldest.refused >= oldest.lines - oldest.lines / 10 &&
        known.refused + oldest.refused >= enough_to_judge) {
        return "it refuses all that it is sent, which is kept";
    }
    LineBatch batch = std::move(oldest);
    connection.unanswered.pop_front();
    if (batch.is_to_repeat) {
        repeat_later(std::move(batch), connection.target());
        return {};
    }
    const std::uint32_t unknown = set_aside_unknown(batch);
    const std::uint32_t refused = std::min(batch.refused, batch.lines - unknown);
    known.refused += refused;
    accounts_->reject(refused, Reason::refused);
    if (refused > 0 && refused == batch.lines) {
        outbox_.note_refused(std::string_view{batch.bytes}.substr(0, batch.bytes.find('\n')));
    }
    accounts_->ack(batch.lines - unknown - refused);
    if (unknown + refused < batch.lines) {
        took_some(connection);
    }
    outbox_.leave_room(batch.bytes.size());
    return {};
}

void TelnetEngine::took_some(TelnetConnection& connection) {
    TargetKnowledge& known = known_[connection.target()];
    ++known.acks;
    ++connection.acks;
    known.barren = 0;
    known.refused = 0;
    batch_limit_ = std::min(most_bytes(), batch_limit_ * 2);
    // One confirmed line proves little about a target that confirms only by closing.
    if (barrier_of(connection) == Barrier::version || connection.sent_bytes() >= proof || waiting_.empty()) {
        dialer_.accepted(connection.target());
    }
}

void TelnetEngine::ended(TelnetConnection& connection, ConnectionEnd end, std::string_view why) {
    const std::size_t target = connection.target();
    const bool owes_nothing = connection.unanswered.empty() && connection.sent_bytes() > 0;
    if (end != ConnectionEnd::confirmed && (end != ConnectionEnd::closed || !owes_nothing)) {
        const bool was_silent = end == ConnectionEnd::silent;
        break_off(connection, why, end == ConnectionEnd::unasked);
        if (was_silent && known_[target].barrier == Barrier::version) {
            learn(target, Barrier::unknown); // another program may listen there now
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
    if (connection.acks == 0) {
        ++known_[connection.target()].barren;
        // The target may hang up after a number of lines.
        constexpr std::size_t least = 128;
        batch_limit_ = keep || connection.unanswered.empty() ? batch_limit_ : std::max(least, batch_limit_ / 4);
    }
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
    is_probing_ = false; // a probe is the only connection
    is_listening_ = active_ ? is_listening_ : false;
}

/// Handles the lines that a lost connection did not answer. Lines that it had not begun to send wait again. The others do so only
/// if they may be sent twice, or if the receiver answered that it does not accept them (`keep`); otherwise they are in doubt.
void TelnetEngine::lost(TelnetConnection& connection, bool keep) {
    const TargetKnowledge& known = known_[connection.target()];
    const bool repeat = keep || options_.resend_unconfirmed || known.barrier == Barrier::version || known.has_answered;
    const std::size_t written = connection.written_of_last();
    std::size_t doubtful_bytes = 0;
    for (bool is_last = true; !connection.unanswered.empty(); is_last = false) {
        LineBatch batch = std::move(connection.unanswered.back());
        connection.unanswered.pop_back();
        if (batch.is_probe()) {
            // The server probably closed the connection because of this line.
            put_back(batch, connection.unanswered.empty() && !keep && known.acks > 0);
            continue;
        }
        if (is_last && written < batch.bytes.size()) {
            if (LineBatch rest = split_off_unsent(batch, written); rest.lines > 0) {
                waiting_.push_front(std::move(rest));
            }
        }
        if (batch.lines == 0) {
            continue;
        }
        if (!repeat && is_over_ && batch.sent == Sent::answered) {
            accounts_->drop(batch.lines, Account::Loss::shutdown); // the receiver answered that it does not accept them
            continue;
        }
        if (!repeat) {
            accounts_->unconfirm(batch.lines);
            doubtful_bytes += batch.bytes.size();
            continue;
        }
        const bool is_the_one = connection.unanswered.empty();
        if (is_the_one && !keep) {
            batch.trouble.failed(known.acks);
        }
        batch.sent = keep ? Sent::answered : Sent::in_doubt;
        // Lines that fail repeatedly let the others go first. That shows which line is the reason.
        if (is_the_one && batch.trouble.failures() > 1) {
            repeat_later(std::move(batch), connection.target());
        } else {
            batch.is_to_repeat = false;
            batch.is_throttled = false;
            batch.refused = 0;
            batch.unknown.clear();
            batch.unknown_replies = 0;
            waiting_.push_front(std::move(batch));
        }
    }
    outbox_.leave_room(doubtful_bytes);
    if (known.barrier == Barrier::none) {
        // Sends one line over the next connection, and a few over the one after it: lines in doubt cannot be called back.
        learn(connection.target(), Barrier::unknown);
        known_[connection.target()].segment = cautious_segment;
    }
}

} // namespace tickertape::push
