// SPDX-License-Identifier: MIT
#include <tickertape/proc/cgroup.hpp>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include <tickertape/proc/relative_path.hpp>
#include <tickertape/proc/tokens.hpp>

#include "base/concat.hpp"

namespace tickertape::proc {

namespace {

struct Wanted {
    const Root& sys;
    std::string_view folder;
    std::size_t most;
};

/// Returns the sorted names of directories in `folder`; none if it is gone. Throws std::system_error.
std::vector<std::string> directories_in(const Root& sys, std::string_view folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (std::filesystem::directory_iterator at{sys.path() / folder, error}, end; !error && at != end;
         at.increment(error)) {
        if (std::error_code ignored; at->is_directory(ignored) && !at->is_symlink(ignored)) {
            names.push_back(at->path().filename().string());
        }
    }
    if (error && error != std::errc::no_such_file_or_directory && error != std::errc::no_such_device) {
        throw std::system_error{error, base::concat("cannot list ", sys.path_of(folder))};
    }
    std::sort(names.begin(), names.end());
    return names;
}

/// Adds the groups below the group at `place`, `depth` levels deep.
void add_children(const Wanted& wanted, std::size_t place, std::size_t depth, std::vector<std::string>& groups) {
    if (depth == 0) {
        return;
    }
    const std::string group = groups[place]; // a copy, because the vector grows
    for (const std::string& child : directories_in(wanted.sys, RelativePath{wanted.folder}.append(group).text())) {
        if (groups.size() >= wanted.most) {
            return;
        }
        groups.push_back(group + "/" + child);
        add_children(wanted, groups.size() - 1, depth - 1, groups);
    }
}

} // namespace

std::optional<std::string_view> cgroup_folder(const Root& sys) noexcept {
    if (sys.has("fs/cgroup/cgroup.controllers")) {
        return "fs/cgroup";
    }
    return sys.has("fs/cgroup/unified/cgroup.controllers") ? std::optional<std::string_view>{"fs/cgroup/unified"}
                                                           : std::nullopt;
}

std::vector<std::string> list_cgroups(const Root& sys, std::string_view folder, std::size_t depth, std::size_t most,
                                      std::vector<std::string> groups) {
    groups.assign(1, "");
    add_children({.sys = sys, .folder = folder, .most = most}, 0, depth, groups);
    return groups;
}

std::vector<CgroupIo> parse_cgroup_io(std::string_view text, std::string_view file, SkippedRows& skipped,
                                      std::vector<CgroupIo> rows) {
    rows.clear();
    each_row(text, file, skipped, [&](Tokens& tokens) {
        const std::string_view device = tokens.next();
        if (device.find(':') == std::string_view::npos) {
            tokens.refuse(device, "is no device");
        }
        while (!tokens.at_end()) {
            const std::string_view word = tokens.next();
            const std::size_t equals = std::min(word.find('='), word.size());
            std::uint64_t number = 0;
            if (equals < word.size() && to_number(word.substr(equals + 1), number)) {
                rows.push_back({.device = device, .name = word.substr(0, equals), .number = number});
            }
        }
    });
    return rows;
}

std::optional<std::uint64_t> parse_cgroup_limit(std::string_view text, std::string_view file) {
    const std::string_view line = next_line(text);
    return line == "max" ? std::nullopt : std::optional{Tokens{line, file, 1}.number<std::uint64_t>()};
}

std::optional<double> parse_cgroup_cpus(std::string_view text, std::string_view file) {
    const std::string_view line = next_line(text);
    if (line.starts_with("max")) {
        return std::nullopt;
    }
    Tokens tokens{line, file, 1};
    const auto quota = tokens.number<std::uint64_t>();
    const auto period = tokens.number<std::uint64_t>();
    if (period == 0) {
        tokens.refuse("0", "is no period");
    }
    return static_cast<double>(quota) / static_cast<double>(period);
}

} // namespace tickertape::proc
