// SPDX-License-Identifier: MIT
// `tickertape lint`: finds the lines that a target would drop or change.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <tickertape/host_tag.hpp>
#include <tickertape/name.hpp>
#include <tickertape/stop.hpp>

#include "base/concat.hpp"
#include "base/quote.hpp"
#include "cli/commands.hpp"
#include "cli/lines/line_input.hpp"
#include "cli/lint/linter.hpp"
#include "cli/output_guard.hpp"
#include "cli/standard_output.hpp"
#include "cli/terminal/tee.hpp"

namespace tickertape::cli::lint {

namespace {

constexpr std::string_view usage_notes =
    R"(Names each line that the target would drop, merge, misdate or be stopped by: its
number, the rule, the effect and the remedy. The lines count as sent over one
connection, or as printed by one collector, one file after the other. Memory: up
to 250 bytes for each of --series.

Findings:
  note     Stored, with a small difference; shown with --notes
  altered  Stored, but changed, misdated, merged with another line, or late
  dropped  Not stored
  fatal    The target ends, or other lines are lost, too

Exit codes:
  0  No finding, or notes only
  1  The worst finding is 'altered'
  2  A flag or an argument is wrong, or lines could not be read or written
  3  The worst finding is 'dropped'
  4  The worst finding is 'fatal'

Examples:
  tickertape lint --target opentsdb lines.txt    Check the lines of a file
  tickertape lint --target opentsdb --rules      List the rules
  mycollector | tickertape lint --target tcollector --tee | tickertape watch
                            Check the lines of a collector while they pass)";
constexpr int no_access = 2;
constexpr std::chrono::milliseconds patience{3'000}; // how long the outputs may accept nothing after a stop
constexpr std::chrono::milliseconds tee_patience = terminal::Tee::after_stop + patience; // --tee has a limit of its own
constexpr std::chrono::milliseconds between_looks{100}; // between two checks of standard output after a stop

struct Options {
    std::string target{};
    std::vector<std::string> files{};
    std::vector<std::string> ignored{};
    std::string host{};
    std::optional<std::int64_t> now{};
    std::size_t max = 10;
    std::size_t series = LinterOptions{}.series;
    bool notes = false;
    bool rules = false;
    bool tee = false;
};

int exit_code_of(std::optional<Harm> worst) noexcept {
    constexpr std::array codes{0, 1, 3, 4};
    return worst ? codes[static_cast<std::size_t>(*worst)] : 0;
}

FaultSet ignored_of(const Options& options, Target target) {
    FaultSet ignored;
    for (const std::string& name : options.ignored) {
        bool found = false;
        for (const Rule& rule : lint::rules_of(target)) {
            if (name_of(rule.fault) == name) {
                ignored.add(rule.fault);
                found = true;
            }
        }
        if (!found) {
            throw UsageError{base::concat("--ignore ", base::quote(name), " is no rule of ", name_of(target),
                                          "; --rules lists them")};
        }
    }
    return ignored;
}

void print_rules(Target target) {
    for (const Rule& rule : lint::rules_of(target)) {
        std::printf("%-18s %-8s %s\n%27s[%s]\n", std::string{name_of(rule.fault)}.c_str(),
                    std::string{name_of(rule.harm)}.c_str(), sentence(rule, "...").c_str(), "",
                    std::string{rule.source}.c_str());
    }
}

class Lint {
public:
    Lint(const Options& options, Target target)
        : options_{options}, linter_{{.target = target,
                                      .host = options.host.empty() ? HostTag::automatic().resolve() : options.host,
                                      .series = options.series,
                                      .ignored = ignored_of(options, target)}},
          findings_to_{options.tee ? stderr : stdout} {
        if (options.tee) {
            tee_.emplace();
        }
    }

    int run() {
        {
            const Stop::OnSignals signals{Stop::process(), Stop::SecondSignal::any};
            const OutputGuard guard{{.outputs = {STDOUT_FILENO, STDERR_FILENO},
                                     .exit_code = no_access,
                                     .patience = tee_ ? tee_patience : patience}};
            const std::vector<std::string> standard_input{"-"};
            for (const std::string& path : options_.files.empty() ? standard_input : options_.files) {
                if (!Stop::process().requested() && written_) {
                    read(path);
                }
            }
        } // from here on, Ctrl-C ends the process
        summarize();
        flush();
        return unreadable_ || !written_ ? no_access : exit_code_of(linter_.worst());
    }

private:
    void read(const std::string& path) {
        try {
            lines::LineInput input{path};
            if (tee_) {
                input.go_on_after_stop(terminal::Tee::after_stop);
                input.pass_bytes_to([this, &input, &tee = *tee_](std::string_view bytes) { pass(tee, bytes, input); });
            }
            bool more = true;
            while (more && written_) {
                now_ = options_.now.value_or(std::chrono::duration_cast<std::chrono::seconds>(
                                                 std::chrono::system_clock::now().time_since_epoch())
                                                 .count());
                more = input.read([&](std::string_view line) { take(line, input); }, Stop::process().token());
                flush(); // before it waits for more input
            }
        } catch (const std::system_error& error) {
            std::fprintf(stderr, "tickertape: %s\n", error.what());
            unreadable_ = true;
        }
    }

    /// Waits until standard output has accepted all bytes. So a slow reader slows down the writer.
    void pass(terminal::Tee& tee, std::string_view bytes, lines::LineInput& input) {
        try {
            tee.pass(bytes);
            while (!tee.is_empty() && !tee.is_closed() && !input.is_stopped(Stop::process().token())) {
                tee.write(between_looks);
            }
            if (!tee.is_empty()) {
                // Message: standard output: it did not take all that was read: lines are missing there
                // Cause: The program behind --tee was too slow when the command was stopped.
                // Remedy: Check the program that reads.
                std::fprintf(stderr, "tickertape: %s\n",
                             tee.is_closed()
                                 ? std::string{tickertape::describe(Stop::Reason::output_closed)}.c_str()
                                 : "standard output: it did not take all that was read: lines are missing there");
                written_ = false;
            }
        } catch (const std::system_error& error) {
            std::fprintf(stderr, "tickertape: %s\n", error.what());
            written_ = false;
        }
    }

    void flush() { written_ = written_ && flush_stdout(); } // reports a failure once

    void take(std::string_view line, const lines::LineInput& input) {
        for (const Finding& finding : linter_.add(line, input.line_has_end(), now_)) {
            const Fault fault = finding.rule->fault;
            if ((finding.rule->harm == Harm::note && !options_.notes) ||
                (options_.max > 0 && linter_.count(fault) > options_.max)) {
                continue;
            }
            std::fprintf(findings_to_, "%s:%llu: %s: %s\n", input.name().c_str(),
                         static_cast<unsigned long long>(input.lines()), std::string{name_of(fault)}.c_str(),
                         finding.sentence().c_str());
        }
    }

    void summarize() const {
        std::string text = base::concat(linter_.lines(), linter_.lines() == 1 ? " line, " : " lines, ",
                                        linter_.findings() == 0 ? "no" : std::to_string(linter_.findings()),
                                        linter_.findings() == 1 ? " finding" : " findings");
        std::string_view between = ": ";
        for (std::size_t i = 0; i < fault_count; ++i) {
            const auto fault = static_cast<Fault>(i);
            if (linter_.count(fault) > 0) {
                text.append(between).append(std::to_string(linter_.count(fault))).append(" ").append(name_of(fault));
                between = ", ";
            }
        }
        if (const std::optional<Harm> worst = linter_.worst()) {
            text.append("; the worst is ").append(name_of(*worst));
        }
        std::fprintf(stderr, "tickertape: %s\n", text.c_str());
        if (linter_.forgotten() > 0) {
            // Message: lines: NUMBER series were forgotten (--series NUMBER): findings across their lines may be
            //   missing
            // Cause: The input has more series than --series allows.
            // Remedy: Raise --series; a series takes up to 250 bytes.
            std::fprintf(
                stderr,
                "tickertape: lines: %llu series were forgotten (--series %zu): findings across their lines may "
                "be missing\n",
                static_cast<unsigned long long>(linter_.forgotten()), options_.series);
        }
        if (linter_.unchecked() > 0) {
            // Message: lines: NUMBER are older than the newest NUMBER of their series: not checked for repeated
            //   timestamps
            // Cause: The input is far out of order.
            // Remedy: Sort the lines by time, and check again.
            std::fprintf(
                stderr,
                "tickertape: lines: %llu are older than the newest %zu of their series: not checked for repeated "
                "timestamps\n",
                static_cast<unsigned long long>(linter_.unchecked()), StoreHistory::remembered);
        }
    }

    const Options& options_;
    Linter linter_;
    std::FILE* findings_to_;
    std::optional<terminal::Tee> tee_;
    std::int64_t now_ = 0;
    bool unreadable_ = false;
    bool written_ = true;
};

} // namespace

void add_command(CLI::App& app, int& result) {
    CLI::App* const command = app.add_subcommand("lint", "Check lines against the rules of tcollector or a server.");
    command->footer(std::string{usage_notes});
    const auto options = std::make_shared<Options>();
    command->add_option("FILE", options->files, "Files to read instead of standard input; - is standard input");
    const auto add = [command](const char* name, auto& target, const char* kind, const char* help) {
        return command->add_option(name, target, help)->type_name(kind);
    };
    add("--target", options->target, "tcollector|opentsdb|victoriametrics|influxdb", "Reader of the lines; required")
        ->required()
        ->check(CLI::IsMember({"tcollector", "opentsdb", "victoriametrics", "influxdb"}));
    command->add_flag("--rules", options->rules, "List the rules of the target, with harm, remedy and source, and end");
    add("--ignore", options->ignored, "RULE", "Do not apply this rule; may be repeated")->allow_extra_args(false);
    add("--max", options->max, "NUMBER", "Show the first NUMBER findings of a rule; 0: all")->capture_default_str();
    command->add_flag("--notes", options->notes, "Show notes, too");
    command->add_flag("--tee", options->tee, "Copy the input to standard output; findings go to standard error");
    add("--host", options->host, "NAME", "Host tag that tcollector adds; if not set, this machine's name");
    add("--now", options->now, "SECONDS", "Present time, in seconds since 1970; if not set, the clock's");
    add("--series", options->series, "NUMBER", "Remember at most NUMBER series")
        ->capture_default_str()
        ->check(CLI::Range(std::size_t{2}, std::size_t{100'000'000}));
    command->callback([options, &result] {
        const Target target = target_named(options->target).value();
        if (options->rules) {
            print_rules(target);
            result = flush_stdout() ? 0 : no_access;
            return;
        }
        result = Lint{*options, target}.run();
    });
}

} // namespace tickertape::cli::lint
