// SPDX-License-Identifier: MIT
#include "cli/push/destination.hpp"

#include <array>
#include <cstdio>
#include <system_error>
#include <utility>

#include <tickertape/line.hpp>
#include <tickertape/series.hpp>

#include "base/concat.hpp"
#include "base/quote.hpp"
#include "cli/messages.hpp"

namespace tickertape::cli::push {

namespace {

constexpr std::chrono::seconds grace{3}; // after a signal

} // namespace

Destination::Destination(const Task& task, Inputs& inputs, std::size_t number, Targets targets, std::string_view copy,
                         SinkOptions options)
    : task_{task}, inputs_{inputs}, number_{number}, target_{targets.all().front().text()},
      added_{std::string_view{"put  host="}.size() + task.host.size()}, grace_{stop_.token(), grace},
      self_report_{task.self_metrics, task.host, copy}, bad_{number == 0} {
    if (number == 0) {
        bar_.emplace();
    }
    if (!task.dry_run) {
        options.go_on = [this] { return go_on(); };
        sink_ = make_sink(std::move(targets), std::move(options));
    }
}

void Destination::run() {
    for (const std::string& path : task_.files) {
        if (stop_.requested() || given_up_) {
            // Message: 'FILE': the run ended before it: not read
            // Cause: The command was stopped, or gave up, before it came to this file.
            // Remedy: Push the file again.
            say(base::Level::error, base::concat(base::quote(path), ": the run ended before it: not read"));
            unread_ = true;
            continue;
        }
        read(path);
    }
    input_is_over_ = true;
    progress_ = Clock::now();
    answered_ = !sink_ || sink_->finish();
    ended_ = Clock::now();
    if (bar_) {
        bar_->clear();
    }
}

void Destination::read(const std::string& path) {
    try {
        Inputs::Opened opened = inputs_.open(path, number_);
        lines::LineInput& input = opened.input;
        shared_ = opened.shared;
        seen_ = 0;
        if (shared_) {
            input.go_on_after_stop(grace); // lines already read for this destination are still sent
        }
        input.offer_runs_to([this](lines::IndexedLines& lines) { return take_runs(lines); });
        input_is_over_ = input.size() > 0; // for a pipe, the deadline begins at its end
        if (bar_) {
            bar_->begin(input.size(), lines_);
        }
        while (!given_up_ && input.read([&](std::string_view line) { take(input, line); }, stop_.token())) {
            given_up_ = given_up_ || (sink_ && !(self_report_.add_to(*sink_) && sink_->send()));
            if (bar_) {
                bar_->show(input.position(), lines_);
            }
        }
        if (input.size() > 0 && (given_up_ || stop_.requested())) {
            // Message: 'FILE': the run ended within it: read up to line NUMBER only
            // Cause: The command was stopped, or gave up, within this file.
            // Remedy: Push the rest of the file.
            say(base::Level::error,
                base::concat(base::quote(input.name()), ": the run ended within it: read up to line ", seen_, " only"));
            unread_ = true;
        }
        if (opened.shared) {
            count_missed(opened);
        }
    } catch (const std::system_error& error) {
        say(base::Level::error, printable(error.what()));
        unread_ = true;
    }
}

void Destination::count_missed(const Inputs::Opened& opened) {
    const SharedInput::Missed missed = opened.shared->missed_by(number_, seen_);
    missed_.queue_full += missed.queue_full;
    missed_.unread += missed.unread;
    opened.shared->check();
}

/// A target that takes some lines now and then always has room again before `go_on` is called, so check here, too.
bool Destination::may_take() {
    given_up_ = given_up_ || (sink_ && stop_.requested() && !go_on());
    return !given_up_;
}

std::uint64_t Destination::take_runs(lines::IndexedLines& lines) {
    const std::uint64_t before = seen_;
    while (!lines.empty() && may_take()) {
        constexpr std::size_t all = static_cast<std::size_t>(-1);
        const PushSink::Added added =
            sink_ ? sink_->add_run(lines) : PushSink::Added{.run = lines.take_run(all, UINT32_MAX)};
        given_up_ = !added.is_open;
        if (added.run.lines == 0) {
            break;
        }
        seen_ += added.run.lines;
        lines_ += added.run.lines;
        bytes_ += added.run.text.size();
    }
    return seen_ - before;
}

void Destination::take(const lines::LineInput& input, std::string_view raw) {
    if (!may_take()) {
        return;
    }
    ++seen_;
    lines::PutLine line;
    lines::LineError error = read_put_line(raw, line);
    if (error.fault == lines::LineFault::none && !line.has_put && !line.has_host) {
        const auto tags = line.tag_count + (task_.host.empty() ? 0U : 1U);
        error.fault = tags == 0                        ? lines::LineFault::no_tags
                      : tags > max_tags                ? lines::LineFault::too_many_tags
                      : raw.size() + added_ > max_line ? lines::LineFault::too_long
                                                       : lines::LineFault::none;
    }
    if (error.fault == lines::LineFault::none && !input.line_has_end() && input.size() == 0) {
        error = {lines::LineFault::cut_off, raw}; // its last tag may be incomplete
    }
    if (error.fault != lines::LineFault::none) {
        if (bar_) {
            bar_->clear();
        }
        bad_.add(input, error);
        return;
    }
    ++lines_;
    bytes_ += raw.size() + 1;
    given_up_ = sink_ && !sink_->add(line, raw);
}

/// Returns whether to go on waiting for the target.
bool Destination::go_on() {
    const auto now = Clock::now();
    if (const std::uint64_t done = sink_->progress(); done != done_) {
        done_ = done;
        progress_ = now;
    }
    if (stop_.requested()) {
        return !grace_.is_over();
    }
    if (!input_is_over_ && shared_ && shared_->has_ended()) {
        input_is_over_ = true; // although this destination has not read all of it
        progress_ = now;
    }
    return !input_is_over_ || task_.deadline == task_.deadline.zero() || now - progress_ < task_.deadline;
}

void Destination::say(base::Level level, std::string_view sentence) {
    if (bar_) {
        bar_->clear();
    }
    print_message(level, base::concat(task_.has_copies ? target_ : "", task_.has_copies ? ": " : "", sentence));
}

Account Destination::account() const {
    Account account = sink_->account();
    account.accepted += missed_.queue_full + missed_.unread;
    account.dropped[static_cast<std::size_t>(Account::Loss::queue_full)] += missed_.queue_full;
    account.dropped[static_cast<std::size_t>(Account::Loss::shutdown)] += missed_.unread;
    return account;
}

int Destination::report() {
    const std::uint64_t all_lines = lines_ + missed_.queue_full + missed_.unread;
    const double seconds = std::max(1e-3, std::chrono::duration<double>(ended_ - begun_).count());
    std::string text = base::concat(all_lines, all_lines == 1 ? " line" : " lines");
    if (!sink_) {
        text.append(" could be sent");
    } else {
        if (self_report_.lines() > 0) {
            text.append(base::concat(" and ", self_report_.lines(), " of its own"));
        }
        const Account account = this->account();
        text.append(base::concat(": ", account.acked, " acknowledged, ", account.unconfirmed, " unconfirmed, ",
                                 account.all_rejected(), " rejected, ", account.all_dropped(), " dropped"));
        if (account.resent > 0) {
            text.append(base::concat(", ", account.resent, " sent twice"));
        }
        if (const std::uint64_t again = sink_->status().tried_again; again > 0) {
            text.append(base::concat(", ", again, " tried again"));
        }
        if (task_.has_spool) {
            text.append(base::concat(", ", account.recovered, " recovered, ", account.spooled, " in the spool"));
        }
    }
    if (bad_.all() > 0) {
        text.append(base::concat("; ", bad_.all(), " unusable (", bad_.text(), ")"));
    }
    std::array<char, 96> rate{};
    std::snprintf(rate.data(), rate.size(), "; %.3g MB in %.3g s, %s", static_cast<double>(bytes_) / 1e6, seconds,
                  terminal::rate_text(static_cast<double>(lines_) / seconds).c_str());
    text.append(rate.data());
    if (!task_.is_quiet) {
        say(base::Level::notice, text);
    }
    if (!sink_) {
        return bad_.all() > 0 || unread_ ? some_lost : all_acked;
    }
    const Account account = this->account();
    report_account(account);
    const std::uint64_t taken = account.acked + account.unconfirmed + account.spooled;
    // An account does not distinguish its own lines from those of the input. If it accepted only as many lines as its own, the
    // target refused the input.
    const bool takes_nothing = all_lines > 0 && (taken == 0 || (taken == self_report_.lines() && taken != all_lines));
    if (takes_nothing || !answered_) {
        // Message: TARGET: REASON: given up
        // Cause: The target took nothing, or did not answer within --deadline.
        // Remedy: Start the server, or correct the target. With --spool the rest waits for the next run.
        print_message(base::Level::error, base::concat(why_not(account), ": given up"));
    }
    if (takes_nothing) {
        return nothing_taken;
    }
    if (bad_.all() > 0 || unread_ || account.all_rejected() + account.all_dropped() > 0) {
        return some_lost;
    }
    if (account.spooled > 0) {
        return some_spooled;
    }
    return account.unconfirmed > 0 ? some_unconfirmed : all_acked;
}

/// Reports the refused points and the replies.
void Destination::report_account(const Account& account) const {
    for (std::size_t i = 0; i < reasons; ++i) {
        if (const auto reason = static_cast<Reason>(i); account.rejected[i] > 0) {
            const std::string example = sink_->example_of(reason);
            // Message: TARGET: REASON: NUMBER rejected, first: LINE
            // Cause: The target, or the check before it, refuses these points. OpenTSDB refuses a metric that it does not know.
            // Remedy: Look at the reason; tickertape lint explains the rules of servers. An unknown metric is created by tsdb
            //   mkmetric, or by the setting tsd.core.auto_create_metrics.
            print_message(base::Level::error, base::concat(target_, ": ", describe(reason), ": ", account.rejected[i],
                                                           " rejected", example.empty() ? "" : ", first: ", example));
        }
    }
    if (missed_.queue_full > 0) {
        // Message: TARGET: lines came faster than it took them: NUMBER dropped
        // Cause: A copy is slower than the input for a long time.
        // Remedy: Give it a spool, or a faster server.
        print_message(base::Level::error,
                      base::concat(target_, ": lines came faster than it took them: ", missed_.queue_full, " dropped"));
    }
    for (const PushStatus::Reply& reply : sink_->status().replies) {
        // Message: TARGET: it replied NUMBER times KIND, first: TEXT
        // Cause: The server replied with errors. Each kind is reported once, at the end.
        // Remedy: Look at the text. After unknown_metric: tsdb mkmetric, or the setting tsd.core.auto_create_metrics.
        print_message(base::Level::warning, base::concat(target_, ": it replied ", reply.count, " times ", reply.kind,
                                                         ", first: ", reply.sample));
    }
}

/// Returns the target with the reason why it did not accept all points.
std::string Destination::why_not(const Account& account) const {
    const PushStatus status = sink_->status();
    for (auto target = status.targets.rbegin(); target != status.targets.rend(); ++target) {
        if (!target->last_failure.empty()) {
            return target->last_failure;
        }
    }
    std::string why = target_;
    if (account.rejected_for(Reason::refused) > 0 && !status.replies.empty()) {
        return why.append(": it refuses what it is sent, with ").append(status.replies.front().sample);
    }
    if (account.all_rejected() > 0) {
        return why.append(": there was nothing that could be sent to it");
    }
    const bool is_connected = !status.targets.empty() && status.targets.front().connects > 0;
    return why.append(is_connected ? ": it takes connections, but does not answer" : ": it does not take a connection");
}

} // namespace tickertape::cli::push
