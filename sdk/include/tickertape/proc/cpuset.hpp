// SPDX-License-Identifier: MIT
/// \file
/// /sys/fs/cgroup/cpuset: the CPUs of each group (version 1 of control groups).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tickertape/proc/root.hpp>

namespace tickertape::proc {

/// The groups of CPUs.
///
/// Thread safety: none.
class CpuSets {
public:
    /// Returns the group of a CPU. If it is in several groups, returns the last one by name; empty if it is in none.
    [[nodiscard]] std::string_view of(int cpu) const noexcept;
    [[nodiscard]] bool empty() const noexcept { return groups_.empty(); }

    void clear() noexcept;
    void add(std::string_view group, std::span<const int> cpus);

private:
    struct Group {
        std::size_t name; // the index of its name
        std::size_t name_size;
        std::size_t first; // the index of its first CPU
        std::size_t size;
    };
    [[nodiscard]] std::string_view name_of(const Group& group) const noexcept;

    std::string names_;
    std::vector<int> cpus_;
    std::vector<Group> groups_;
};

/// `sets` is memory to use again. `sys` is a root like /sys. Throws std::system_error or ParseError that names the file.
[[nodiscard]] CpuSets read_cpusets(const Root& sys, std::string& buffer, CpuSets sets = {});

} // namespace tickertape::proc
