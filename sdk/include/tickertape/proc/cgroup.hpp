// SPDX-License-Identifier: MIT
/// \file
/// Control groups, version 2: /sys/fs/cgroup, or /sys/fs/cgroup/unified beside version 1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tickertape/proc/named_numbers.hpp>
#include <tickertape/proc/root.hpp>

namespace tickertape::proc {

/// Returns the place below `sys`, a root like /sys, where version 2 is mounted: `fs/cgroup` or `fs/cgroup/unified`. Nothing if it
/// is not mounted.
[[nodiscard]] std::optional<std::string_view> cgroup_folder(const Root& sys) noexcept;

/// Returns the groups below `folder`, in order of their names. The first is `folder` itself, with an empty name; the others
/// have names such as `/system.slice/cron.service`. They are at most `depth` levels deep, and at most `most` of them.
/// Throws std::system_error. A group that ends meanwhile is left out.
[[nodiscard]] std::vector<std::string> list_cgroups(const Root& sys, std::string_view folder, std::size_t depth,
                                                    std::size_t most, std::vector<std::string> groups = {});

/// A number of `io.stat`. Texts point into the parsed text.
struct CgroupIo {
    std::string_view device; ///< `259:0`
    std::string_view name;   ///< `rbytes`, `wios`
    std::uint64_t number;
};

/// Reads lines `MAJOR:MINOR NAME=NUMBER…`; other words (`cost.vrate=100.00`) and empty lines are skipped. Throws ParseError
/// that names `file` and the token. Pure.
[[nodiscard]] std::vector<CgroupIo> parse_cgroup_io(std::string_view text, std::string_view file, SkippedRows& skipped,
                                                    std::vector<CgroupIo> rows = {});

/// Parses a limit: nothing for `max`, which means no limit. Throws ParseError. Pure.
[[nodiscard]] std::optional<std::uint64_t> parse_cgroup_limit(std::string_view text, std::string_view file);

/// Parses `cpu.max`, `QUOTA PERIOD`: the number of CPUs that a group may use, the quota divided by the period; nothing for `max`.
/// Throws ParseError. Pure.
[[nodiscard]] std::optional<double> parse_cgroup_cpus(std::string_view text, std::string_view file);

} // namespace tickertape::proc
