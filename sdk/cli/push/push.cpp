// SPDX-License-Identifier: MIT
// `tickertape push`: lines to a TSD.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <tickertape/host_tag.hpp>
#include <tickertape/line.hpp>
#include <tickertape/name.hpp>
#include <tickertape/series.hpp>
#include <tickertape/stop.hpp>

#include "base/quote.hpp"
#include "cli/commands.hpp"
#include "cli/duration.hpp"
#include "cli/lines/line_input.hpp"
#include "cli/lines/put_line.hpp"
#include "cli/output_guard.hpp"
#include "cli/push/security_flags.hpp"
#include "cli/push/self_report.hpp"
#include "cli/push/sink.hpp"
#include "cli/push/spool_flags.hpp"
#include "cli/push/usage_notes.hpp"
#include "cli/push/words.hpp"
#include "cli/terminal/progress.hpp"

namespace tickertape::cli::push {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t most_named = 20; // bad lines; the rest is counted
constexpr std::chrono::seconds grace{3}; // after a signal

enum ExitCode : int { all_acked = 0, some_lost = 1, some_unconfirmed = 3, nothing_taken = 4, some_spooled = 5 };

struct Options {
    std::vector<std::string> words; // targets, then files
    std::uint32_t mps = 0;
    std::string deadline = "60";
    bool dry_run = false;
    bool resend = false;
    std::string host = "auto";
    bool quiet = false;
    std::string self_metrics = "0";
    bool sync = false;
    bool no_sync = false;
    SecurityFlags security;
    SpoolFlags spool;
};

std::string host_of(const std::string& choice) {
    return choice == "none"   ? std::string{}
           : choice == "auto" ? HostTag::automatic().resolve()
                              : HostTag::named(std::string_view{choice}).resolve();
}

/// Without characters that could control a terminal.
std::string printable(std::string text) {
    std::replace_if(text.begin(), text.end(), [](char c) { return c < ' ' || c == '\x7f'; }, '?');
    return text;
}

/// Names the bad lines, the first ones one by one.
class BadLines {
public:
    void add(const lines::LineInput& input, const lines::LineError& error) {
        ++counts_[static_cast<std::size_t>(error.fault)];
        if (++all_ <= most_named) {
            std::fprintf(stderr, "tickertape: %s:%llu: %s\n", printable(input.name()).c_str(),
                         static_cast<unsigned long long>(input.lines()), lines::to_string(error).c_str());
        } else if (all_ == most_named + 1) {
            std::fputs("tickertape: further unusable lines are only counted\n", stderr);
        }
    }
    [[nodiscard]] std::uint64_t all() const noexcept { return all_; }
    /// `2 bad value, 1 no tags`
    [[nodiscard]] std::string text() const {
        std::string text;
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            if (counts_[i] > 0) {
                text.append(text.empty() ? "" : ", ").append(std::to_string(counts_[i])).append(" ");
                text.append(describe(static_cast<lines::LineFault>(i)));
            }
        }
        return text;
    }

private:
    std::array<std::uint64_t, lines::line_faults> counts_{};
    std::uint64_t all_ = 0;
};

class Push {
public:
    Push(const Options& options, Targets targets, std::vector<std::string> files)
        : options_{options}, files_{std::move(files)}, target_{targets.all().front().text()},
          host_{host_of(options.host)} {
        if (!options.dry_run) {
            const tickertape::push::TlsLayer tls = tls_for(targets, options.security);
            sink_ = make_sink(std::move(targets),
                              {.mps = options.mps,
                               .resend = options.resend,
                               .host = host_,
                               .sync = options.sync || options.no_sync ? std::optional{options.sync} : std::nullopt,
                               .credentials = credentials_of(options.security),
                               .tls = tls,
                               .spool = spool_options(options.spool, target_),
                               .go_on = [this] { return go_on(); }});
        }
    }

