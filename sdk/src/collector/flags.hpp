// SPDX-License-Identifier: MIT
/// \file
/// Flag: a setting of a collector. This file also parses command lines and prints --help.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include <tickertape/collector.hpp>

namespace tickertape::collector {

/// A flag, and the effect of its values from any source.
struct Flag {
    std::string name;      ///< `--interval`
    std::string kind = {}; ///< the placeholder for its value in the help, such as `DURATION`
    std::string help = {};
    std::string title = {}; ///< the title of its group in the help
    std::function<void(const std::string&)> take;
    bool repeats = false;
    bool is_switch = false;                ///< the flag needs no value: `--once`, or `--once=false`
    bool everywhere = true;                ///< the flag is also read from the environment and from files
    bool is_hidden = false;                ///< the help does not list it
    const Collector::Flag* list = nullptr; ///< for a collector's own flag whose values are a list
    std::vector<std::string> given = {};
    std::string origin = {}; ///< the origin of its value; empty: the default

    [[nodiscard]] std::string key() const { return name.substr(2); }
    /// Returns a name such as `TICKERTAPE_INTERVAL`.
    [[nodiscard]] std::string variable() const;
};

/// The request on a command line.
enum class Asked { to_run, help, version };

/// Adds the values on a command line to `given` of their flags, up to a flag that asks for something else. Throws UsageError.
[[nodiscard]] Asked read_arguments(std::span<Flag> flags, std::span<const std::string> arguments);

/// Returns the lines of --help for `flags` by group, and for --help and --version.
[[nodiscard]] std::string help_of(std::span<const Flag> flags);

/// Returns the rest of the help of the collector `name`: places of settings, exit codes, examples.
[[nodiscard]] std::string help_end(const std::string& name);

} // namespace tickertape::collector
