// SPDX-License-Identifier: MIT
// The real host collectors on recorded hosts (tests/fixtures/hosts): their bytes, their numbers compared with those of a script,
// and their behaviour with broken files.
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/host_collectors.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

using test::by_series;
using test::host_collectors;
using test::HostCollector;
using test::HostCopy;
using test::run_once_on;
using test::without_place;

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

bool is_text(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); });
}

} // namespace

TEST_CASE(
    "Host collectors print their golden files, on a plain machine, on a large one and on one with an old kernel") {
    for (const HostCollector& collector : host_collectors()) {
        for (const std::string tree : {"vm", "server", "large", "old"}) { // Linux 6.18, 5.15, 5.4 and 4.4
            CAPTURE(collector.name, tree);
            const bool is_young = collector.name == "pressure" || collector.name == "cgroup";
            if (tree == "server" && !is_young) {
                continue; // the others have three kernels
            }
            if (tree == "old" && is_young) {
                CHECK(run_once_on(test::fixture("hosts/" + tree), collector).ended == test::Ended{.code = 13});
                continue;
            }
            if (collector.name == "netstat" && sysconf(_SC_PAGESIZE) != 4096) {
                WARN("skipped: what sockets take is counted in pages, which have another size here");
                continue;
            }
            const test::Result result = run_once_on(test::fixture("hosts/" + tree), collector);
            CHECK(result.ended == test::exit_0);
            // The large host has a mount that does not exist, and dfstat reports that.
            CHECK((collector.name == "dfstat" && tree == "large" ? "" : result.err).empty());
            test::check_golden(collector.name + "/" + tree + ".golden", result.out);

            const fs::path script = fs::path{TICKERTAPE_SOURCE_DIR} / "tests/golden" / collector.name / "recompute";
            const test::Result wanted =
                test::run({.program = script, .arguments = {test::fixture("hosts/" + tree).string()}}, 120s);
            CHECK(wanted.ended == test::exit_0);
            CHECK(wanted.err.empty());
            const auto ours = by_series(without_place(result.out));
            const auto theirs = by_series(wanted.out);
            for (auto a = ours.begin(), b = theirs.begin(); a != ours.end() && b != theirs.end(); ++a, ++b) {
                REQUIRE(a->first == b->first);
                INFO(a->first);
                CHECK(std::abs(a->second - b->second) <= 1e-12 * std::abs(b->second));
            }
            CHECK(ours.size() == theirs.size());
            CHECK(ours.size() > 1);
        }
    }
}

TEST_CASE("A host collector with a broken file names the file, and still reports the other files") {
    const std::string binary{"\x7f\x45\x00\xff\n\x1b[31m\x01 \n: | \xc3\x28", 18};
    for (const HostCollector& collector : host_collectors()) {
        for (const std::string& file : collector.files) {
            const std::string tree = fs::exists(test::fixture("hosts/vm") / file) ? "vm" : "large";
            const HostCopy copy{tree};
            const test::Result whole = run_once_on(copy.host(), collector);
            const std::string text = test::contents_of(test::fixture("hosts/" + tree) / file);
            const std::map<std::string, std::string> contents{
                {"empty", ""}, {"binary", binary}, {"cut", text.substr(0, text.size() / 3)}, {"huge", "x"}};
            for (const std::string kind : {"empty", "binary", "cut", "huge", "missing", "forbidden", "folder"}) {
                CAPTURE(collector.name, file, kind);
                const fs::path path = copy.host() / file;
                fs::remove(path);
                copy.write(file, text);
                if (contents.contains(kind)) {
                    copy.write(file, contents.at(kind));
                    fs::resize_file(path,
                                    kind == "huge" ? std::uintmax_t{65} << 20U : fs::file_size(path)); // with a gap
                } else if (kind == "forbidden") {
                    fs::permissions(path, fs::perms::none);
                } else {
                    fs::remove(path);
                    kind == "folder" ? fs::create_directory(path) : false;
                }
                const test::Result result = run_once_on(copy.host(), collector);
                CHECK((result.ended.code == 0 || result.ended.code == 1 || result.ended.code == 13));
                CHECK(is_text(result.err));
                CHECK(result.err.size() < 2000);
                const bool harmless = file == "proc/mounts" || file.starts_with("proc/net/tcp") || kind == "cut" ||
                                      kind == "missing" || (kind == "empty" && file == "proc/diskstats") ||
                                      (kind == "empty" && file.ends_with(".cpus")) ||
                                      (kind != "forbidden" && kind != "folder" && file.ends_with("/name"));
                CHECK((harmless || result.err.find(path.string()) != std::string::npos));
                CHECK((harmless || result.out.size() < whole.out.size()));
                const auto all = test::complete_lines(whole.out);
                for (const std::string& line : test::complete_lines(result.out)) {
                    const std::string metric = line.substr(0, line.find(' ', 4));
                    INFO(line);
                    CHECK(std::any_of(all.begin(), all.end(),
                                      [&](const std::string& known) { return known.starts_with(metric); }));
                }
            }
        }
    }
}

