// SPDX-License-Identifier: MIT
/// \file
/// Choice: which of the things that it finds (disks, interfaces, mounts) a collector reports.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <tickertape/collector.hpp>

namespace tickertape {

/// The flags `--include-NAME PATTERN` and `--exclude-NAME PATTERN`, which may be repeated, and the choice that they make:
///
///     Choice devices{{.name = "device", .what = "disks", .exclude = {"loop[0-9]*"}}};
///     Collector self{argc, argv, {.name = "disks", .flags = devices.flags()}};
///     …
///     if (devices(disk.name)) { … }
///
/// A pattern is a glob: `*` for any text, `/` included, `?` for a character, `[a-c]`. It matches a whole value. A value that matches
/// one of the user's exclude patterns is left out. With include patterns, only values that match one of them are chosen. Without, all
/// values are chosen that match none of the collector's own patterns.
///
/// Thread safety: none; const members may be called from any thread once the flags have been read.
class Choice {
public:
    /// Its name, and its default patterns.
    struct Options {
        std::string name; ///< `device`, for `--include-device` and `--exclude-device`
        std::string what; ///< `disks and partitions`, for `--help`
        /// Values that match one of these patterns are left out as long as no `--include-` is given.
        std::vector<std::string> exclude = {};
        /// Returns the values that this host has. `--check-config` reports a pattern that matches none of them. Called after the
        /// flags have been read. May throw.
        std::function<std::vector<std::string>(const std::filesystem::path& proc_root)> candidates = nullptr;
    };

    explicit Choice(Options options);
    Choice(const Choice&) = delete; // the flags point to it
    Choice& operator=(const Choice&) = delete;
    ~Choice() = default;

    /// For Collector::Defaults. This object has to outlive the Collector's constructor.
    [[nodiscard]] std::vector<Collector::Flag> flags();

    /// Returns whether `value` is reported. Without `own_patterns` the collector's own patterns do not count. Does not allocate for short
    /// values.
    [[nodiscard]] bool operator()(std::string_view value, bool own_patterns = true) const;

private:
    Options options_;
    std::vector<std::string> include_;
    std::vector<std::string> exclude_;
};

static_assert(std::is_aggregate_v<Choice::Options>);

/// Returns whether `value` as a whole matches the glob `pattern`. Pure.
[[nodiscard]] bool matches_glob(const std::string& pattern, std::string_view value);

/// `first` and then `more`.
[[nodiscard]] std::vector<Collector::Flag> operator+(std::vector<Collector::Flag> first,
                                                     std::vector<Collector::Flag> more);

} // namespace tickertape
