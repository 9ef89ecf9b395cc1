// SPDX-License-Identifier: MIT
/// \file
/// Flag: a setting of a collector. Reading a command line, and the list that --help prints.
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
    std::string kind = {}; ///< the placeholder for its value in the help: `DURATION`
    std::string help = {};
    std::string title = {}; ///< in the help, of the group that it belongs to
    std::function<void(const std::string&)> take;
    bool repeats = false;
    bool is_switch = false;                ///< it needs no value: `--once`, or `--once=false`
    bool everywhere = true;                ///< also in the environment and in files
    bool is_hidden = false;                ///< from the help
    const Collector::Flag* list = nullptr; ///< the flag of a collector's own whose values are a list
    std::vector<std::string> given = {};
    std::string origin = {}; ///< of the value that counts; empty: the default

    [[nodiscard]] std::string key() const { return name.substr(2); }
    /// `TICKERTAPE_INTERVAL`.
    [[nodiscard]] std::string variable() const;
};

/// The request of a command line.
enum class Asked { to_run, help, version };

/// Adds the values on a command line to `given` of their flags, up to one that asks for something else. Throws UsageError.
[[nodiscard]] Asked read_arguments(std::span<Flag> flags, std::span<const std::string> arguments);

/// The lines of --help for `flags` by group, and for the flags that are read here.
[[nodiscard]] std::string help_of(std::span<const Flag> flags);

/// The rest of the help of the collector `name`: places of settings, exit codes, examples.
[[nodiscard]] std::string help_end(const std::string& name);

} // namespace tickertape::collector