    int run() {
        for (const std::string& path : files_) {
            if (stop_.requested() || given_up_) {
                std::fprintf(stderr, "tickertape: %s was not read\n", base::quote(path).c_str());
                unread_ = true;
                continue;
            }
            read(path);
        }
        input_is_over_ = true;
        progress_ = Clock::now();
        const bool answered = !sink_ || sink_->finish();
        bar_.clear();
        return report(answered);
    }

private:
    void read(const std::string& path) {
        try {
            lines::LineInput input{path};
            input_is_over_ = input.size() > 0; // a pipe may take its time, and so may the target then
            bar_.begin(input.size(), lines_);
            while (!given_up_ && input.read([&](std::string_view line) { take(input, line); }, stop_.token())) {
                given_up_ = given_up_ || (sink_ && !(self_report_.add_to(*sink_) && sink_->send()));
                bar_.show(input.position(), lines_);
            }
            if (input.size() > 0 && (given_up_ || stop_.requested())) {
                bar_.clear();
                std::fprintf(stderr, "tickertape: %s was read up to line %llu only\n",
                             base::quote(input.name()).c_str(), static_cast<unsigned long long>(input.lines()));
                unread_ = true;
            }
        } catch (const std::system_error& error) {
            bar_.clear();
            std::fprintf(stderr, "tickertape: %s\n", printable(error.what()).c_str());
            unread_ = true;
        }
    }

    void take(const lines::LineInput& input, std::string_view raw) {
        if (given_up_) {
            return;
        }
        lines::PutLine line;
        lines::LineError error = read_put_line(raw, line);
        if (error.fault == lines::LineFault::none && !line.has_put && !line.has_host) {
            const auto tags = line.tag_count + (host_.empty() ? 0U : 1U);
            error.fault = tags == 0                        ? lines::LineFault::no_tags
                          : tags > max_tags                ? lines::LineFault::too_many_tags
                          : raw.size() + added_ > max_line ? lines::LineFault::too_long
                                                           : lines::LineFault::none;
        }
        if (error.fault == lines::LineFault::none && !input.line_has_end() && input.size() == 0) {
            error = {lines::LineFault::cut_off, raw}; // its last tag may be half of one
        }
        if (error.fault != lines::LineFault::none) {
            bar_.clear();
            bad_.add(input, error);
            return;
        }
        ++lines_;
        bytes_ += raw.size() + 1;
        given_up_ = sink_ && !sink_->add(line, raw);
    }

    /// Whether to wait on for the target.
    bool go_on() {
        const auto now = Clock::now();
        if (const std::uint64_t done = sink_->progress(); done != done_) {
            done_ = done;
            progress_ = now;
        }
        if (stop_.requested()) {
            stopped_ = stopped_ == Clock::time_point{} ? now : stopped_;
            return now - stopped_ < grace;
        }
        return !input_is_over_ || deadline_ == deadline_.zero() || now - progress_ < deadline_;
    }

    int report(bool answered) const;
    [[nodiscard]] std::string why_not(const Account& account) const;

    const Options& options_;
    const std::chrono::milliseconds deadline_ = duration_of("--deadline", options_.deadline); // 0: none
    std::vector<std::string> files_;
    std::string target_;
    std::string host_;
    const std::size_t added_ = std::string_view{"put  host="}.size() + host_.size(); // to a line in tcollector form
    std::unique_ptr<PushSink> sink_;                                                 // null in a dry run
    Stop& stop_ = Stop::process();
    SelfReport self_report_{duration_of("--self-metrics", options_.self_metrics), host_};
    BadLines bad_;
    terminal::Progress bar_;
    std::uint64_t lines_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t done_ = 0;
    Clock::time_point begun_ = Clock::now();
    Clock::time_point progress_ = begun_;
    Clock::time_point stopped_{};
    bool input_is_over_ = false;
    bool given_up_ = false;
    bool unread_ = false;
};

