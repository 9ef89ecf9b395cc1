// SPDX-License-Identifier: MIT
/// \file
/// The real host collectors on trees of files in the form of /proc and /sys.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace test {

struct HostCollector {
    std::string name;
    std::vector<std::string> files; ///< the file that it reads, below the host's folder
    std::vector<std::string> flags = {};
    bool reads_sys = false;
};

/// Returns all of them.
const std::vector<HostCollector>& host_collectors();
/// Returns one by its name.
const HostCollector& host_collector(std::string_view name);

/// Runs it on `host`, a folder with `proc`, perhaps `sys`, and for dfstat a file `statvfs`. The host's name is `golden`.
Result run_on(const std::filesystem::path& host, const HostCollector& collector,
              const std::vector<std::string>& arguments, const std::map<std::string, std::string>& environment = {});
/// Takes one sample at 1700000000.
Result run_once_on(const std::filesystem::path& host, const HostCollector& collector,
                   std::vector<std::string> more = {});

/// Runs it for one interval of 10 s fewer than there are texts, from 1700000000 on. Each time it finds the next text in `file`,
/// which it must read once in a run.
Result run_on_changing(const std::filesystem::path& host, const HostCollector& collector,
                       const std::filesystem::path& file, const std::vector<std::string>& texts,
                       std::vector<std::string> more = {});

/// Returns put lines without `put`, time and host.
std::string without_place(const std::string& out);

/// Returns the values by `METRIC TAGS`, sorted, from lines `METRIC VALUE TAGS`.
std::multimap<std::string, double> by_series(const std::string& out);

/// A copy of a recorded host, for changes.
struct HostCopy {
    explicit HostCopy(const std::string& tree = "vm");
    [[nodiscard]] std::filesystem::path host() const { return folder.path() / "host"; }
    void write(const std::filesystem::path& file, std::string_view text) const;
    TemporaryDirectory folder;
};

} // namespace test
