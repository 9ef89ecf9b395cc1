// SPDX-License-Identifier: MIT
// `tickertape burst`: the bursts in lines.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <tickertape/name.hpp>
#include <tickertape/stop.hpp>

#include "base/concat.hpp"
#include "cli/burst/html.hpp"
#include "cli/burst/input.hpp"
#include "cli/burst/measures.hpp"
#include "cli/burst/output.hpp"
#include "cli/burst/series.hpp"
#include "cli/commands.hpp"
#include "cli/duration.hpp"
#include "cli/lines/line_input.hpp"
#include "cli/lines/line_store.hpp"
#include "cli/output_guard.hpp"
#include "cli/page/atomic_file.hpp"
#include "cli/page/text.hpp"
#include "cli/standard_output.hpp"
#include "cli/terminal/progress.hpp"
#include "cli/terminal/terminal.hpp"

namespace tickertape::cli::burst {

namespace {

using std::chrono::milliseconds;

constexpr std::string_view introduction =
    "Reads put lines, or lines in tcollector form, from the files or from standard input to its end (or Ctrl-C), and\n"
    "reports on each series, the burstiest first. How to read the report:\n\n";
constexpr std::string_view usage_notes =
    "\nValues are taken as amounts per bucket. A measure without enough data is n/a; a gap is never a zero.\n"
    "Memory: --memory for the input, and beside it up to 150 bytes a bucket of the series being analysed.\n"
    "Exit codes: 0 done, 1 lines or files could not be used, or not all be written, 2 bad usage.";
constexpr std::size_t usual_top = 10;

struct Options {
    std::vector<std::string> files{};
    std::string granularity{};
    std::string dedup = "300s";
    std::string last = "0";
    std::string by{};
    std::string metric{};
    std::optional<double> capacity{};
    std::optional<double> service_rate{};
    std::optional<double> hi{};
    std::optional<double> lo{};
    std::size_t join = 0;
    std::size_t memory_mib = 512;
    std::size_t top = usual_top;
    std::size_t columns = 0;
    bool json = false;
    std::string html{};
    bool no_pictures = false;
    bool ascii = false;
    std::string colour = "auto";
};

tickertape::burst::Options measures_of(const Options& options) {
    return {.capacity = options.capacity,
            .service_rate = options.service_rate,
            .hi = options.hi,
            .lo = options.lo,
            .join = options.join};
}

class Burst {
public:
    explicit Burst(const Options& options)
        : options_{options}, measures_{measures_of(options)}, store_{{.memory = options.memory_mib << 20U,
                                                                      .last = duration_of("--last", options.last),
                                                                      .metric = options.metric,
                                                                      .metric_beside = std::string{smeared_metric}}} {
        how_.dedup = duration_of("--dedup", options.dedup);
        if (!options.granularity.empty()) {
            how_.granularity = duration_of("--granularity", options.granularity);
            if (how_.granularity->count() == 0 || *how_.granularity > lines::longest_step) {
                throw UsageError{"--granularity is the length of a bucket: above 0, and 1000 days at most"};
            }
        }
        if (!options.by.empty()) {
            how_.by = options.by;
        }
        // What the measures refuse is refused before anything is read.
        static_cast<void>(tickertape::burst::analyse(checked_on(), measures_));
        if (!options.html.empty()) {
            refuse_to_replace_input();
            page_.emplace(options.html);
        }
    }

    int run() {
        {
            const Stop::OnSignals signals{Stop::process(), Stop::SecondSignal::any};
            // At a terminal a person may page through the report, and can ask again.
            const OutputGuard guard{{.outputs = isatty(STDERR_FILENO) == 1
                                                    ? std::vector<int>{}
                                                    : std::vector<int>{STDOUT_FILENO, STDERR_FILENO}}};
            for (const std::string& path : options_.files) {
                if (!Stop::process().requested()) {
                    read(path);
                }
            }
        } // from here on, Ctrl-C ends it
        store_.finish();
        report();
        const bool written = flush_stdout();
        return failed_ || unusable() > 0 || !written ? 1 : 0;
    }

private:
    static tickertape::burst::Samples<double> checked_on() {
        tickertape::burst::Samples<double> samples{std::chrono::seconds{1}};
        samples.push(WallTime{}, 1.0);
        return samples;
    }

    void refuse_to_replace_input() const {
        for (const std::string& path : options_.files) {
            std::error_code ignored; // a file that is not there is none of the input
            if (path != "-" && std::filesystem::equivalent(path, options_.html, ignored)) {
                throw UsageError{base::concat("--html '", options_.html, "' would take the place of the input")};
            }
        }
    }

    void read(const std::string& path) {
        try {
            lines::LineInput input{path};
            bar_.begin(input.size(), store_.lines());
            while (input.read([this](std::string_view line) { store_.add(line); }, Stop::process().token())) {
                bar_.show(input.position(), store_.lines());
            }
            bar_.clear();
        } catch (const std::system_error& error) {
            bar_.clear();
            std::fprintf(stderr, "tickertape: %s\n", error.what());
            failed_ = true;
        }
    }

    [[nodiscard]] std::uint64_t unusable() const {
        std::uint64_t all = 0;
        for (const std::uint64_t count : store_.faults()) {
            all += count;
        }
        return all;
    }

    [[nodiscard]] std::size_t shown(std::size_t all) const {
        return options_.top == 0 ? all : std::min(options_.top, all);
    }

