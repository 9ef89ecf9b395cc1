// SPDX-License-Identifier: MIT
// `tickertape watch`: a row per series, as lines come.
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
    "Reads put lines, or lines in tcollector form, and shows the newest of each series: collector | tickertape watch.\n"
    "Columns:\n\n"
    "  SERIES     metric and tags, without a host that all of them share\n"
    "  NEWEST     the value with the newest time\n"
    "  CHANGE/s   from the value before to the newest one, divided by the seconds between: of a total, its rate\n"
    "  PEAK       the highest value in the picture\n"
    "  P/MEAN     that as a multiple of the mean in the picture: what an average hides\n"
    "  GAPS       how often buckets were missing, since the start\n"
    "  picture    a column is the maximum of its buckets, never a sample; the newest is on the right\n\n"
    "A bucket is as long as the smallest distance of two of the latest stamps of its series, or --granularity. "
    "Missing\n"
    "buckets are a gap: dots (x in ASCII). A line (~) is what has not come yet: held back by dedup, or in the\n"
    "collector until its next dump. The header says how many lines come per second, over the last ten.\n\n"
    "Keys: q quit, s order by peak/mean, value, change, name or newest, r reverse, / filter, p pause, + - time per\n"
    "column, arrows scroll, ? help. When the input ends, the picture stays.\n\n"
    "Memory: at most 24 bytes times --cells times --max-series, 144 MB, and about 1 kB a series for names; twice that\n"
    "while the picture is paused.\n"
    "Exit codes: 0 the end was asked for, 1 the input could not be read or passed on, 2 bad usage.";

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
        throw UsageError{"--tee passes lines to a pipe or a file, but stdout is the terminal that is to be drawn on"};
    }
    if (!options.tee && !to_terminal) {
        throw UsageError{
            "watch draws on a terminal, and stdout is none; with --tee it passes its input through, and draws on "
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
    CLI::App* const command = app.add_subcommand("watch", "Shows put lines as they come: a row per series.");
    command->footer(std::string{usage_notes});
    const auto options = std::make_shared<Options>();
    command->add_option("FILE", options->file, "a file or pipe to read instead of standard input");
    command->add_flag("--tee", options->tee,
                      "pass the input to stdout, a pipe or a file, unchanged, and draw on the terminal beside it");
    command->add_option("--sort", options->sort, "the first order of rows: peak, value, change, name or newest")
        ->capture_default_str()
        ->check(CLI::IsMember(std::vector<std::string>{sorts.begin(), sorts.end()}));
    command->add_option("--metric", options->metric, "only metrics that match this pattern, with * and ?");
    command->add_option("--column", options->column, "the time of a column of the picture; + and - change it")
        ->capture_default_str();
    command->add_option(
        "--granularity", options->granularity,
        "the length of a bucket (100ms, 1s); by default the smallest distance of two stamps of the series");
    command->add_option("--dedup", options->dedup, "what the input was deduped with; 0: it was not")
        ->capture_default_str();
    command->add_option("--forget", options->forget, "series of which nothing was heard for so long go")
        ->capture_default_str();
    command->add_option("--max-series", options->max_series, "lines of further series are only counted")
        ->capture_default_str()
        ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}));
    command
        ->add_option("--cells", options->cells, "how many maxima are kept of a series: one per second, or per --column")
        ->capture_default_str()
        ->check(CLI::Range(std::size_t{10}, std::size_t{1'000'000}));
    command->add_flag("--exit-at-end", options->exit_at_end, "leave when the input ends");
    command->add_flag("--ascii", options->ascii, "plain ASCII, no colours; NO_COLOR takes away colours only");
    command->callback([options, &result] { result = watch(checked(*options)); });
}

} // namespace tickertape::cli::watch
