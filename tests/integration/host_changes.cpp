// SPDX-License-Identifier: MIT
// The real host collectors while the host changes, between two runs and within one: rates, and things that come and go.
#include <cerrno>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/fed_file.hpp"
#include "support/golden.hpp"
#include "support/host_collectors.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

using test::by_series;
using test::host_collector;
using test::HostCopy;
using test::run_on_changing;
using test::without_place;

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t begin = 1'700'000'000;

/// Returns when a series was reported, in tens of seconds since the first run. `series` is `METRIC TAGS` without the host.
std::vector<std::uint64_t> runs_of(const std::string& series, const std::string& out) {
    std::vector<std::uint64_t> runs;
    const std::string metric = series.substr(0, series.find(' '));
    for (const std::string& line : test::complete_lines(out)) {
        if (line.starts_with("put " + metric + " ") && by_series(without_place(line + "\n")).begin()->first == series) {
            runs.push_back((std::stoull(line.substr(5 + metric.size())) - begin) / 10);
        }
    }
    return runs;
}

using Runs = std::vector<std::uint64_t>;

/// Returns the environment with which reading `file` fails.
std::map<std::string, std::string> failing(const std::string& file, int error) {
    return {{"LD_PRELOAD", TICKERTAPE_READ},
            {"READ_FAILS_ON", file},
            {"READ_FAILS_WITH", std::to_string(error)},
            {"ASAN_OPTIONS", "verify_asan_link_order=0"}};
}

const std::string net_titles = "a|b\nc|d\n";
const std::string net_rest = " 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n";

} // namespace

TEST_CASE("ifstat reports rates on request, across a wrap, but not for reset counters and new interfaces") {
    const test::TemporaryDirectory host;
    const test::Result result =
        run_on_changing(host.path(), host_collector("ifstat"), "proc/net/dev",
                        {net_titles + "eth0: 1000 4294967295" + net_rest + "eth1: 1000 50" + net_rest,
                         net_titles + "eth0: 6000 14" + net_rest + "eth1: 10 60" + net_rest + "eth2: 5 5" + net_rest},
                        {"--rate"});
    CHECK(result.ended == test::exit_0);
    CHECK(result.err.empty());
    const auto values = by_series(without_place(result.out));
    CHECK(values.size() == 31);
    CHECK(values.find("proc.net.bytes direction=in iface=eth0")->second == 500);
    CHECK(values.find("proc.net.packets direction=in iface=eth0")->second == 1.5);
    CHECK_FALSE(values.contains("proc.net.bytes direction=in iface=eth1"));
    CHECK(values.find("proc.net.packets direction=in iface=eth1")->second == 1);
    CHECK(result.out.find("eth2") == std::string::npos);
    CHECK(result.out.find(" 1700000010 ") != std::string::npos);
}

TEST_CASE("iostat reports how busy a disk was between two readings") {
    const test::TemporaryDirectory host;
    fs::create_directories(host.path() / "sys/block/sda");
    const test::Result result =
        run_on_changing(host.path(), host_collector("iostat"), "proc/diskstats",
                        {"8 0 sda 100 0 800 50 200 0 1600 100 0 4294967290 500\n8 1 sda1 1 1 1 1 1 1 1 1 1 1 1\n",
                         "8 0 sda 110 0 800 75 230 0 1600 160 0 494 500\n8 1 sda1 1 1 1 1 1 1 1 1 1 1 1\n"});
    CHECK(result.ended == test::exit_0);
    CHECK(result.err.empty());
    const auto values = by_series(without_place(result.out));
    const auto reads = values.equal_range("iostat.disk.read_requests dev=sda"); // counters keep their values
    CHECK(std::vector<double>{reads.first->second, std::next(reads.first)->second} == std::vector<double>{100, 110});
    CHECK(values.find("iostat.disk.svctm dev=sda")->second == 12.5);
    CHECK(values.find("iostat.disk.r_await dev=sda")->second == 2.5);
    CHECK(values.find("iostat.disk.w_await dev=sda")->second == 2);
    CHECK(values.find("iostat.disk.await dev=sda")->second == 2.13);
    CHECK(values.find("iostat.disk.util dev=sda")->second == 5);
    CHECK_FALSE(values.contains("iostat.part.util dev=sda1"));
    CHECK(values.count("iostat.part.read_requests dev=sda1") == 2);
}

