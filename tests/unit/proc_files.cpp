// SPDX-License-Identifier: MIT
// Reading kernel files, and the small ones of them.
#include <tickertape/proc/block.hpp>
#include <tickertape/proc/cpu_list.hpp>
#include <tickertape/proc/cpufreq.hpp>
#include <tickertape/proc/cpuset.hpp>
#include <tickertape/proc/loadavg.hpp>
#include <tickertape/proc/meminfo.hpp>
#include <tickertape/proc/mounts.hpp>
#include <tickertape/proc/named_numbers.hpp>
#include <tickertape/proc/numastat.hpp>
#include <tickertape/proc/number_file.hpp>
#include <tickertape/proc/pressure.hpp>

#include <string>
#include <system_error>
#include <vector>

#include "support/catch.hpp"
#include "support/complaint.hpp"
#include "support/temporary_directory.hpp"

using namespace tickertape::proc;
using test::complaint;

TEST_CASE("Memory values in kB are converted to bytes, and plain numbers are kept") {
    const auto rows =
        parse_meminfo("MemTotal:       24684084 kB\nHugePages_Total:       3\n\nA: 1 MB x\n", "f", test::ignored());
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].name == "MemTotal");
    CHECK(rows[0].value == 24684084ULL * 1024);
    CHECK(rows[1].value == 3);
    CHECK(rows[2].value == 1);
}

TEST_CASE("A broken /proc/meminfo is refused with file, line, field and token") {
    CHECK(complaint(parse_meminfo, "") == "/p/f: is empty");
    CHECK(complaint(parse_meminfo, "MemTotal 1 kB\n") ==
          "/p/f:1: field 1 'MemTotal' is not a name with a colon after it");
    CHECK(complaint(parse_meminfo, "A: 1\nB: x kB\n") == "/p/f:2: field 2 'x' is not a number");
    CHECK(complaint(parse_meminfo, "A: 18014398509481983 kB\n") == "nothing");
    CHECK(complaint(parse_meminfo, "A: 18014398509481984 kB\n") ==
          "/p/f:1: field 3 'kB' stands behind too large a number");
}

TEST_CASE("Names of memory become names of metrics") {
    CHECK(plain_name("MemTotal") == "memtotal");
    CHECK(plain_name("Active(anon)") == "active_anon");
    CHECK(plain_name("DirectMap4k") == "directmap4k");
    CHECK(plain_name("_a-b_") == "a_b");
    CHECK(plain_name("()").empty());
}

TEST_CASE("Lines of a name and a number are read, and refused with file, line, field and token") {
    const auto rows = parse_named_numbers("a 1\n\nb 2 x\n", "f", test::ignored());
    REQUIRE(rows.size() == 2);
    CHECK(rows[1].name == "b");
    CHECK(rows[1].number == 2);
    CHECK(complaint(parse_named_numbers, "\n") == "/p/f: is empty");
    CHECK(complaint(parse_named_numbers, "a 1\nb\n") == "/p/f:2: field 2 '' is not a number");
}

TEST_CASE("The load is three numbers and two counts") {
    const LoadAvg load = parse_loadavg("0.15 1.62 31.63 28/157 12345 x\n", "f");
    CHECK(load.one_minute == 0.15);
    CHECK(load.five_minutes == 1.62);
    CHECK(load.fifteen_minutes == 31.63);
    CHECK(load.runnable == 28);
    CHECK(load.threads == 157);
    CHECK(complaint(parse_loadavg, "") == "/p/f:1: field 1 '' is not a number");
    CHECK(complaint(parse_loadavg, "1 x.03 1 1/1") == "/p/f:1: field 2 'x.03' is not a number");
    for (const std::string pair : {"11", "1/", "/1", "1/x", "-1/1", "1/1/1"}) {
        CHECK(complaint(parse_loadavg, "1 1 1 " + pair) ==
              "/p/f:1: field 4 '" + pair + "' is not two numbers with a slash between them");
    }
}

TEST_CASE("A file of one number is that number") {
    CHECK(parse_number_file("256\n", "f") == 256);
    CHECK(parse_number_file("-1\n", "f") == -1);
    CHECK(complaint(parse_number_file, "") == "/p/f:1: field 1 '' is not a number");
    CHECK(complaint(parse_number_file, "1.5") == "/p/f:1: field 1 '1.5' is not a number");
}

TEST_CASE("The pressure parser reads some, full, or both") {
    const std::string some = "some avg10=8.37 avg60=30.41 avg300=18.95 total=166495289\n";
    const std::string full = "full avg10=0.00 avg60=1.00 avg300=2.00 total=7 x=1\n";
    const Pressure both = parse_pressure(some + full, "f", test::ignored());
    REQUIRE(both.some.has_value());
    CHECK(both.some->avg10 == 8.37);
    CHECK(both.some->avg60 == 30.41);
    CHECK(both.some->avg300 == 18.95);
    CHECK(both.some->total == 166495289);
    REQUIRE(both.full.has_value());
    CHECK(both.full->total == 7);
    CHECK_FALSE(parse_pressure(some, "f", test::ignored()).full.has_value());
    CHECK_FALSE(parse_pressure("more x\n" + full, "f", test::ignored()).some.has_value());
}

