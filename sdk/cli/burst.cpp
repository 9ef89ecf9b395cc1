// SPDX-License-Identifier: MIT
// `tickertape burst`: the bursts in lines.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <tickertape/name.hpp>
#include <tickertape/stop.hpp>

#include "burst/line_store.hpp"
#include "burst_output.hpp"
#include "burst_series.hpp"
#include "burst_text.hpp"
#include "commands.hpp"
#include "line_input.hpp"
#include "progress.hpp"
#include "terminal.hpp"

namespace tickertape::cli {

namespace {

using std::chrono::milliseconds;

constexpr std::string_view usage_notes =
    "Reads put lines, or lines in tcollector form, from the files or from standard input to its end (or Ctrl-C), and\n"
    "reports on each series, the burstiest first. How to read the report:\n\n"
    "  burstiness   relative variance beyond that of independent events: 0 is chance, 99 is on for 1 % of the time\n"
    "  peak/mean    the highest block of that length, as a multiple of the mean: what a coarser graph hides\n"
    "  dispersion   of counts, variance / mean of blocks: 0 constant, 1 independent events, growing: bursts cluster\n"
    "  variation    of readings, variance / mean^2 of blocks\n"
    "  bursts       from the first bucket of at least hi to the first below lo; + may have been longer\n"
    "  clustering   how much likelier a hot bucket is behind a hot one than behind a cold one: 1 is no memory\n"
    "  queue needed the longest backlog if so much is served per second: how large a buffer has to be\n"
    "  volume in    the smallest share of the buckets that holds half, and 90 %, of everything\n"
    "  periods      lags at which the series repeats, with the correlation: timers, quotas, cron\n\n"
    "Values are taken as amounts per bucket. A measure without enough data is n/a; a gap is never a zero.\n"
    "Memory: --memory for the input, and beside it up to 150 bytes a bucket of the series being analysed.\n"
    "Exit codes: 0 done, 1 lines or files could not be used, 2 bad usage.";
constexpr std::size_t usual_top = 10;
constexpr std::string_view smeared_metric = "tickertape.buckets.smeared";

struct Options {
    std::vector<std::string> files{};
    std::string granularity{};
    std::string dedup = "300s";
    std::string last = "0";
    std::string by{};
    std::string metric{};
    double capacity = 0;
    double service_rate = -1;
    std::optional<double> hi{};
    std::optional<double> lo{};
    std::size_t join = 0;
    std::size_t memory_mib = 512;
    std::size_t top = usual_top;
    std::size_t columns = 0;
    bool json = false;
    bool no_pictures = false;
    bool ascii = false;
    std::string colour = "auto";
};

/// `10m`, `300`, `100ms`: a number, of seconds unless a unit is named.
milliseconds duration_of(std::string_view flag, std::string_view text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view unit{end, static_cast<std::size_t>(text.data() + text.size() - end)};
    const std::map<std::string_view, double> units{{"ms", 1},  {"", 1e3},   {"s", 1e3},
                                                   {"m", 6e4}, {"h", 36e5}, {"d", 864e5}};
    const auto found = units.find(unit);
    const double ms = found != units.end() ? number * found->second : -1;
    constexpr double most = 1e12;
    if (error != std::errc{} || found == units.end() || !(ms >= 0) || ms > most || (ms > 0 && ms < 1)) {
        throw UsageError{
            std::string{flag}.append(" '").append(text).append("' is no length of time; say 100ms, 300s or 10m")};
    }
    return milliseconds{static_cast<std::int64_t>(ms)};
}

burst::Options measures_of(const Options& options) {
    burst::Options measures{.hi = options.hi, .lo = options.lo, .join = options.join};
    if (options.capacity != 0) {
        measures.capacity = options.capacity;
    }
    if (options.service_rate >= 0) {
        measures.service_rate = options.service_rate;
    }
    return measures;
}

class Burst {
public:
    explicit Burst(const Options& options)
        : options_{options}, measures_{measures_of(options)}, store_{{.memory = options.memory_mib << 20U,
                                                                      .last = duration_of("--last", options.last),
                                                                      .metric = options.metric}} {
        how_.dedup = duration_of("--dedup", options.dedup);
        if (!options.granularity.empty()) {
            how_.granularity = duration_of("--granularity", options.granularity);
            if (how_.granularity->count() == 0) {
                throw UsageError{"--granularity is the length of a bucket, so above 0"};
            }
        }
        if (!options.by.empty()) {
            how_.by = options.by;
        }
        // What the measures refuse is refused before anything is read.
        static_cast<void>(burst::analyse(checked_on(), measures_));
    }

    int run() {
        {
            const StopOnSignals signals;
            const std::vector<std::string> standard_input{"-"};
            for (const std::string& path : options_.files.empty() ? standard_input : options_.files) {
                if (!Stop::process().requested()) {
                    read(path);
                }
            }
        } // from here on, Ctrl-C ends it
        store_.finish();
        const std::vector<Subject> subjects = subjects_of(store_, how_);
        options_.json ? print_json(subjects) : print_text(subjects);
        std::fflush(stdout);
        return unreadable_ || unusable() > 0 || std::ferror(stdout) != 0 ? 1 : 0;
    }

private:
    static burst::Samples<double> checked_on() {
        burst::Samples<double> samples{std::chrono::seconds{1}};
        samples.push(WallTime{}, 1.0);
        return samples;
    }

    void read(const std::string& path) {
        try {
            LineInput input{path};
            bar_.begin(input.size(), store_.lines());
            while (input.read([this](std::string_view line) { store_.add(line); }, Stop::process().token())) {
                bar_.show(input.position(), store_.lines());
            }
            bar_.clear();
        } catch (const std::system_error& error) {
            bar_.clear();
            std::fprintf(stderr, "tickertape: %s\n", error.what());
            unreadable_ = true;
        }
    }

