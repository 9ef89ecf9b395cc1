// SPDX-License-Identifier: MIT The real host collectors on recorded hosts (tests/fixtures/hosts): their bytes, their
// numbers as a script makes them out, and what they make of files that are broken.
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.hpp"
#include "support/fed_file.hpp"
#include "support/golden.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

struct HostCollector {
    std::string name;
    std::vector<std::string> files; ///< that it reads, below the host's folder
    std::vector<std::string> flags = {};
    bool reads_sys = false;
};

const std::vector<HostCollector>& collectors() {
    static const std::vector<HostCollector> all{
        {.name = "diskburst", .files = {"proc/diskstats"}, .reads_sys = true},
        {.name = "ifstat", .files = {"proc/net/dev"}},
        {.name = "iostat", .files = {"proc/diskstats"}, .reads_sys = true},
        {.name = "netburst", .files = {"proc/net/dev"}},
        {.name = "netfilter", .files = {"proc/sys/net/netfilter/nf_conntrack_max"}},
        {.name = "netstat",
         .files = {"proc/net/sockstat", "proc/net/netstat", "proc/net/snmp", "proc/net/tcp", "proc/net/tcp6"}},
        {.name = "pressure", .files = {"proc/pressure/cpu", "proc/pressure/memory", "proc/pressure/io"}},
        {.name = "procnettcp",
         .files = {"proc/net/tcp", "proc/net/tcp6"},
         .flags = {"--users", "root=0,www-data=33,mysql=112"}},
        {.name = "procstats",
         .files = {"proc/stat", "proc/meminfo", "proc/vmstat", "proc/uptime", "proc/loadavg", "proc/interrupts",
                   "proc/softirqs", "proc/sys/kernel/random/entropy_avail", "sys/devices/system/node/node0/numastat"},
         .reads_sys = true},
        {.name = "dfstat", .files = {"proc/mounts"}, .flags = {"--deadline", "100"}},
    };
    return all;
}

test::Result run(const HostCollector& collector, const fs::path& host, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{
        "--proc-root", (host / "proc").string(), "--once", "--now", "1700000000", "--hostname", "golden"};
    if (collector.reads_sys) {
        arguments.insert(arguments.end(), {"--sys-root", (host / "sys").string()});
    }
    arguments.insert(arguments.end(), collector.flags.begin(), collector.flags.end());
    arguments.insert(arguments.end(), more.begin(), more.end());
    std::map<std::string, std::string> environment;
    if (collector.name == "dfstat") {
        environment = {{"LD_PRELOAD", TICKERTAPE_STATVFS},
                       {"STATVFS", (host / "statvfs").string()},
                       {"ASAN_OPTIONS", "verify_asan_link_order=0"}};
    }
    return test::run({.program = test::collector(collector.name), .arguments = arguments, .environment = environment},
                     120s);
}

/// `METRIC VALUE TAGS`, sorted; the values by what else stands in the line, as a script may write them in another form.
std::multimap<std::string, double> by_series(const std::string& out) {
    std::multimap<std::string, double> values;
    for (std::string line : test::complete_lines(out)) {
        const std::size_t blank = line.find(' ');
        const std::size_t end = std::min(line.find(' ', blank + 1), line.size());
        const std::string value = line.substr(blank + 1, end - blank - 1);
        std::size_t used = 0;
        const double number = std::stod(value, &used);
        INFO(line);
        CHECK(used == value.size());
        values.emplace(line.erase(blank, end - blank), number);
    }
    return values;
}

/// Put lines without `put`, time and host.
std::string without_place(const std::string& out) {
    std::string lines;
    for (const std::string& line : test::complete_lines(out)) {
        std::string text = line.substr(4);
        const std::size_t time = text.find(' ');
        text.erase(time, text.find(' ', time + 1) - time);
        const std::size_t host = text.find(" host=golden");
        INFO(line);
        REQUIRE(host != std::string::npos);
        lines += text.erase(host, 12) + "\n";
    }
    return lines;
}