TEST_CASE("An interface that comes and goes is reported while it exists, with rates from its second run on") {
    const test::TemporaryDirectory host;
    const std::string one = net_titles + "eth0: 1 1" + net_rest;
    const std::string two = one + "veth1@if2: 7 7" + net_rest;
    const std::string series = "proc.net.bytes direction=in iface=veth1_if2";
    const std::vector<std::string> texts{one, two, one, two, two};
    const auto counts = run_on_changing(host.path(), host_collector("ifstat"), "proc/net/dev", texts);
    CHECK(counts.err.empty());
    CHECK(runs_of(series, counts.out) == Runs{1, 3, 4});
    CHECK(runs_of("proc.net.bytes direction=in iface=eth0", counts.out) == Runs{0, 1, 2, 3, 4});
    const auto rates = run_on_changing(host.path(), host_collector("ifstat"), "proc/net/dev", texts, {"--rate"});
    CHECK(runs_of(series, rates.out) == Runs{4});
}

TEST_CASE("A disk that comes and goes is reported while it exists, and is busy only between two runs with it") {
    const test::TemporaryDirectory host;
    fs::create_directories(host.path() / "sys/block/sda");
    fs::create_directories(host.path() / "sys/block/sdb");
    const std::string one = "8 0 sda 1 1 1 1 1 1 1 1 1 1 1\n";
    const std::string before = one + "8 16 sdb 900 9 9 900 9 9 9 9 0 9 9\n";
    const std::string reset = one + "8 16 sdb 1 0 8 1 0 0 0 0 0 1 1\n"; // another device in its place
    const auto result = run_on_changing(host.path(), host_collector("iostat"), "proc/diskstats",
                                        {before, before, one, before, reset, reset});
    CHECK(result.err.empty());
    CHECK(runs_of("iostat.disk.read_requests dev=sdb", result.out) == Runs{0, 1, 3, 4, 5});
    CHECK(runs_of("iostat.disk.util dev=sdb", result.out) == Runs{1, 5});
    CHECK(runs_of("iostat.disk.util dev=sda", result.out) == Runs{1, 2, 3, 4, 5});
}

TEST_CASE("A CPU that comes and goes is reported by its own number while it exists") {
    const HostCopy copy;
    const std::string all = "cpu 9 9 9 9\ncpu0 1 1 1 1\n";
    const std::vector<std::string> stat{all + "cpu1 2 2 2 2\n", all, all + "cpu1 3 3 3 3\n", all + "cpu1 4 4 4 4\n"};
    const std::string idle = "proc.stat.cpu.percpu cpu=1 cpuset=none type=idle";
    const auto counts = run_on_changing(copy.host(), host_collector("procstats"), "proc/stat", stat);
    CHECK(counts.err.empty());
    CHECK(runs_of(idle, counts.out) == Runs{0, 2, 3});
    CHECK(runs_of("proc.stat.cpu type=idle", counts.out) == Runs{0, 1, 2, 3});
    const auto rates = run_on_changing(copy.host(), host_collector("procstats"), "proc/stat", stat, {"--rate"});
    CHECK(runs_of(idle, rates.out) == Runs{3});

    const HostCopy other;
    fs::remove(other.host() / "proc/interrupts");
    const test::FedFile fed{other.host() / "proc/interrupts",
                            {"CPU0 CPU1 CPU2\nNMI: 1 2 3\n", "CPU0 CPU2\nNMI: 1 3\n", "CPU0 CPU1 CPU2\nNMI: 1 2 3\n"}};
    const auto interrupts =
        test::run_on(other.host(), host_collector("procstats"),
                     {"--now", "1700000000", "--interval", "10", "--for", "80", "--dedup", "0"}); // each fourth run
    CHECK(interrupts.err.empty());
    CHECK(runs_of("proc.interrupts cpu=1 type=NMI", interrupts.out) == Runs{0, 8});
    CHECK(runs_of("proc.interrupts cpu=2 type=NMI", interrupts.out) == Runs{0, 4, 8});
}

