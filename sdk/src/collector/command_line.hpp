// SPDX-License-Identifier: MIT
/// \file
/// The flags that all collectors have.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <tickertape/collector.hpp>
#include <tickertape/form.hpp>
#include <tickertape/host_tag.hpp>
#include <tickertape/target.hpp>

#include "base/log.hpp"
#include "collector/config.hpp"

namespace tickertape::collector {

/// The values of the flags, with defaults filled in.
struct Settings {
    std::chrono::milliseconds interval{};
    std::chrono::milliseconds timespan{};
    std::chrono::milliseconds granularity{};
    Tags tags = {};
    HostTag host_tag = HostTag::automatic();
    Form form = Form::automatic;
    std::optional<std::chrono::seconds> dedup = {}; ///< not set: `default_dedup`
    std::vector<Target> targets = {};               ///< push to these; none: write lines to stdout
    std::vector<Targets> copies = {};               ///< push each point to each of these, too
    std::uint32_t mps = 0;                          ///< the most lines to push in any second; 0: no limit
    bool no_sync = false;                           ///< do not ask an OpenTSDB to answer when points are stored
    std::optional<std::chrono::milliseconds> run_for = {};
    bool once = false;
    std::filesystem::path proc_root = "/proc";
    std::optional<std::chrono::seconds> self_metrics =
        {};                      ///< not set: never for put lines on stdout, else every minute
    std::string user = "nobody"; ///< the user that the process becomes if it is root's
    std::optional<base::Level> log_level =
        {}; ///< less serious messages are not written; not set: as the library has it
    bool check_config = false;
    std::optional<WallTime> now = {};         ///< hidden, for golden files: the fixed time
    std::optional<std::string> hostname = {}; ///< hidden, for golden files: replaces the name of the machine
};

/// Returns 300 s for a TSD: its graphs connect the points around left-out ones. Returns 0 for telegraf and collectd: in their
/// databases a series without points has a gap.
[[nodiscard]] constexpr std::chrono::seconds default_dedup(Form form) noexcept {
    return std::chrono::seconds{form == Form::influx || form == Form::collectd ? 0 : 300};
}

/// The sources of settings beside the command line.
struct Surroundings {
    /// Returns the value of an environment variable.
    std::function<std::optional<std::string>(const std::string&)> environment = {};
    /// Returns the config files, strongest first, or the one that `--config` names. Each of their keys must be a flag. Not called
    /// if the command line only asks for help. May throw UsageError.
    std::function<std::vector<ConfigFile>(const std::optional<std::string>& config)> files = {};
    /// Returns whether the user exists. Called for `--check-config` only; without this function every user exists.
    std::function<bool(const std::string& name)> user_exists = {};
    /// The form of a crew. It replaces the members' own settings of the form.
    std::optional<Form> form = {};
};

/// The output of a process that ends at once.
struct Exit {
    Collector::ExitCode code;
    std::string out; ///< lines for stdout
    std::string err; ///< one sentence and a newline for stderr
};

/// Reads a command line and the other sources of settings. `arguments` do not include the program's name. Each flag takes its
/// value from the first source that has one: the command line, the variable TICKERTAPE_FLAG, the files. Pure, except that it
/// checks whether the process root exists.
[[nodiscard]] std::variant<Settings, Exit> parse_command_line(const std::vector<std::string>& arguments,
                                                              const Collector::Defaults& defaults,
                                                              const Surroundings& surroundings = {});

/// Returns the sentence with a `?` for each character other than printable ASCII.
[[nodiscard]] std::string on_one_line(std::string sentence);

} // namespace tickertape::collector