TEST_CASE("A host collector that has nothing to look at ends with 13, so that tcollector leaves it alone") {
    const test::TemporaryDirectory empty;
    for (const HostCollector& collector : host_collectors()) {
        CAPTURE(collector.name);
        fs::create_directories(empty.path() / "proc");
        fs::create_directories(empty.path() / "sys");
        const test::Result result = run_once_on(empty.path(), collector);
        CHECK(result.ended == test::Ended{.code = 13});
        CHECK(result.out.empty());
        CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
    }
}

TEST_CASE("dfstat skips and counts a mount that does not answer, and ends all the same") {
    const HostCopy copy;
    copy.write("proc/mounts", "/dev/vda / ext4 rw 0 0\nserver:/x /mnt/hung nfs4 rw 0 0\ntmpfs /run tmpfs rw 0 0\n");
    copy.write("statvfs", "/ 4096 10 5 5 10 5\n/mnt/hung hangs\n/run 4096 10 5 5 10 5\n");
    const HostCollector dfstat{.name = "dfstat", .files = {}, .flags = {"--deadline", "5", "--include-fs-type", "*"}};
    const test::Result result = run_once_on(copy.host(), dfstat);
    CHECK(result.ended == test::exit_0);
    CHECK(result.out.find("put df.mounts.skipped 1699999980 1 host=golden reason=no_answer\n") != std::string::npos);
    CHECK(result.out.find("mount=/run") != std::string::npos);
    CHECK(result.out.find("/mnt/hung") == std::string::npos);
}

TEST_CASE("dfstat counts mounts that it may not read, and logs nothing about them") {
    const HostCopy copy;
    copy.write("proc/mounts", "/dev/vda / ext4 rw 0 0\n/dev/vdb /mnt/private ext4 rw 0 0\n");
    copy.write("statvfs", "/ 4096 10 5 5 10 5\n/mnt/private forbidden\n");
    const test::Result result = run_once_on(copy.host(), test::host_collector("dfstat"));
    CHECK(result.ended == test::exit_0);
    CHECK(result.err.empty());
    CHECK(result.out.find("df.mounts.skipped 1699999980 1 host=golden reason=no_permission\n") != std::string::npos);
    CHECK(result.out.find("private") == std::string::npos);
    CHECK(result.out.find("mount=/\n") != std::string::npos);
}

TEST_CASE("procnettcp prints each combination there can be if asked to") {
    const HostCollector& procnettcp = test::host_collector("procnettcp");
    const test::Result some = run_once_on(test::fixture("hosts/large"), procnettcp);
    const test::Result all = run_once_on(test::fixture("hosts/large"), procnettcp, {"--all"});
    const auto lines = test::complete_lines(all.out);
    CHECK(lines.size() == std::size_t{11} * 10 * 4 * 2);
    for (const std::string& line : test::complete_lines(some.out)) {
        INFO(line);
        CHECK(std::count(lines.begin(), lines.end(), line) == 1);
    }
    CHECK(std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
              return line.starts_with("put proc.net.tcp 1699999980 0 ");
          }) == static_cast<std::ptrdiff_t>(lines.size() - test::complete_lines(some.out).size()));
}

TEST_CASE("A host collector reports the chosen mounts, and names patterns without a match") {
    const HostCollector& dfstat = test::host_collector("dfstat");
    const test::Result one =
        run_once_on(test::fixture("hosts/large"), dfstat, {"--include-mount", "/b*", "--exclude-mount", "/boot"});
    CHECK(one.out.find("mount=/b\n") != std::string::npos);
    CHECK(one.out.find("mount=/boot\n") == std::string::npos);
    CHECK(one.out.find("mount=/\n") == std::string::npos);
    const test::Result told = run_once_on(test::fixture("hosts/large"), dfstat,
                                          {"--check-config", "--exclude-mount", "/boo", "--include-fs-type", "nfs4"});
    CHECK(told.ended == test::exit_0);
    CHECK(told.out.find("exclude-mount = /boo    # --exclude-mount\n") != std::string::npos);
    CHECK(told.out.find("exclude-mount = /dev/*    # default\n") != std::string::npos);
    CHECK(told.out.find("# --exclude-mount: '/boo' matches nothing here\n") != std::string::npos);
    CHECK(told.out.find("nfs4    # --include-fs-type\n") != std::string::npos);
    CHECK(told.out.find("'nfs4'") == std::string::npos);
}