TEST_CASE("A mount that comes and goes is reported while it exists, and one that goes within a run affects no other") {
    const HostCopy copy;
    copy.write("statvfs", "/ 4096 10 5 5 10 5\n/data 4096 10 5 5 10 5\n");
    const std::string one = "/dev/vda / ext4 rw 0 0\n";
    const std::string two = one + "/dev/vdb /data xfs rw 0 0\n";
    const auto result = run_on_changing(copy.host(), host_collector("dfstat"), "proc/mounts", {two, one, two});
    CHECK(result.err.empty());
    CHECK(runs_of("df.bytes.free fstype=xfs mount=/data", result.out) == Runs{0, 2});
    CHECK(runs_of("df.bytes.free fstype=ext4 mount=/", result.out) == Runs{0, 1, 2});

    const HostCopy other;
    other.write("statvfs", "/ 4096 10 5 5 10 5\n"); // /data has gone when dfstat asks it
    const auto gone = run_on_changing(other.host(), host_collector("dfstat"), "proc/mounts", {two, one});
    CHECK(gone.err == "tickertape: cannot look at /data: No such file or directory\n");
    CHECK(gone.out.find("/data") == std::string::npos);
    CHECK(runs_of("df.bytes.free fstype=ext4 mount=/", gone.out) == Runs{0, 1});
}

TEST_CASE("Each collector of counters reports a wrap at 32 or 64 bits as growth, and skips reset counters") {
    struct Change {
        std::string collector;
        std::string file;
        std::string before;
        std::string after;
        std::string wraps; // by 20
        std::string is_reset;
    };
    const std::string max32 = "4294967290";
    const std::string max64 = "18446744073709551610";
    const std::vector<Change> changes{
        {"netstat", "proc/net/snmp", "Tcp: OutRsts InErrs\nTcp: " + max32 + " 1000\n",
         "Tcp: OutRsts InErrs\nTcp: 14 10\n", "net.stat.tcp.resets direction=out", "net.stat.tcp.errors direction=in"},
        {"procstats", "proc/stat", "cpu 1000 0 0 " + max64 + "\n", "cpu 10 0 0 14\n", "proc.stat.cpu type=idle",
         "proc.stat.cpu type=user"},
        {"pressure", "proc/pressure/io",
         "some avg10=1 avg60=1 avg300=1 total=" + max64 + "\nfull avg10=1 avg60=1 avg300=1 total=1000\n",
         "some avg10=1 avg60=1 avg300=1 total=14\nfull avg10=1 avg60=1 avg300=1 total=10\n",
         "proc.pressure.io.some.total", "proc.pressure.io.full.total"}};
    for (const Change& change : changes) {
        CAPTURE(change.collector);
        const HostCopy copy;
        const auto result = run_on_changing(copy.host(), host_collector(change.collector), change.file,
                                            {change.before, change.after}, {"--rate"});
        CHECK(result.err.empty());
        const auto values = by_series(without_place(result.out));
        REQUIRE(values.count(change.wraps) == 1);
        CHECK(values.find(change.wraps)->second == 2);
        CHECK_FALSE(values.contains(change.is_reset));
    }
}

TEST_CASE("A disk, memory node or CPU that goes while it is read yields no data and no message") {
    struct Case {
        std::string collector;
        std::string file;
        int error;
        std::string part; // in addition to its own lines
    };
    const std::vector<Case> cases{
        {"iostat", "/dm-0/dm/name", ENODEV, "dev=vg0-root"},
        {"procstats", "/node1/numastat", ENODEV, "node=1"},
        {"procstats", "/cpu1/cpufreq/scaling_cur_freq", EBUSY, "proc.scaling.cur 1699999995 1200001 cpu=1 "}};
    const fs::path host = test::fixture("hosts/large");
    for (const Case& each : cases) {
        CAPTURE(each.file);
        const auto whole = test::run_once_on(host, host_collector(each.collector));
        const auto result = test::run_on(host, host_collector(each.collector), {"--once", "--now", "1700000000"},
                                         failing(each.file, each.error));
        CHECK(result.ended == test::exit_0);
        CHECK(result.err.empty());
        CHECK(whole.out.find(each.part) != std::string::npos);
        CHECK(result.out.find(each.part) == std::string::npos);
        CHECK(result.out.size() > whole.out.size() / 2);
    }
}

TEST_CASE("A process that ends while it is read is not counted, and causes no message") {
    const auto processes = [](const std::map<std::string, std::string>& environment) {
        const auto result = test::run({.program = test::collector("numprocesses"),
                                       .arguments = {"--proc-root", test::fixture("proc/plain").string(), "--once",
                                                     "--now", "1700000000", "--hostname", "golden"},
                                       .environment = environment});
        CHECK(result.ended == test::exit_0);
        CHECK(result.err.empty());
        double sum = 0;
        for (const auto& [series, value] : by_series(without_place(result.out))) {
            sum += value;
        }
        return sum;
    };
    CHECK(processes(failing("/1/stat", ESRCH)) == processes({}) - 1);
}