int Push::report(bool answered) const {
    const double seconds = std::max(1e-3, std::chrono::duration<double>(Clock::now() - begun_).count());
    const auto number = [](std::uint64_t n) { return std::to_string(n); };
    std::string text = number(lines_);
    text.append(lines_ == 1 ? " line" : " lines");
    if (!sink_) {
        text.append(" could be sent");
    } else {
        const Account account = sink_->account();
        text.append(": ").append(number(account.acked)).append(" acknowledged");
        text.append(", ").append(number(account.unconfirmed)).append(" unconfirmed");
        text.append(", ").append(number(account.all_rejected())).append(" rejected");
        text.append(", ").append(number(account.all_dropped())).append(" dropped");
        if (account.resent > 0) {
            text.append(", ").append(number(account.resent)).append(" sent twice");
        }
        if (const std::uint64_t again = sink_->status().tried_again; again > 0) {
            text.append(", ").append(number(again)).append(" tried again");
        }
        if (!options_.spool.directory.empty()) {
            text.append(", ").append(number(account.recovered)).append(" recovered, ");
            text.append(number(account.spooled)).append(" in the spool");
        }
    }
    if (bad_.all() > 0) {
        text.append("; ").append(number(bad_.all())).append(" unusable (").append(bad_.text()).append(")");
    }
    std::array<char, 96> rate{};
    std::snprintf(rate.data(), rate.size(), "; %.3g MB in %.3g s, %s", static_cast<double>(bytes_) / 1e6, seconds,
                  terminal::rate_text(static_cast<double>(lines_) / seconds).c_str());
    text.append(rate.data());
    if (!options_.quiet) {
        std::fprintf(stderr, "tickertape: %s\n", text.c_str());
    }
    if (!sink_) {
        return bad_.all() > 0 || unread_ ? some_lost : all_acked;
    }
    const Account account = sink_->account();
    for (std::size_t i = 0; i < reasons; ++i) {
        if (const auto reason = static_cast<Reason>(i); account.rejected[i] > 0) {
            const std::string example = sink_->example_of(reason);
            std::fprintf(stderr, "tickertape: %llu rejected: %s%s%s\n",
                         static_cast<unsigned long long>(account.rejected[i]), std::string{describe(reason)}.c_str(),
                         example.empty() ? "" : ", first: ", example.c_str());
        }
    }
    for (const PushStatus::Reply& reply : sink_->status().replies) {
        std::fprintf(stderr, "tickertape: the target replied %llu times %s, first: %s\n",
                     static_cast<unsigned long long>(reply.count), reply.kind.c_str(), reply.sample.c_str());
    }
    const bool takes_nothing = lines_ > 0 && account.acked + account.unconfirmed + account.spooled == 0;
    if (takes_nothing || !answered) {
        std::fprintf(stderr, "tickertape: given up: %s\n", why_not(account).c_str());
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

/// The target with the reason why it did not take all.
std::string Push::why_not(const Account& account) const {
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

int push(const Options& options) {
    std::vector<Target> targets;
    std::vector<std::string> files;
    sort_words(options.words, targets, files);
    Push command{options, Targets{std::move(targets)}, std::move(files)};
    const Stop::OnSignals signals{Stop::process(),
                                  Stop::SecondSignal::any}; // not before secrets and certificates are read
    const OutputGuard guard{{.outputs = {STDERR_FILENO}, .exit_code = some_lost}};
    return command.run();
}

} // namespace

void add_command(CLI::App& app, int& result) {
    CLI::App* const command = app.add_subcommand("push", "Send put lines to a server and report the fate of each.");
    command->footer(std::string{usage_notes});
    const auto options = std::make_shared<Options>();
    command->add_option("TARGET", options->words, "One or more targets, then files to read instead of standard input")
        ->required();
    command->add_option("--mps", options->mps, "Send at most NUMBER lines in any second; 0: no limit")
        ->type_name("NUMBER")
        ->capture_default_str();
    command
        ->add_option("--deadline", options->deadline,
                     "Give up when the target has acknowledged nothing for DURATION after the end of the input (with "
                     "files: at any time); 0: never")
        ->type_name("DURATION")
        ->capture_default_str();
    command
        ->add_option(
            "--host-tag", options->host,
            "Host tag for lines in tcollector form that have none: auto (this machine's name), none, or a name")
        ->type_name("NAME")
        ->capture_default_str();
    command->add_flag("--resend", options->resend,
                      "Send lines again that may have arrived when a connection broke; a VictoriaMetrics may then have "
                      "them twice");
    CLI::Option* const sync =
        command->add_flag("--sync", options->sync,
                          "Over HTTP, have the target answer after it has stored the points; the default for OpenTSDB");
    command->add_flag("--no-sync", options->no_sync, "Over HTTP, let the target answer before that")->excludes(sync);
    command->add_flag("--dry-run", options->dry_run, "Only check the lines; do not connect");
    command->add_flag("--quiet", options->quiet, "Print no account at the end");
    command
        ->add_option("--self-metrics", options->self_metrics,
                     "Send the account as tickertape.push.* every DURATION while lines come in; 0: never")
        ->type_name("DURATION")
        ->capture_default_str();
    add_flags(*command, options->security);
    add_flags(*command, options->spool);
    command->callback([options, &result] { result = push(*options); });
}

} // namespace tickertape::cli::push
