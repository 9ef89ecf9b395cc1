// SPDX-License-Identifier: MIT
// The kernel's limits and links: softnet_stat, file-nr, control groups, the clock, interfaces, read-only mounts.
#include <tickertape/proc/cgroup.hpp>
#include <tickertape/proc/clock_state.hpp>
#include <tickertape/proc/file_nr.hpp>
#include <tickertape/proc/links.hpp>
#include <tickertape/proc/mounts.hpp>
#include <tickertape/proc/softnet.hpp>

#include <filesystem>
#include <string>
#include <vector>

#include <tickertape/testkit/fixture_root.hpp>

#include "support/catch.hpp"
#include "support/complaint.hpp"

using namespace tickertape::proc;
using test::complaint;
using tickertape::testkit::FixtureRoot;

namespace {

constexpr auto softnet = [](std::string_view text, std::string_view file, SkippedRows& skipped) {
    return parse_softnet(text, file, skipped);
};
constexpr auto io = [](std::string_view text, std::string_view file, SkippedRows& skipped) {
    return parse_cgroup_io(text, file, skipped);
};

} // namespace

TEST_CASE("softnet_stat has hexadecimal columns, and names its CPUs since Linux 5.10") {
    const std::string zeros = " 0 0 0 0 0 0 0 0";
    const auto old = parse_softnet("ff 1f 0\n80000000 0 a\n", "f", test::ignored()); // as before Linux 2.6.39
    REQUIRE(old.size() == 2);
    CHECK((old[0].cpu == 0 && old[0].processed == 255 && old[0].dropped == 31 && old[0].squeezed == 0));
    CHECK((old[1].cpu == 1 && old[1].processed == 0x80000000U && old[1].squeezed == 10));
    const auto eleven = parse_softnet("1 2 3" + zeros + "\n", "f", test::ignored()); // Linux 3.11 to 5.9
    CHECK((eleven.size() == 1 && eleven[0].cpu == 0));
    const auto fifteen = parse_softnet("1 2 3" + zeros + " 0 11 0 0\n", "f", test::ignored()); // Linux 6
    CHECK((fifteen.size() == 1 && fifteen[0].cpu == 17));
}

TEST_CASE("An unreadable row of softnet_stat is skipped, and the CPUs after it keep their numbers") {
    const auto rows = parse_softnet("1 0 0\nx 0 0\n3 0 0\n", "f", test::ignored());
    REQUIRE(rows.size() == 2);
    CHECK((rows[0].cpu == 0 && rows[1].cpu == 2 && rows[1].processed == 3));
    CHECK(complaint(softnet, "1 0 0\nx 0 0\n") == "/p/f:2: field 1 'x' is not a hexadecimal number");
    CHECK(complaint(softnet, "1 0\n") == "/p/f:1: field 3 '' is not a hexadecimal number");
    CHECK(complaint(softnet, "") == "/p/f: is empty");
}

TEST_CASE("file-nr gives the allocated files without the unused ones, and the maximum") {
    const FileNr files = parse_file_nr("2015\t0\t9223372036854775807\n", "f");
    CHECK((files.allocated == 2015 && files.maximum == 9223372036854775807U));
    CHECK(parse_file_nr("100\t30\t500\n", "f").allocated == 70);
    CHECK(complaint(parse_file_nr, "1 2\n") == "/p/f:1: field 3 '' is not a number");
}

TEST_CASE("io.stat gives numbers by device, and fields other than NAME=NUMBER are skipped") {
    const auto rows =
        parse_cgroup_io("254:0 rbytes=1 wios=18446744073709551615 cost.vrate=100.00 x\n7:0 \n", "f", test::ignored());
    REQUIRE(rows.size() == 2);
    CHECK((rows[0].device == "254:0" && rows[0].name == "rbytes" && rows[0].number == 1));
    CHECK((rows[1].name == "wios" && rows[1].number == 18446744073709551615U));
    CHECK(parse_cgroup_io("", "f", test::ignored()).empty());
    CHECK(complaint(io, "rbytes=1\n") == "/p/f:1: field 1 'rbytes=1' is no device");
}

TEST_CASE("A limit of a control group is a number or none") {
    CHECK(parse_cgroup_limit("536870912\n", "f") == 536870912U);
    CHECK_FALSE(parse_cgroup_limit("max\n", "f"));
    CHECK(complaint(parse_cgroup_limit, "") == "/p/f:1: field 1 '' is not a number");
    CHECK(parse_cgroup_cpus("50000 100000\n", "f") == 0.5);
    CHECK_FALSE(parse_cgroup_cpus("max 100000\n", "f"));
    CHECK(complaint(parse_cgroup_cpus, "1 0\n") == "/p/f:1: field 2 '0' is no period");
    CHECK(complaint(parse_cgroup_cpus, "1\n") == "/p/f:1: field 2 '' is not a number");
}

