// SPDX-License-Identifier: MIT
#include "cli/push/spool_flags.hpp"

#include <CLI/CLI.hpp>
#include <array>
#include <chrono>
#include <limits>
#include <utility>

#include <tickertape/name.hpp>

#include "base/concat.hpp"
#include "base/quote.hpp"
#include "base/whole_number.hpp"
#include "cli/duration.hpp"

namespace tickertape::cli::push {

namespace {

constexpr std::string_view program = "push";

SpoolOptions::Sync sync_of(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, SpoolOptions::Sync>, 3> modes{
        {{"1s", SpoolOptions::Sync::each_second},
         {"batch", SpoolOptions::Sync::each_batch},
         {"never", SpoolOptions::Sync::never}}};
    for (const auto& [name, mode] : modes) {
        if (text == name) {
            return mode;
        }
    }
    throw UsageError{base::concat("--spool-sync is 1s, batch or never, not ", base::quote(text))};
}

} // namespace

std::uint64_t size_of(std::string_view flag, std::string_view text) {
    constexpr std::array<std::pair<std::string_view, std::uint64_t>, 10> units{{{"", 1},
                                                                                {"B", 1},
                                                                                {"kB", 1'000},
                                                                                {"MB", 1'000'000},
                                                                                {"GB", 1'000'000'000},
                                                                                {"TB", 1'000'000'000'000},
                                                                                {"KiB", std::uint64_t{1} << 10U},
                                                                                {"MiB", std::uint64_t{1} << 20U},
                                                                                {"GiB", std::uint64_t{1} << 30U},
                                                                                {"TiB", std::uint64_t{1} << 40U}}};
    std::string_view unit = text;
    const std::uint64_t number = base::take_whole_number<std::uint64_t>(unit).value_or(0);
    for (const auto& [name, bytes] : units) {
        if (number > 0 && unit == name && number <= std::numeric_limits<std::uint64_t>::max() / bytes) {
            return number * bytes;
        }
    }
    throw UsageError{base::concat(flag, " is a size like 500MB or 1GiB, not ", base::quote(text))};
}

void add_flags(CLI::App& command, SpoolFlags& flags) {
    const auto add = [&](const char* name, auto& target, const char* kind, const char* help) {
        CLI::Option* const option = command.add_option(name, target, help)->type_name(kind)->group("Spool");
        return option->capture_default_str();
    };
    add("--spool", flags.directory, "DIRECTORY",
        "Keep lines that are not acknowledged in this directory, where they outlive this process and a restart of the "
        "machine; the next run with the same target sends them");
    add("--spool-name", flags.name, "NAME", "Name of the spool, to keep several for one target");
    add("--spool-max", flags.most, "SIZE", "Size of the spool at most; the oldest lines are dropped first");
    add("--spool-age", flags.age, "DURATION", "Drop lines that have waited for longer");
    add("--spool-sync", flags.sync, "1s|batch|never",
        "Write to the disk once a second, after each batch, or when the kernel does; a power loss costs what is not "
        "written yet, a killed process costs nothing");
    add("--spool-rate", flags.rate, "NUMBER",
        "Send at most NUMBER waiting lines in a second; 0: twice as many as come in, and 10000 or more at the end of "
        "the input");
    add("--spool-keep", flags.keep, "DURATION",
        "Keep lines for DURATION after they were acknowledged and send them again if the target was away, as a killed "
        "server loses its last seconds; 20s for InfluxDB if not set");
}

SpoolOptions spool_options(const SpoolFlags& flags, std::string target) {
    const auto age = std::chrono::floor<std::chrono::seconds>(duration_of("--spool-age", flags.age));
    if (age <= std::chrono::seconds{0}) {
        throw UsageError{"--spool-age is at least 1s"};
    }
    SpoolOptions options{.directory = flags.directory,
                         .program = std::string{program},
                         .instance = flags.name,
                         .target = std::move(target),
                         .max_bytes = size_of("--spool-max", flags.most),
                         .max_age = age,
                         .sync = sync_of(flags.sync),
                         .backlog_per_second = flags.rate};
    if (!flags.keep.empty()) {
        options.keep_acknowledged = std::chrono::ceil<std::chrono::seconds>(duration_of("--spool-keep", flags.keep));
    }
    return options;
}

} // namespace tickertape::cli::push
