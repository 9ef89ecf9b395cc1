// SPDX-License-Identifier: MIT
// TelnetEngine: the quarantine for lines that the target refuses.
#include <algorithm>
#include <boost/asio/post.hpp>
#include <string>
#include <utility>

#include "base/quote.hpp"
#include "push/telnet_engine.hpp"
#include "stage/ledger.hpp"

namespace tickertape::push {

/// Sends a probe, if one can be sent now. Returns whether there is one, even if it has to wait.
bool TelnetEngine::send_probe() {
    if (!outbox_.has_probe()) {
        return false;
    }
    if (!may_send_now(1)) {
        return true;
    }
    Quarantine::Probe probe = outbox_.take_probe();
    LineBatch batch;
    add_line(batch, probe.point);
    batch.asks_for = std::move(probe.series);
    batch.receipts = std::move(probe.receipts);
    send(std::move(batch), true);
    return true;
}

/// Moves the lines of quarantined series out of the new ones.
void TelnetEngine::set_aside_held(LineBatch& batch) {
    LineBatch others;
    std::string buffer;
    for_each_line(batch, [&](std::string_view line) {
        const std::string_view series = series_of_line(line, buffer);
        if (outbox_.quarantine().holds(series)) {
            outbox_.hold(series, line, batch.receipts);
        } else {
            add_line(others, line);
        }
    });
    batch.bytes = std::move(others.bytes);
    batch.lines = others.lines;
}

/// Puts the lines with names that the target does not know into quarantine. Returns how many these are.
std::uint32_t TelnetEngine::set_aside_unknown(const LineBatch& batch) {
    if (batch.unknown.empty()) {
        return 0;
    }
    std::uint32_t lines = 0;
    std::string buffer;
    for_each_line(batch, [&](std::string_view line) {
        const std::string_view series = series_of_line(line, buffer);
        if (std::any_of(batch.unknown.begin(), batch.unknown.end(),
                        [series](const UnknownName& name) { return has_name(series, name); })) {
            outbox_.set_aside(series, line, batch.receipts);
            ++lines;
        }
    });
    return lines;
}

void TelnetEngine::settle_probe(TelnetConnection& connection) {
    LineBatch probe = std::move(connection.unanswered.front());
    connection.unanswered.pop_front();
    if (probe.is_to_repeat || probe.refused > 0 || !probe.unknown.empty()) {
        put_back(probe, true);
        return;
    }
    outbox_.probe_taken(probe.bytes.size());
    took_some(connection);
    release(probe.asks_for);
}

void TelnetEngine::put_back(const LineBatch& probe, bool is_refused) {
    outbox_.put_back(probe.asks_for, {probe.bytes.data(), probe.bytes.size() - 1}, probe.receipts, is_refused);
}

/// Sends all lines of a series whose probe was accepted.
void TelnetEngine::release(std::string_view series) {
    const PutPoints points = outbox_.release(series);
    LineBatch batch;
    for (std::size_t i = 0; i < points.size(); ++i) {
        const std::string_view line = points.object(i);
        if (batch.bytes.size() + line.size() >= most_bytes() || batch.lines >= most_lines_) {
            waiting_.push_back(std::exchange(batch, {}));
        }
        batch.receipts.add(points.receipts);
        add_line(batch, line);
    }
    if (batch.lines > 0) {
        waiting_.push_back(std::move(batch));
    }
}

/// Moves lines that failed while others were accepted to the end of the queue. If they fail repeatedly, they are halved; a single
/// one goes into quarantine. If there are no other lines, one half may be accepted, which shows whether the lines are the reason.
void TelnetEngine::repeat_later(LineBatch batch, std::size_t target) {
    LineBatch again{.bytes = std::move(batch.bytes),
                    .lines = batch.lines,
                    .sent = batch.sent,
                    .trouble = batch.trouble,
                    .receipts = std::move(batch.receipts)};
    again.sent = again.sent == Sent::never ? Sent::answered : again.sent;
    const bool is_proven = again.trouble.is_proven();
    const bool is_only_one = waiting_.empty() && known_[target].acks > 0 && again.trouble.failures() >= Trouble::enough;
    if (again.lines == 1 ? !is_proven : !is_proven && !is_only_one) {
        waiting_.push_back(std::move(again));
        return;
    }
    if (again.lines == 1) {
        const std::string_view line{again.bytes.data(), again.bytes.size() - 1};
        outbox_.set_aside(line, line, again.receipts);
        outbox_.leave_room(again.bytes.size());
        return;
    }
    again.trouble = Trouble::of_a_half(known_[target].acks);
    LineBatch first = take_lines(again, again.bytes.size() / 2);
    waiting_.push_back(std::move(first));
    if (again.lines > 0) {
        waiting_.push_back(std::move(again));
    }
}

} // namespace tickertape::push