TEST_CASE("Control groups are listed from the root on, up to the requested depth and number") {
    const FixtureRoot sys{{"fs/cgroup/cgroup.controllers", "cpu\n"},
                          {"fs/cgroup/b/cpu.stat", ""},
                          {"fs/cgroup/a/y/z/cpu.stat", ""},
                          {"fs/cgroup/a/x/cpu.stat", ""}};
    const Root root{sys.path()};
    CHECK(cgroup_folder(root) == "fs/cgroup");
    using Groups = std::vector<std::string>;
    CHECK(list_cgroups(root, "fs/cgroup", 4, 100) == Groups{"", "/a", "/a/x", "/a/y", "/a/y/z", "/b"});
    CHECK(list_cgroups(root, "fs/cgroup", 1, 100) == Groups{"", "/a", "/b"});
    CHECK(list_cgroups(root, "fs/cgroup", 4, 3) == Groups{"", "/a", "/a/x"});
    CHECK(list_cgroups(root, "fs/cgroup", 0, 100) == Groups{""});
    const FixtureRoot first{{"fs/cgroup/cpu/tasks", ""}};
    CHECK_FALSE(cgroup_folder(Root{first.path()}));
    const FixtureRoot both{{"fs/cgroup/unified/cgroup.controllers", ""}};
    CHECK(cgroup_folder(Root{both.path()}) == "fs/cgroup/unified");
}

TEST_CASE("The clock's state is in seconds, whatever the kernel counts in") {
    timex clock{};
    clock.status = STA_PLL | STA_NANO;
    clock.offset = -123456;
    clock.maxerror = 16000;
    clock.esterror = 500;
    clock.freq = 65536;
    clock.tai = 37;
    const ClockState state = clock_state_of(clock, TIME_OK);
    CHECK(state.is_synchronised);
    CHECK(state.offset == -123456e-9);
    CHECK(state.maximum_error == 0.016);
    CHECK(state.estimated_error == 0.0005);
    CHECK(state.frequency_ratio == 1.000001);
    CHECK(state.tai_offset == 37);
    clock.status = STA_PLL;
    CHECK(clock_state_of(clock, TIME_OK).offset == -0.123456);
    clock.status = STA_UNSYNC;
    CHECK_FALSE(clock_state_of(clock, TIME_OK).is_synchronised);
    clock.status = STA_PLL;
    CHECK_FALSE(clock_state_of(clock, TIME_ERROR).is_synchronised);
    CHECK(read_clock_state().maximum_error >= 0);
}

TEST_CASE("A link has the values of its driver and kernel, and a broken file loses only its own value") {
    const FixtureRoot sys{{"class/net/eth0/operstate", "up\n"},    {"class/net/eth0/carrier", "1\n"},
                          {"class/net/eth0/speed", "1000\n"},      {"class/net/eth0/carrier_changes", "x\n"},
                          {"class/net/lo/operstate", "unknown\n"}, {"class/net/lo/speed", "-1\n"},
                          {"class/net/bonding_masters", "bond0\n"}};
    std::vector<std::string> sentences;
    const Root root{sys.path(), [&](std::string_view sentence) { sentences.emplace_back(sentence); }};
    const auto links = read_links(root);
    REQUIRE(links.size() == 2);
    CHECK((links[0].name == "eth0" && links[0].is_up == true && links[0].carrier == 1));
    CHECK(links[0].speed == 125'000'000);
    CHECK_FALSE(links[0].carrier_changes);
    CHECK((links[1].name == "lo" && links[1].is_up == false));
    CHECK_FALSE((links[1].speed || links[1].carrier));
    REQUIRE(sentences.size() == 1);
    CHECK(sentences[0] == (sys.path() / "class/net/eth0/carrier_changes").string() + ":1: field 1 'x' is not a number");
    CHECK(root.skipped().count() == 1);
}

TEST_CASE("A mount is read-only by its own options or by those of its file system") {
    const auto mount = [](std::string options) { return Mount{"d", "/", "ext4", std::move(options)}; };
    CHECK(mount("ro").is_read_only());
    CHECK(mount("rw,relatime,ro,errors=remount-ro").is_read_only());
    CHECK(mount("rw,emergency_ro").is_read_only());
    CHECK_FALSE(mount("rw,errors=remount-ro,prot=ro2,roo").is_read_only());
    CHECK_FALSE(mount("").is_read_only());
    const auto info = parse_mountinfo("36 35 98:0 / /a rw,noatime shared:1 - ext4 /dev/sda1 ro,errors=continue\n", "f",
                                      test::ignored());
    REQUIRE(info.size() == 1);
    CHECK(info[0].mount.is_read_only());
}
