// SPDX-License-Identifier: MIT
// `tickertape watch`: one row for each series, updated as lines come.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <chrono>
#include <memory>
#include <string>

#include <tickertape/name.hpp>

#include "cli/commands.hpp"
#include "cli/duration.hpp"
#include "cli/watch/loop.hpp"

namespace tickertape::cli::watch {

namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr std::string_view usage_notes =
    R"(Reads put lines, or lines in tcollector form, and shows the newest value of each
series. A bucket is as long as the smallest distance of two of the latest
timestamps of its series, or --granularity. Missing buckets are a gap: dots (x
in ASCII). A line (~) stands for values that have not come yet: they are held
back by dedup, or are in the collector until its next dump. The header has the
lines per second of the last ten seconds.

Memory: at most 24 bytes times --cells times --max-series (144 MB), and about
1 kB per series for names; twice that while the picture is paused.

Columns:
  SERIES    Metric and tags, without a host tag that all series share
  NEWEST    Value with the newest timestamp
  CHANGE/s  Difference of the newest two values per second: of a total, its rate
  PEAK      Highest value in the picture
  P/MEAN    PEAK as a multiple of the mean in the picture
  GAPS      Number of gaps since the start
  picture   A column is the maximum of its buckets; the newest is on the right

Keys:
  q       Quit
  s       Sort by peak/mean, value, change, name or newest
  r       Reverse the order
  /       Filter
  p       Pause
  +, -    Change the time per column
  arrows  Scroll
  ?       Show help

Exit codes:
  0  You ended it, or the input ended with --exit-at-end
  1  The input could not be read or passed on
  2  A flag or an argument is wrong

Examples:
  sarcpu | tickertape watch               Show a collector's readings
  sarcpu | tickertape watch --tee | tickertape push tsdb:4242
                            Show lines on their way to a server)";

struct Options {
    std::string file = "-";
    bool tee = false;
    std::string sort = "peak";
    std::string metric{};
    std::string column = "1s";
    std::string granularity{};
    std::string dedup = "300s";
    std::string forget = "15m";
    std::size_t max_series = WatchOptions{}.max_series;
    std::size_t cells = WatchSeriesOptions{}.cells;
    bool exit_at_end = false;
    bool ascii = false;
};

constexpr std::array<const char*, sort_orders> sorts{"peak", "value", "change", "name", "newest"};

LoopOptions checked(const Options& options) {
    LoopOptions loop{.file = options.file,
                     .tee = options.tee,
                     .exit_at_end = options.exit_at_end,
                     .ascii = options.ascii,
                     .model = {.series = {.cells = options.cells, .dedup = duration_of("--dedup", options.dedup)},
                               .max_series = options.max_series,
                               .forget = duration_of("--forget", options.forget),
                               .metric = options.metric}};
    const milliseconds column = duration_of("--column", options.column);
    if (column == 0ms || (column > 1s && column % 1s != 0ms)) {
        throw UsageError{"--column is up to a second, or whole seconds"};
    }
    loop.model.series.cell = std::min<milliseconds>(column, 1s);
    loop.view.cells = column / loop.model.series.cell;
    if (!options.granularity.empty()) {
        loop.model.series.granularity = duration_of("--granularity", options.granularity);
        if (loop.model.series.granularity == 0ms) {
            throw UsageError{"--granularity is the length of a bucket, so above 0"};
        }
    }
    loop.view.sort =
        static_cast<SortBy>(std::find(sorts.begin(), sorts.end(), std::string_view{options.sort}) - sorts.begin());
    const bool to_terminal = isatty(STDOUT_FILENO) == 1;
    if (options.tee && to_terminal) {
        throw UsageError{"--tee passes lines to a pipe or a file, but stdout is the terminal for the picture"};
    }
    if (!options.tee && !to_terminal) {
        throw UsageError{
            "watch draws on a terminal, but stdout is not one; with --tee it passes its input through, and draws on "
            "the terminal that it was started from"};
    }
    if (options.file == "-" && isatty(STDIN_FILENO) == 1) {
        throw UsageError{
            "watch reads lines from a pipe or a file, and its keys from the terminal: collector | tickertape watch"};
    }
    return loop;
}

} // namespace

void add_command(CLI::App& app, int& result) {
    CLI::App* const command = app.add_subcommand("watch", "Show put lines as they come, one row per series.");
    command->footer(std::string{usage_notes});
    const auto options = std::make_shared<Options>();
    command->add_option("FILE", options->file, "A file or pipe to read instead of standard input");
    const auto add = [command](const char* name, auto& target, const char* kind, const char* help) {
        return command->add_option(name, target, help)->type_name(kind)->capture_default_str();
    };
    command->add_flag("--tee", options->tee,
                      "Copy the input unchanged to standard output, a pipe or a file, and draw on the terminal");
    add("--sort", options->sort, "peak|value|change|name|newest", "First order of the rows")
        ->check(CLI::IsMember(std::vector<std::string>{sorts.begin(), sorts.end()}));
    add("--metric", options->metric, "PATTERN", "Only metrics that match PATTERN, with * and ?");
    add("--column", options->column, "DURATION", "Time per column of the picture; + and - change it");
    add("--granularity", options->granularity, "DURATION",
        "Length of a bucket, as in 100ms; if not set, the smallest distance of two timestamps of the series");
    add("--dedup", options->dedup, "DURATION", "The --dedup that the collectors ran with; 0: none");
    add("--forget", options->forget, "DURATION", "Remove a series that sent nothing for DURATION");
    add("--max-series", options->max_series, "NUMBER", "Show at most NUMBER series; lines of others are counted")
        ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}));
    add("--cells", options->cells, "NUMBER", "Keep NUMBER maxima of a series, one per second or per --column")
        ->check(CLI::Range(std::size_t{10}, std::size_t{1'000'000}));
    command->add_flag("--exit-at-end", options->exit_at_end, "Exit when the input ends; otherwise the picture stays");
    command->add_flag("--ascii", options->ascii, "Use plain ASCII without colours; NO_COLOR only turns colours off");
    command->callback([options, &result] { result = watch(checked(*options)); });
}

} // namespace tickertape::cli::watch