TEST_CASE("Broken pressure is refused with file, line, field and token") {
    CHECK(complaint(parse_pressure, "") == "/p/f: there is no line 'some' or 'full'");
    CHECK(complaint(parse_pressure, "some\n") == "/p/f:1: field 2 '' is not 'avg10=' and a number");
    CHECK(complaint(parse_pressure, "some avg10=x\n") == "/p/f:1: field 2 'avg10=x' is not 'avg10=' and a number");
    CHECK(complaint(parse_pressure, "some avg10=nan\n") == "/p/f:1: field 2 'avg10=nan' is not 'avg10=' and a number");
    CHECK(complaint(parse_pressure, "\nfull avg10=1 avg60=1 avg300=1 total=-1\n") ==
          "/p/f:2: field 5 'total=-1' is not 'total=' and a number");
}

TEST_CASE("A mount's names are as they were before the kernel escaped them") {
    const auto mounts =
        parse_mounts("/dev/sda1 /data/a\\040b\\011c\\134d ext4 rw 0 0\n\na b\\04 c\\999\n", "f", test::ignored());
    REQUIRE(mounts.size() == 2);
    CHECK(mounts[0].device == "/dev/sda1");
    CHECK(mounts[0].point == "/data/a b\tc\\d");
    CHECK(mounts[0].type == "ext4");
    CHECK(mounts[1].point == "b\\04");
    CHECK(mounts[1].type == "c\\999");
    CHECK(parse_mounts("", "f", test::ignored()).empty());
    CHECK(complaint(parse_mounts, "a b c\na b\n") == "/p/f:2: field 3 '' is no type of a file system");
}

TEST_CASE("A list of CPUs is numbers and ranges") {
    CHECK(parse_cpu_list("0-3,8\n", "f") == std::vector<int>{0, 1, 2, 3, 8});
    CHECK(parse_cpu_list("\n", "f").empty());
    CHECK(parse_cpu_list("", "f").empty());
    for (const std::string text : {"3-1", "x", "-1", "1-", "1,,2", "0-65536", "99999999999"}) {
        CHECK(complaint(parse_cpu_list, text) == "/p/f:1: field 1 '" + text + "' is no list of CPUs");
    }
    CHECK(complaint(parse_cpu_list, "0-65535,0-65535") == "/p/f:1: field 1 '0-65535,0-65535' is no list of CPUs");
}

