// SPDX-License-Identifier: MIT
// Real host collectors in a container: with a host's /proc, with hidden processes, and with the container's own limits.
#include <filesystem>
#include <string>

#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/host_collectors.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

using test::host_collector;
using test::HostCopy;
using test::run_once_on;

namespace {

namespace fs = std::filesystem;

} // namespace

TEST_CASE("With a host's /proc mounted elsewhere the network is that of its process 1") {
    const HostCopy whole;
    const HostCopy copy;
    fs::create_directory(copy.host() / "proc/1");
    fs::rename(copy.host() / "proc/net", copy.host() / "proc/1/net");
    // Links of these names lead to the files of the reading container.
    fs::copy(test::fixture("hosts/large/proc/net"), copy.host() / "proc/net", fs::copy_options::recursive);
    for (const std::string name : {"ifstat", "netburst", "netlinks", "netstat", "procnettcp"}) {
        CAPTURE(name);
        const test::Result host = run_once_on(copy.host(), host_collector(name));
        CHECK(host.ended == test::exit_0);
        CHECK(host.err.empty());
        CHECK(host.out == run_once_on(whole.host(), host_collector(name)).out);
    }
}

TEST_CASE("With a host's /proc mounted elsewhere mounts are those of its process 1, and looked at through its root") {
    const HostCopy copy;
    copy.write("proc/mounts", "/dev/vda /inside ext4 rw 0 0\n");
    fs::create_directories(copy.host() / "proc/1/net");
    copy.write("proc/1/net/dev", "a|b\nc|d\n");
    copy.write("proc/1/mounts", "/dev/sda1 / ext4 rw 0 0\n");
    copy.write("proc/1/mountinfo", "20 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
                                   "21 20 8:2 / /srv rw - xfs /dev/sda2 rw\n");
    const std::string root = (copy.host() / "proc/1/root").string();
    copy.write("statvfs", root + "/ 4096 10 5 5 10 5\n" + root + "/srv 4096 20 5 5 10 5\n");
    const test::Result result = run_once_on(copy.host(), host_collector("dfstat"));
    CHECK(result.ended == test::exit_0);
    CHECK(result.err.empty());
    CHECK(result.out.find("put df.bytes.total 1699999980 40960 fstype=ext4 host=golden mount=/\n") !=
          std::string::npos);
    CHECK(result.out.find("put df.bytes.total 1699999980 81920 fstype=xfs host=golden mount=/srv\n") !=
          std::string::npos);
    CHECK(result.out.find("inside") == std::string::npos);

    copy.write("statvfs", root + "/ forbidden\n" + root + "/srv forbidden\n");
    const test::Result closed = run_once_on(copy.host(), host_collector("dfstat"));
    CHECK(closed.ended == test::exit_0);
    CHECK(closed.err.find(root + " may not be looked into") != std::string::npos);
    CHECK(closed.out.find("put df.mounts.skipped 1699999980 2 host=golden reason=no_permission\n") !=
          std::string::npos);
}

TEST_CASE("A container's own limits are those of the root of its control groups") {
    const HostCopy copy;
    copy.write("sys/fs/cgroup/cpu.max", "50000 100000\n");
    copy.write("sys/fs/cgroup/memory.max", "1048576\n");
    copy.write("sys/fs/cgroup/memory.current", "4096\n");
    copy.write("sys/fs/cgroup/memory.events", "low 0\nhigh 0\nmax 7\noom 2\noom_kill 1\n");
    const test::Result result = run_once_on(copy.host(), host_collector("cgroup"));
    CHECK(result.ended == test::exit_0);
    for (const std::string line : {"cgroup.cpu.max 1699999995 0.5 cgroup=/ host=golden",
                                   "cgroup.memory.max 1699999995 1048576 cgroup=/ host=golden",
                                   "cgroup.memory.current 1699999995 4096 cgroup=/ host=golden",
                                   "cgroup.memory.events 1699999995 1 cgroup=/ event=oom_kill host=golden"}) {
        INFO(line << " in\n" << result.out);
        CHECK(result.out.find("put " + line + "\n") != std::string::npos);
    }
}

TEST_CASE("host reports that hidepid hides processes") {
    const test::TemporaryDirectory folder;
    const std::string proc = folder.path().string();
    const auto run_with_hidepid = [&](const std::string& level, const std::string& command) {
        return test::run({.program = "/bin/sh",
                          .arguments = {"-c", "unshare -m sh -c 'mount -t proc -o hidepid=" + level + " proc " + proc +
                                                  " && exec " + command + "'"}});
    };
    if (run_with_hidepid("2", "true").ended != test::exit_0) {
        WARN("skipped: nothing can be mounted here");
        return;
    }
    const std::string numprocesses = test::collector("numprocesses").string() + " --once --proc-root " + proc;
    const test::Result hidden = run_with_hidepid("2", numprocesses);
    CHECK(hidden.ended == test::exit_0);
    CHECK(hidden.err.find("only this user's processes are seen") != std::string::npos);
    CHECK(run_with_hidepid("0", numprocesses).err.empty());
}
