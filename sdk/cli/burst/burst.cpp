// SPDX-License-Identifier: MIT
// `tickertape burst`: analyses the bursts in put lines.
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
#include "base/help_text.hpp"
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
    R"(Reads put lines, or lines in tcollector form, from the files or from standard
input until its end or Ctrl-C. Reports on each series, the burstiest first.

Values count as amounts per bucket. A measure without enough data is n/a. A gap
is never a zero. Memory: --memory for the input, and up to 150 bytes per bucket
of the series being analysed.

Report:
)";
constexpr std::string_view usage_notes = R"(
Exit codes:
  0  Done
  1  Lines or files could not be used, or the report could not be written
  2  A flag or an argument is wrong

Examples:
  tickertape burst lines.txt              Report on the lines of a file
  tickertape burst --last 10m --html bursts.html lines.txt
                            Write a page with pictures of the last ten minutes
  timeout 60 sarcpu | tickertape burst    Report on a minute of a collector)";
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
        // Refuses wrong options for the measures before it reads input.
        static_cast<void>(tickertape::burst::analyse(checked_on(), measures_));
        if (!options.html.empty()) {
            refuse_to_replace_input();
            page_.emplace(options.html);
        }
    }

    int run() {
        {
            const Stop::OnSignals signals{Stop::process(), Stop::SecondSignal::any};
            // At a terminal a person may page through the report, and can press Ctrl-C again.
            const OutputGuard guard{{.outputs = isatty(STDERR_FILENO) == 1
                                                    ? std::vector<int>{}
                                                    : std::vector<int>{STDOUT_FILENO, STDERR_FILENO}}};
            for (const std::string& path : options_.files) {
                if (!Stop::process().requested()) {
                    read(path);
                }
            }
        } // from here on, Ctrl-C ends the process
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
            std::error_code ignored; // if the file does not exist, it is not the input
            if (path != "-" && std::filesystem::equivalent(path, options_.html, ignored)) {
                throw UsageError{base::concat("--html '", options_.html, "' would overwrite the input")};
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

    /// Calls f(page) if there is a page and no write has failed.
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
    bool failed_ = false; // a file could not be read, or the page could not be written
};

std::string notes() {
    std::string text{introduction};
    for (const Measure& measure : measures) {
        base::append_help_entry(text, measure.name, measure.meaning);
    }
    return text.append(usage_notes);
}

} // namespace

void add_command(CLI::App& app, int& result) {
    CLI::App* const command = app.add_subcommand("burst", "Show the bursts in put lines: figures and pictures.");
    command->footer(notes());
    const auto options = std::make_shared<Options>();
    command->add_option("FILE", options->files, "Files to read instead of standard input; - is standard input");
    const auto add = [command](const char* name, auto& target, const char* kind, const char* help) {
        return command->add_option(name, target, help)->type_name(kind)->capture_default_str();
    };
    add("--granularity", options->granularity, "DURATION",
        "Length of a bucket, as in 100ms; if not set, the smallest distance of two timestamps of the series");
    add("--dedup", options->dedup, "DURATION", "The --dedup that the collectors ran with; 0: none");
    add("--last", options->last, "DURATION", "Only this long before the newest timestamp; 0: all");
    add("--metric", options->metric, "PATTERN", "Only metrics that match PATTERN, with * and ?");
    add("--by", options->by, "TAG", "Add up the series of a metric that have the same value of TAG");
    add("--top", options->top, "NUMBER", "Report on the NUMBER burstiest series; 0: on all");
    add("--memory", options->memory_mib, "MIB", "Memory for the input in MiB; beyond it the older half is dropped")
        ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 20U));
    const auto bursts = [&add](const char* name, auto& target, const char* kind, const char* help) {
        add(name, target, kind, help)->group("Bursts");
    };
    bursts("--capacity", options->capacity, "RATE",
           "Amount that can be handled per second; bursts begin at half of it");
    bursts("--service-rate", options->service_rate, "RATE", "Amount served per second, to compute the queue needed");
    bursts("--hi", options->hi, "VALUE", "A burst begins at this value of a bucket; if not set, 4 times the median");
    bursts("--lo", options->lo, "VALUE", "A burst ends below this value; if not set, half of --hi");
    bursts("--join", options->join, "NUMBER", "Bursts at most NUMBER buckets apart count as one");
    const auto flag = [command](const char* name, bool& target, const char* help) {
        command->add_flag(name, target, help)->group("Output");
    };
    flag("--json", options->json, "Write the same figures as JSON");
    add("--html", options->html, "FILE", "Also write the report as a web page with pictures")->group("Output");
    flag("--no-pictures", options->no_pictures, "Write figures only");
    flag("--ascii", options->ascii, "Use plain ASCII without colours, the default without a terminal");
    add("--color", options->colour, "auto|always|never", "Use colours")
        ->check(CLI::IsMember({"auto", "always", "never"}))
        ->group("Output");
    add("--columns", options->columns, "NUMBER", "Width of the report, at least 40; 0: that of the terminal")
        ->group("Output");
    command->callback([options, &result] {
        if (options->files.empty()) {
            options->files.emplace_back("-");
        }
        result = Burst{*options}.run();
    });
}

} // namespace tickertape::cli::burst