    void report() {
        const std::vector<Subject> subjects = subjects_of(store_, how_);
        const BurstInput input{.store = store_, .dedup = how_.dedup, .sources = options_.files};
        const terminal::Style style = terminal::style_of_stdout(options_.columns, options_.colour == "always",
                                                                options_.ascii || options_.colour == "never");
        print_head(input, style);
        if (page_) {
            write_page(html_head(input, subjects, shown(subjects.size())));
        }
        for (std::size_t i = 0; i < shown(subjects.size()) && (page_ || std::ferror(stdout) == 0); ++i) {
            const SubjectSamples made = samples_of(subjects[i], store_, how_);
            const SubjectReport about{subjects[i], made, measures_};
            if (options_.json) {
                std::fprintf(stdout, "%s\n%s", i > 0 ? "," : "", json_report(about).c_str());
            } else {
                std::fprintf(stdout, "\n%s", text_report(about, style, !options_.no_pictures).c_str());
            }
            if (page_) {
                const Subject* const max = maxima_of(subjects[i], subjects);
                const auto maxima = max != nullptr ? std::optional{samples_of(*max, store_, how_)} : std::nullopt;
                write_page(html_report(about, i, maxima ? &maxima->samples : nullptr));
            }
        }
        if (options_.json) {
            std::fputs("]}\n", stdout);
        } else if (shown(subjects.size()) < subjects.size()) {
            std::fprintf(stdout, "\n%zu more series: --top 0\n", subjects.size() - shown(subjects.size()));
        }
        if (page_) {
            write_page(html_foot(input));
        }
        with_page([](page::AtomicFile& page) { page.commit(); });
    }

    void print_head(const BurstInput& input, const terminal::Style& style) const {
        if (options_.json) {
            std::fprintf(stdout, R"({"input":%s,"reports":[)", json_input(input).c_str());
            return;
        }
        std::string head;
        terminal::append_wrapped(head, account_of(input), 0, style.columns);
        terminal::append_wrapped(head, {dedup_note(input)}, 0, style.columns);
        std::fputs(head.c_str(), stdout);
    }

    /// f(page), if there is one and it could be written so far.
    template <class F>
    void with_page(F&& f) {
        if (!page_) {
            return;
        }
        try {
            f(*page_);
        } catch (const std::system_error& error) {
            std::fprintf(stderr, "tickertape: %s\n", error.what());
            failed_ = true;
            page_.reset();
        }
    }
    void write_page(const std::string& markup) {
        with_page([&](page::AtomicFile& page) { page.write(markup); });
    }

    const Options& options_;
    tickertape::burst::Options measures_;
    lines::LineStore store_;
    SubjectOptions how_;
    terminal::Progress bar_;
    std::optional<page::AtomicFile> page_;
    bool failed_ = false; // a file could not be read, or the page not be written
};

std::string notes() {
    constexpr std::size_t width = 13;
    std::string text{introduction};
    for (const Measure& measure : measures) {
        text.append("  ").append(measure.name).append(width - measure.name.size(), ' ').append(measure.meaning);
        text.append("\n");
    }
    return text.append(usage_notes);
}

} // namespace

void add_command(CLI::App& app, int& result) {
    CLI::App* const command = app.add_subcommand("burst", "Shows the bursts in put lines: figures and pictures.");
    command->footer(notes());
    const auto options = std::make_shared<Options>();
    command->add_option("FILE", options->files, "files to read instead of standard input; - is standard input");
    command->add_option(
        "--granularity", options->granularity,
        "the length of a bucket (100ms, 1s); by default the smallest distance of two stamps of the series");
    command->add_option("--dedup", options->dedup, "what the input was deduped with; 0: it was not")
        ->capture_default_str();
    command->add_option("--last", options->last, "only so much time before the newest stamp (10m); 0: all")
        ->capture_default_str();
    command->add_option("--metric", options->metric, "only metrics that match this pattern, with * and ?");
    command->add_option("--by", options->by, "sum up the series of a metric that have the same value of this tag");
    command->add_option("--capacity", options->capacity, "what can be handled per second: bursts begin at half of it");
    command->add_option("--service-rate", options->service_rate, "what is served per second, for the queue needed");
    command->add_option("--hi", options->hi, "a burst begins at this value of a bucket; by default 4 times the median");
    command->add_option("--lo", options->lo, "and ends below this one; by default half of --hi");
    command->add_option("--join", options->join, "bursts with at most so many buckets between them are one")
        ->capture_default_str();
    command->add_option("--top", options->top, "report on the so many burstiest series; 0: on all")
        ->capture_default_str();
    command->add_option("--memory", options->memory_mib, "MiB for the input; beyond it the older half of the time goes")
        ->capture_default_str()
        ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 20U));
    command->add_flag("--json", options->json, "the same figures as JSON");
    command->add_option("--html", options->html,
                        "the report as a page for browsers, too: this file, figures and pictures");
    command->add_flag("--no-pictures", options->no_pictures, "figures only");
    command->add_flag("--ascii", options->ascii, "plain ASCII, no colours, as without a terminal and with NO_COLOR");
    command->add_option("--color", options->colour, "auto, always or never")
        ->capture_default_str()
        ->check(CLI::IsMember({"auto", "always", "never"}));
    command->add_option("--columns", options->columns, "the width of the report; 0: that of the terminal, at least 40")
        ->capture_default_str();
    command->callback([options, &result] {
        if (options->files.empty()) {
            options->files.emplace_back("-");
        }
        result = Burst{*options}.run();
    });
}

} // namespace tickertape::cli::burst