/// What a collector prints that reads `file` twice, ten seconds apart.
test::Result run_on_two(const HostCollector& collector, const fs::path& host, const fs::path& file,
                        const std::string& first, const std::string& second) {
    const test::FedFile fed{host / file, {first, second}};
    return run(collector, host, {"--interval", "10"});
}

bool is_text(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); });
}

/// A copy of the plain host, to be broken.
struct Copy {
    Copy() { fs::copy(test::fixture("hosts/vm"), host(), fs::copy_options::recursive); }
    [[nodiscard]] fs::path host() const { return folder.path() / "host"; }
    void write(const fs::path& file, std::string_view text) const {
        std::ofstream{host() / file, std::ios::binary} << text;
    }
    test::TemporaryDirectory folder;
};

} // namespace

TEST_CASE("Host collectors print their golden files, on a plain machine and on a large one") {
    for (const HostCollector& collector : collectors()) {
        for (const std::string tree : {"vm", "large"}) {
            CAPTURE(collector.name, tree);
            if (collector.name == "netstat" && sysconf(_SC_PAGESIZE) != 4096) {
                WARN("skipped: what sockets take is counted in pages, which have another size here");
                continue;
            }
            const test::Result result = run(collector, test::fixture("hosts/" + tree));
            CHECK(result.ended == test::exit_0);
            // The large one has a mount that is gone, which dfstat says.
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

TEST_CASE("A host collector whose file is broken says so, names the file, and still prints what the other files tell") {
    const std::string binary{"\x7f\x45\x00\xff\n\x1b[31m\x01 \n: | \xc3\x28", 18};
    for (const HostCollector& collector : collectors()) {
        const Copy copy;
        const std::string whole = run(collector, test::fixture("hosts/vm")).out;
        for (const std::string& file : collector.files) {
            const std::string text = test::contents_of(test::fixture("hosts/vm") / file);
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
                                    kind == "huge" ? std::uintmax_t{65} << 20U : fs::file_size(path)); // with a hole
                } else if (kind == "forbidden") {
                    fs::permissions(path, fs::perms::none);
                } else {
                    fs::remove(path);
                    kind == "folder" ? fs::create_directory(path) : false;
                }
                const test::Result result = run(collector, copy.host());
                CHECK((result.ended.code == 0 || result.ended.code == 1 || result.ended.code == 13));
                CHECK(is_text(result.err));
                CHECK(result.err.size() < 2000);
                const bool harmless = file == "proc/mounts" || file.starts_with("proc/net/tcp") || kind == "cut" ||
                                      kind == "missing" || (kind == "empty" && file == "proc/diskstats");
                CHECK((harmless || result.err.find(path.string()) != std::string::npos));
                CHECK((harmless || result.out.size() < whole.size()));
                const auto all = test::complete_lines(whole);
                for (const std::string& line : test::complete_lines(result.out)) {
                    const std::string metric = line.substr(0, line.find(' ', 4));
                    INFO(line);
                    CHECK(std::any_of(all.begin(), all.end(),
                                      [&](const std::string& known) { return known.starts_with(metric); }));
                }
            }
            fs::remove(copy.host() / file);
            copy.write(file, text);
        }
    }
}

TEST_CASE("A host collector that has nothing to look at ends with 13, so that tcollector leaves it alone") {
    const test::TemporaryDirectory empty;
    for (const HostCollector& collector : collectors()) {
        CAPTURE(collector.name);
        fs::create_directories(empty.path() / "proc");
        fs::create_directories(empty.path() / "sys");
        const test::Result result = run(collector, empty.path());
        CHECK(result.ended == test::Ended{.code = 13});
        CHECK(result.out.empty());
        CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
    }
}

