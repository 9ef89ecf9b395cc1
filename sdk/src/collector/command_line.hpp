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
    std::chrono::seconds dedup{300};
    std::vector<Target> targets = {}; ///< to push to; none: lines are written to stdout
    std::vector<Targets> copies = {}; ///< each gets every point, too
    std::uint32_t mps = 0;            ///< the most lines pushed in any second, or 0
    bool no_sync = false;             ///< do not ask an OpenTSDB to answer when points are stored
    std::optional<std::chrono::milliseconds> run_for = {};
    bool once = false;
    std::filesystem::path proc_root = "/proc";
    std::optional<std::chrono::seconds> self_metrics =
        {};                      ///< not set: every minute under tcollector and when pushing, else off
    std::string user = "nobody"; ///< the user that root becomes
    bool check_config = false;
    std::optional<WallTime> now = {};         ///< hidden, for golden files: time stands at this second
    std::optional<std::string> hostname = {}; ///< hidden, for golden files: the automatic host tag
};

/// The sources of settings beside the command line.
struct Surroundings {
    /// The value of an environment variable.
    std::function<std::optional<std::string>(const std::string&)> environment = {};
    /// The config files, strongest first, or the one that `--config` names; each key in one is to be a flag's. Called
    /// unless only help is asked for. May throw UsageError.
    std::function<std::vector<ConfigFile>(const std::optional<std::string>& config)> files = {};
    /// Whether there is such a user; asked for `--check-config` alone. Without it all are.
    std::function<bool(const std::string& name)> user_exists = {};
};

/// The process ends instead.
struct Exit {
    Collector::ExitCode code;
    std::string out; ///< for stdout, lines
    std::string err; ///< for stderr, one sentence and a newline
};

/// Reads a command line, `arguments` without the program's name, and the other sources of settings. Each flag takes its value
/// from the first of these that has one: the flag, the variable TICKERTAPE_FLAG, the files. Pure, except that it checks whether
/// the process root exists.
[[nodiscard]] std::variant<Settings, Exit> parse_command_line(const std::vector<std::string>& arguments,
                                                              const Collector::Defaults& defaults,
                                                              const Surroundings& surroundings = {});

/// With a `?` for all that is no printable ASCII.
[[nodiscard]] std::string on_one_line(std::string sentence);

} // namespace tickertape::collector