    [[nodiscard]] std::uint64_t unusable() const {
        std::uint64_t all = 0;
        for (const std::uint64_t count : store_.faults()) {
            all += count;
        }
        return all;
    }

    /// What was read, and what could not be used, in words.
    [[nodiscard]] std::vector<std::string> account(std::size_t series) {
        std::vector<std::string> words{std::to_string(store_.lines()).append(" lines"),
                                       std::to_string(series).append(" series")};
        if (store_.not_asked_for() > 0) {
            words.push_back(std::to_string(store_.not_asked_for()).append(" not matched by --metric"));
        }
        for (std::size_t i = 0; i < store_.faults().size(); ++i) {
            if (store_.faults()[i] > 0) {
                words.push_back(std::to_string(store_.faults()[i]).append(" unusable: "));
                words.back().append(describe(static_cast<detail::LineFault>(i)));
            }
        }
        if (store_.forgotten() > 0) {
            words.push_back(std::to_string(store_.forgotten()).append(" forgotten (--memory): what is older than "));
            words.back().append(clock_text(WallTime{milliseconds{store_.kept_since()}}, false));
        }
        if (store_.without_room() > 0) {
            words.push_back(std::to_string(store_.without_room()).append(" without room (--memory)"));
        }
        for (const burst::StoredSeries& one : store_.series()) {
            const double smeared = one.readings.back().number() - one.readings.front().number();
            if (one.metric == smeared_metric && smeared > 0) {
                words.push_back(
                    short_text(smeared).append(" buckets of ").append(one.tags).append(" smeared: shares of"));
                words.emplace_back("what was counted while its ticks were late");
            }
        }
        return words;
    }

    [[nodiscard]] std::size_t shown(std::size_t all) const {
        return options_.top == 0 ? all : std::min(options_.top, all);
    }

    void print_text(const std::vector<Subject>& subjects) {
        const Style style = style_of_stdout(options_.columns, options_.colour == "always",
                                            options_.ascii || options_.colour == "never");
        std::string head;
        append_wrapped(head, account(store_.series().size()), 0, style.columns);
        if (how_.dedup.count() > 0) {
            append_wrapped(head,
                           {"Equal neighbours of a series up to", length_text(how_.dedup),
                            "apart count as held back by dedup and are filled in;", "--dedup 0 takes them for gaps."},
                           0, style.columns, " ");
        }
        std::fputs(head.c_str(), stdout);
        for (std::size_t i = 0; i < shown(subjects.size()) && std::ferror(stdout) == 0; ++i) {
            const SubjectSamples made = samples_of(subjects[i], store_, how_);
            std::fprintf(stdout, "\n%s",
                         text_report({subjects[i], made, measures_}, style, !options_.no_pictures).c_str());
        }
        if (shown(subjects.size()) < subjects.size()) {
            std::fprintf(stdout, "\n%zu more series: --top 0\n", subjects.size() - shown(subjects.size()));
        }
    }

    void print_json(const std::vector<Subject>& subjects) {
        JsonWriter head;
        head.begin_object().key("input").begin_object();
        head.field("lines", std::size_t{store_.lines()}).field("used", std::size_t{store_.used()});
        head.field("not_asked_for", std::size_t{store_.not_asked_for()});
        head.field("forgotten", std::size_t{store_.forgotten()})
            .field("without_room", std::size_t{store_.without_room()});
        head.field("series", store_.series().size()).field("dedup_ms", static_cast<std::int64_t>(how_.dedup.count()));
        head.key("unusable").begin_object();
        for (std::size_t i = 1; i < store_.faults().size(); ++i) {
            if (store_.faults()[i] > 0) {
                head.field(describe(static_cast<detail::LineFault>(i)), std::size_t{store_.faults()[i]});
            }
        }
        head.end_object().end_object();
        std::fprintf(stdout, "%s,\"reports\":[", head.result().c_str());
        for (std::size_t i = 0; i < shown(subjects.size()) && std::ferror(stdout) == 0; ++i) {
            const SubjectSamples made = samples_of(subjects[i], store_, how_);
            std::fprintf(stdout, "%s\n%s", i > 0 ? "," : "", json_report({subjects[i], made, measures_}).c_str());
        }
        std::fputs("]}\n", stdout);
    }

    const Options& options_;
    burst::Options measures_;
    burst::LineStore store_;
    SubjectOptions how_;
    Progress bar_;
    bool unreadable_ = false;
};

} // namespace

void add_burst(CLI::App& app, int& result) {
    CLI::App* const command = app.add_subcommand("burst", "Shows the bursts in put lines: figures and pictures.");
    command->footer(std::string{usage_notes});
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
    command->add_option("--capacity", options->capacity, "what can be handled per second: bursts begin at half of it")
        ->check(CLI::PositiveNumber);
    command->add_option("--service-rate", options->service_rate, "what is served per second, for the queue needed")
        ->check(CLI::NonNegativeNumber);
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
    command->add_flag("--no-pictures", options->no_pictures, "figures only");
    command->add_flag("--ascii", options->ascii, "plain ASCII, no colours, as without a terminal and with NO_COLOR");
    command->add_option("--color", options->colour, "auto, always or never")
        ->capture_default_str()
        ->check(CLI::IsMember({"auto", "always", "never"}));
    command->add_option("--columns", options->columns, "the width of the report; 0: that of the terminal, at least 40")
        ->capture_default_str();
    command->callback([options, &result] { result = Burst{*options}.run(); });
}

} // namespace tickertape::cli
