// SPDX-License-Identifier: MIT
#include <tickertape/proc/cpuset.hpp>

#include <algorithm>
#include <functional>
#include <utility>

#include <tickertape/proc/cpu_list.hpp>
#include <tickertape/proc/relative_path.hpp>

namespace tickertape::proc {

std::string_view CpuSets::name_of(const Group& group) const noexcept {
    return std::string_view{names_}.substr(group.name, group.name_size);
}

std::string_view CpuSets::of(int cpu) const noexcept {
    std::string_view last;
    for (const Group& group : groups_) {
        const auto cpus = std::span{cpus_}.subspan(group.first, group.size);
        if (name_of(group) > last && std::find(cpus.begin(), cpus.end(), cpu) != cpus.end()) {
            last = name_of(group);
        }
    }
    return last;
}

void CpuSets::clear() noexcept {
    names_.clear();
    cpus_.clear();
    groups_.clear();
}

void CpuSets::add(std::string_view group, std::span<const int> cpus) {
    groups_.push_back({names_.size(), group.size(), cpus_.size(), cpus.size()});
    names_.append(group);
    cpus_.insert(cpus_.end(), cpus.begin(), cpus.end());
}

CpuSets read_cpusets(const Root& sys, std::string& buffer, CpuSets sets) {
    sets.clear();
    static thread_local std::vector<int> cpus; // the CPUs of one group
    const auto read = [&](std::string_view group) {
        const RelativePath file = RelativePath{"fs/cgroup/cpuset/"}.append(group).append("/cpuset.cpus");
        if (group.starts_with('.') || !sys.has(file.c_str())) { // a file of the root group, not a group
            return;
        }
        if (const auto text = sys.read_all(file.c_str(), buffer)) {
            cpus = parse_cpu_list(*text, sys.path_of(file.text()), std::move(cpus));
            sets.add(group, cpus);
        }
    };
    sys.each_name("fs/cgroup/cpuset", std::ref(read));
    return sets;
}

} // namespace tickertape::proc
