// SPDX-License-Identifier: MIT
#include "proc/cpuset.hpp"

#include "proc/cpu_list.hpp"

namespace tickertape::proc {

std::map<int, std::string> read_cpusets(const Root& sys, std::string& buffer) {
    std::map<int, std::string> groups;
    const std::string folder{"fs/cgroup/cpuset"};
    for (const std::string& group : sys.list(folder.c_str())) {
        std::string file{folder};
        file.append("/").append(group).append("/cpuset.cpus");
        if (!sys.has(file.c_str())) { // no group, but a file of the group that is all of them
            continue;
        }
        if (const auto text = sys.read_all(file.c_str(), buffer)) {
            for (const int cpu : parse_cpu_list(*text, (sys.path() / file).native())) {
                groups.insert_or_assign(cpu, group);
            }
        }
    }
    return groups;
}

} // namespace tickertape::proc