TEST_CASE("A file is read whole however long it is, but not without end") {
    const test::TemporaryDirectory proc;
    const std::string text(100'000, 'x');
    proc.write("long", text);
    proc.write("short", "y");
    const Root root{proc.path()};
    std::string buffer;
    CHECK(root.read_all("long", buffer) == text);
    CHECK(root.need_all("short", buffer) == "y"); // no old content of the buffer
    CHECK_FALSE(root.read_all("none", buffer).has_value());
    CHECK_THROWS_WITH(root.need_all("none", buffer),
                      "cannot open " + (proc.path() / "none").string() + ": No such file or directory");
    CHECK_THROWS_AS(Root{"/dev"}.read_all("zero", buffer), ParseError);
    CHECK_THROWS_AS(root.read_all(".", buffer), std::system_error);
}

TEST_CASE("A file is read in blocks of whole lines") {
    const test::TemporaryDirectory proc;
    std::string text;
    for (int i = 0; i < 30'000; ++i) {
        text += std::to_string(i) + "\n";
    }
    proc.write("lines", text + "end");
    proc.write("one", std::string(2'000'000, 'x'));
    const Root root{proc.path()};
    std::string all;
    std::string buffer;
    int blocks = 0;
    CHECK(root.read_blocks("lines", buffer, [&](std::string_view block) {
        ++blocks;
        CHECK((block.ends_with('\n') || block.ends_with("end")));
        all += block;
    }));
    CHECK(all == text + "end");
    CHECK(blocks > 1);
    CHECK_FALSE(root.read_blocks("none", buffer, [](std::string_view) {}));
    CHECK_THROWS_AS(root.read_blocks("one", buffer, [](std::string_view) {}), ParseError);
}

TEST_CASE("Disks, nodes, groups and frequencies are read from /sys, and nothing where it is missing") {
    const test::TemporaryDirectory sys;
    std::string buffer;
    {
        const Root root{sys.path()};
        CHECK(is_whole_disk(root, "sda1")); // no other source knows better
        CHECK(mapped_name(root, "dm-0") == "dm-0");
        CHECK(list_nodes(root).empty());
        CHECK(read_numastat(root, 0, buffer).empty());
        CHECK(read_cpusets(root, buffer).empty());
        CHECK(read_cpufreq(root).empty());
    }
    sys.write("block/sda/size", "1");
    sys.write("block/cciss!c0d0/size", "1");
    sys.write("block/dm-0/dm/name", "vg0-root\n");
    sys.write("block/dm-1/dm/name", "");
    sys.write("devices/system/node/node10/numastat", "numa_hit 5\n");
    sys.write("devices/system/node/node2/numastat", "numa_hit 6\n");
    sys.write("devices/system/node/online", "0\n");
    sys.write("fs/cgroup/cpuset/cpuset.cpus", "0-9\n");
    sys.write("fs/cgroup/cpuset/a/cpuset.cpus", "0-1\n");
    sys.write("fs/cgroup/cpuset/b/tasks", "");
    sys.write("devices/system/cpu/cpu10/cpufreq/scaling_cur_freq", "7\n");
    sys.write("devices/system/cpu/cpu2/cpufreq/cpuinfo_min_freq", "8\n");
    sys.write("devices/system/cpu/cpufreq/boost", "1\n");
    const Root root{sys.path()};
    CHECK(is_whole_disk(root, "sda"));
    CHECK(is_whole_disk(root, "cciss/c0d0"));
    CHECK_FALSE(is_whole_disk(root, "sda1"));
    CHECK(mapped_name(root, "dm-0") == "vg0-root");
    CHECK(mapped_name(root, "dm-1") == "dm-1");
    CHECK(mapped_name(root, "sda") == "sda");
    CHECK(list_nodes(root) == std::vector<int>{2, 10});
    CHECK(read_numastat(root, 10, buffer).front().number == 5);
    const auto groups = read_cpusets(root, buffer);
    CHECK(groups.of(0) == "a");
    CHECK(groups.of(1) == "a");
    CHECK(groups.of(2).empty());
    const auto frequencies = read_cpufreq(root);
    REQUIRE(frequencies.size() == 2);
    CHECK(frequencies[0].cpu == 2);
    CHECK(frequencies[0].name == "min");
    CHECK(frequencies[1].khz == 7);
}

namespace {

std::vector<std::string> visible_points(const std::string& mountinfo) {
    std::vector<std::string> points;
    for (const MountInfo& one : visible(parse_mountinfo(mountinfo, "f", test::ignored()))) {
        points.push_back(one.mount.point + " " + one.mount.device);
    }
    return points;
}

} // namespace

TEST_CASE("A line of mountinfo gives the mount, its parent, its file system and its device") {
    const auto mounts =
        parse_mountinfo("36 35 98:0 /mnt1 /mnt\\0402 rw,noatime master:1 shared:7 - ext3 /dev/root rw,x=y\n"
                        "36 35 98:0 / /a rw - tmpfs t rw\n1 2 3:4 / /b rw\n",
                        "f", test::ignored());
    REQUIRE(mounts.size() == 2);
    CHECK(mounts[0].id == 36);
    CHECK(mounts[0].parent == 35);
    CHECK(mounts[0].file_system == "98:0");
    CHECK(mounts[0].mount.point == "/mnt 2");
    CHECK(mounts[0].mount.type == "ext3");
    CHECK(mounts[0].mount.device == "/dev/root");
    CHECK(mounts[1].mount.device == "t");
}

TEST_CASE("A mount is hidden by another on its directory, on one above, or on that of the mount below it") {
    const std::string root = "20 1 8:1 / / rw - ext4 /dev/sda1 rw\n21 20 0:5 / /run rw - tmpfs run rw\n";
    CHECK(visible_points("21 20 0:5 / /run rw - tmpfs run rw\n20 1 8:1 / / rw - ext4 /dev/sda1 rw\n") ==
          std::vector<std::string>{"/run run", "/ /dev/sda1"}); // moved onto the root after it was mounted
    CHECK(visible_points(root + "30 20 0:30 / /a rw - tmpfs t1 rw\n31 30 0:31 / /a rw - tmpfs t2 rw\n") ==
          std::vector<std::string>{"/ /dev/sda1", "/run run", "/a t2"});
    CHECK(visible_points(root + "30 20 0:30 / /a rw - tmpfs t1 rw\n31 30 0:31 / /a/b rw - tmpfs t2 rw\n"
                                "33 31 0:33 / /a/b/c rw - tmpfs t4 rw\n32 30 0:32 / /a rw - tmpfs t3 rw\n") ==
          std::vector<std::string>{"/ /dev/sda1", "/run run", "/a t3"});
    CHECK(visible_points(root + "30 20 0:30 / /a rw - tmpfs t1 rw\n31 20 0:31 / /ab rw - tmpfs t2 rw\n") ==
          std::vector<std::string>{"/ /dev/sda1", "/run run", "/a t1", "/ab t2"});
}
