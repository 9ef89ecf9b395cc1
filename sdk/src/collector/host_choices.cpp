// SPDX-License-Identifier: MIT
#include <tickertape/host_choices.hpp>

#include <functional>
#include <string>
#include <vector>

#include <tickertape/proc/block.hpp>
#include <tickertape/proc/diskstats.hpp>
#include <tickertape/proc/mounts.hpp>
#include <tickertape/proc/net_dev.hpp>

namespace tickertape {

namespace {

using Names = std::vector<std::string>;

Names names_of_mounts(const std::filesystem::path& proc_root,
                      const std::function<std::string(const proc::Mount&)>& name) {
    proc::MountReader reader;
    static_cast<void>(reader.read(proc::Root{proc_root}));
    Names names;
    for (const proc::MountInfo& one : reader.mounts()) {
        names.push_back(name(one.mount));
    }
    return names;
}

} // namespace

Choice::Options device_choice(const std::string& sys_root) {
    return {.name = "device",
            .what = "block devices",
            .exclude = {"loop[0-9]*", "ram[0-9]*", "fd[0-9]*"},
            .candidates = [&sys_root](const std::filesystem::path& proc_root) {
                const proc::Root sys{sys_root};
                std::string text;
                Names names;
                for (const proc::DiskStats& disk : proc::read_diskstats(proc::Root{proc_root}, text)) {
                    names.push_back(proc::mapped_name(sys, disk.name));
                }
                return names;
            }};
}

Choice::Options interface_choice() {
    return {.name = "interface",
            .what = "network interfaces",
            .exclude = {"bond*"},
            .candidates = [](const std::filesystem::path& proc_root) {
                std::string text;
                Names names;
                for (const proc::NetDevice& device : proc::read_net_dev(proc::Root{proc_root}, text)) {
                    names.emplace_back(device.name);
                }
                return names;
            }};
}

Choice::Options mount_choice() {
    return {.name = "mount",
            .what = "mount points",
            .exclude = {"/dev", "/dev/*", "/sys", "/sys/*", "/proc", "/proc/*", "/lib", "/lib/*", "/var/lib/kubelet",
                        "/var/lib/kubelet/*", "/var/lib/docker/*", "/var/lib/containers/*", "/run/containerd/*",
                        "/run/credentials/*", "net:*"},
            .candidates = [](const std::filesystem::path& proc_root) {
                return names_of_mounts(proc_root, [](const proc::Mount& mount) { return mount.point; });
            }};
}

Choice::Options fs_type_choice() {
    return {.name = "fs-type",
            .what = "types of file systems",
            .exclude = {"autofs", "cgroup*", "debugfs", "devtmpfs", "nfs*", "rpc_pipefs", "rootfs", "fuse.*",
                        "squashfs", "iso9660", "erofs", "overlay"},
            .candidates = [](const std::filesystem::path& proc_root) {
                return names_of_mounts(proc_root, [](const proc::Mount& mount) { return mount.type; });
            }};
}

} // namespace tickertape