TEST_CASE("dfstat skips and counts a mount that does not answer, and ends all the same") {
    const Copy copy;
    copy.write("proc/mounts", "/dev/vda / ext4 rw 0 0\nserver:/x /mnt/hung nfs4 rw 0 0\ntmpfs /run tmpfs rw 0 0\n");
    copy.write("statvfs", "/ 4096 10 5 5 10 5\n/mnt/hung hangs\n/run 4096 10 5 5 10 5\n");
    const HostCollector dfstat{.name = "dfstat", .files = {}, .flags = {"--deadline", "5"}};
    const test::Result result = run(dfstat, copy.host());
    CHECK(result.ended == test::exit_0);
    CHECK(result.out.find("put df.mounts.skipped 1699999980 1 host=golden reason=no_answer\n") != std::string::npos);
    CHECK(result.out.find("mount=/run") != std::string::npos);
    CHECK(result.out.find("/mnt/hung") == std::string::npos);
}

TEST_CASE("ifstat tells rates if asked to, across a wrap, but not for what was reset or is new") {
    const test::TemporaryDirectory host;
    const std::string titles = "a|b\nc|d\n";
    const std::string rest = " 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n";
    const test::Result result =
        run_on_two({.name = "ifstat", .files = {}, .flags = {"--rate"}}, host.path(), "proc/net/dev",
                   titles + "eth0: 1000 4294967295" + rest + "eth1: 1000 50" + rest,
                   titles + "eth0: 6000 14" + rest + "eth1: 10 60" + rest + "eth2: 5 5" + rest);
    CHECK(result.ended == test::exit_0);
    CHECK(result.err.empty());
    const auto values = by_series(without_place(result.out));
    CHECK(values.size() == 31);
    CHECK(values.find("proc.net.bytes direction=in iface=eth0")->second == 500);
    CHECK(values.find("proc.net.packets direction=in iface=eth0")->second == 1.5);
    CHECK(values.count("proc.net.bytes direction=in iface=eth1") == 0);
    CHECK(values.find("proc.net.packets direction=in iface=eth1")->second == 1);
    CHECK(result.out.find("eth2") == std::string::npos);
    CHECK(result.out.find(" 1700000000 ") != std::string::npos);
}

TEST_CASE("iostat tells how busy a disk was between two readings") {
    const test::TemporaryDirectory host;
    fs::create_directories(host.path() / "sys/block/sda");
    const test::Result result =
        run_on_two({.name = "iostat", .files = {}, .reads_sys = true}, host.path(), "proc/diskstats",
                   "8 0 sda 100 0 800 50 200 0 1600 100 0 4294967290 500\n8 1 sda1 1 1 1 1 1 1 1 1 1 1 1\n",
                   "8 0 sda 110 0 800 75 230 0 1600 160 0 494 500\n8 1 sda1 1 1 1 1 1 1 1 1 1 1 1\n");
    CHECK(result.ended == test::exit_0);
    CHECK(result.err.empty());
    const auto values = by_series(without_place(result.out));
    CHECK(values.find("iostat.disk.read_requests dev=sda")->second == 110); // counters stay what they are
    CHECK(values.find("iostat.disk.svctm dev=sda")->second == 12.5);
    CHECK(values.find("iostat.disk.r_await dev=sda")->second == 2.5);
    CHECK(values.find("iostat.disk.w_await dev=sda")->second == 2);
    CHECK(values.find("iostat.disk.await dev=sda")->second == 2.13);
    CHECK(values.find("iostat.disk.util dev=sda")->second == 5);
    CHECK(values.count("iostat.part.util dev=sda1") == 0);
    CHECK(values.count("iostat.part.read_requests dev=sda1") == 1);
}

TEST_CASE("procnettcp prints each combination there can be if asked to") {
    HostCollector procnettcp{.name = "procnettcp", .files = {}, .flags = {"--users", "root=0,www-data=33,mysql=112"}};
    const test::Result some = run(procnettcp, test::fixture("hosts/large"));
    const test::Result all = run(procnettcp, test::fixture("hosts/large"), {"--all"});
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
