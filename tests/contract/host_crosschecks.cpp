// SPDX-License-Identifier: MIT
// The real host collectors on this machine under load, compared with other tools: awk, ip, nstat, ss, df and sysstat.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/crosscheck.hpp"

using test::check;
using test::of;
using test::ratio;
using test::times;
using test::words_of;

TEST_CASE("procstats agrees with awk on /proc") {
    const test::Load load;
    const auto word = [](const std::string& name, int column, const std::string& file) {
        return "awk '$1 == \"" + name + "\" { print $" + std::to_string(column) + "; exit }' " + file;
    };
    check({{"procstats", word("ctxt", 2, "/proc/stat"), of("proc.stat.ctxt")},
           {"procstats", word("intr", 2, "/proc/stat"), of("proc.stat.intr")},
           {"procstats", word("processes", 2, "/proc/stat"), of("proc.stat.processes")},
           {"procstats", word("cpu", 2, "/proc/stat"), of("proc.stat.cpu", {"type=user"})},
           {"procstats", word("cpu", 5, "/proc/stat"), of("proc.stat.cpu", {"type=idle"})},
           {"procstats", word("cpu", 9, "/proc/stat"), of("proc.stat.cpu", {"type=steal"})},
           {"procstats", word("cpu0", 4, "/proc/stat"), of("proc.stat.cpu.percpu", {"type=system", "cpu=0"})},
           {"procstats", word("MemTotal:", 2, "/proc/meminfo"), times(of("proc.meminfo.memtotal"), 1.0 / 1024)},
           {"procstats", word("MemFree:", 2, "/proc/meminfo"), times(of("proc.meminfo.memfree"), 1.0 / 1024)},
           {"procstats", word("pgfault", 2, "/proc/vmstat"), of("proc.vmstat.pgfault")},
           {"procstats", word("oom_kill", 2, "/proc/vmstat"), of("proc.vmstat.oom_kill")},
           {"procstats", word("pgscan_kswapd", 2, "/proc/vmstat"), of("proc.vmstat.pgscan_kswapd")},
           {"procstats", word("TIMER:", 2, "/proc/softirqs"), of("proc.softirqs", {"type=TIMER", "cpu=0"})},
           {"procstats", word("LOC:", 2, "/proc/interrupts"), of("proc.interrupts", {"type=LOC", "cpu=0"})},
           {"procstats", "awk '{ print $1 }' /proc/uptime", of("proc.uptime.total")},
           {"procstats", "awk '{ print $3 }' /proc/loadavg", of("proc.loadavg.15min")}});
}

TEST_CASE("procstats agrees with mpstat on a CPU") {
    const test::Load load;
    // Shares since the start. mpstat counts a guest's time once, as %guest; the kernel includes it in user, too.
    const auto tell = [](const std::string& title) {
        return "mpstat -P 0 | awk '$2 == \"0\" { print $column } "
               "/%usr/ { for (i = 1; i <= NF; ++i) if ($i == \"" +
               title + "\") column = i }'";
    };
    const auto ticks = [](const std::string& type) { return of("proc.stat.cpu.percpu", {"cpu=0", "type=" + type}); };
    const auto share = [&](const std::string& type) -> test::Value {
        return [=](const std::string& out) -> std::optional<double> {
            double all = 0;
            for (const std::string each : {"user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"}) {
                all += ticks(each)(out).value_or(0);
            }
            const auto its = ticks(type)(out);
            return its ? std::optional{100 * *its / all} : std::nullopt;
        };
    };
    const double rounded = 0.006;
    check({{"procstats", tell("%nice"), share("nice"), rounded},
           {"procstats", tell("%sys"), share("system"), rounded},
           {"procstats", tell("%iowait"), share("iowait"), rounded},
           {"procstats", tell("%irq"), share("irq"), rounded},
           {"procstats", tell("%soft"), share("softirq"), rounded},
           {"procstats", tell("%steal"), share("steal"), rounded},
           {"procstats", tell("%guest"), share("guest"), rounded},
           {"procstats", tell("%idle"), share("idle"), rounded}});
}

TEST_CASE("ifstat agrees with ip -s link") {
    const test::Load load;
    std::vector<std::string> interfaces = words_of("ip -o link show up | awk -F '[:@ ]+' '$2 !~ /^bond/ { print $2 }'");
    if (interfaces.empty()) {
        WARN("skipped, as there is no ip here");
    }
    interfaces.resize(std::min<std::size_t>(interfaces.size(), 3));
    for (const std::string& name : interfaces) {
        const auto count = [&](const std::string& direction, int column) {
            return "ip -s link show " + name + " | awk 'found { print $" + std::to_string(column) + "; exit } /" +
                   direction + ":/ { found = 1 }'";
        };
        const auto ours = [&](const std::string& metric, const std::string& direction) {
            return of("proc.net." + metric, {"iface=" + name, "direction=" + direction});
        };
        check({{"ifstat", count("RX", 1), ours("bytes", "in")},
               {"ifstat", count("RX", 2), ours("packets", "in")},
               {"ifstat", count("RX", 3), ours("errs", "in")},
               {"ifstat", count("RX", 6), ours("multicast", "in")},
               {"ifstat", count("TX", 1), ours("bytes", "out")},
               {"ifstat", count("TX", 2), ours("packets", "out")},
               {"ifstat", count("TX", 3), ours("errs", "out")},
               {"ifstat", count("TX", 4), ours("drop", "out")}});
    }
}

TEST_CASE("netlinks agrees with ip") {
    const test::Load load;
    const std::vector<std::string> interfaces =
        words_of("ip -o link show up | awk -F '[:@ ]+' '{ print $2 }' | head -n 3");
    if (interfaces.empty()) {
        WARN("skipped, as there is no ip here");
    }
    for (const std::string& name : interfaces) {
        const std::string link = "ip -d link show " + name;
        check({{"netlinks", link + " | head -n 1 | grep -c 'LOWER_UP' | head -n 1",
                of("net.link.carrier", {"iface=" + name})},
               {"netlinks", link + " | head -n 1 | grep -c 'state UP' | head -n 1",
                of("net.link.up", {"iface=" + name})}});
    }
}

TEST_CASE("netstat agrees with nstat") {
    const test::Load load;
    const auto count = [](const std::string& name) {
        return "nstat -asz " + name + " | awk '$1 == \"" + name + "\" { print $2 }'";
    };
    check({{"netstat", count("TcpOutRsts"), of("net.stat.tcp.resets", {"direction=out"})},
           {"netstat", count("TcpActiveOpens"), of("net.stat.tcp.activeopens")},
           {"netstat", count("TcpPassiveOpens"), of("net.stat.tcp.passiveopens")},
           {"netstat", count("TcpRetransSegs"), of("net.stat.tcp.retranssegs")},
           {"netstat", count("TcpOutSegs"), of("net.stat.tcp.segments", {"direction=out"})},
           {"netstat", count("TcpExtTCPTimeouts"), of("net.stat.tcp.timeouts")},
           {"netstat", count("TcpInErrs"), of("net.stat.tcp.errors", {"direction=in"})},
           {"netstat", count("UdpInDatagrams"), of("net.stat.udp.datagrams", {"direction=in"})},
           {"netstat", count("UdpNoPorts"), of("net.stat.udp.errors", {"direction=in", "reason=noport"})},
           {"netstat", count("TcpExtDelayedACKs"), of("net.stat.tcp.delayedack", {"type=sent"})},
           {"netstat", count("TcpExtListenOverflows"), of("net.stat.tcp.failed_accept", {"reason=full_acceptq"})},
           {"netstat", count("TcpExtTCPAbortOnClose"), of("net.stat.tcp.abort", {"type=data_after_close"})}});
}

TEST_CASE("netstat agrees with ss") {
    const test::Load load;
    // TCP:   82 (estab 2, closed 78, orphaned 0, timewait 78)
    const auto of_tcp = [](const std::string& name) {
        return "ss -s | awk -F '[ (,)]+' '/^TCP:/ { for (i = 1; i < NF; ++i) if ($i == \"" + name +
               "\") print $(i + 1) }'";
    };
    // Transport Total     IP        IPv6
    const auto of_ipv4 = [](const std::string& name) {
        return "ss -s | awk '$1 == \"" + name + "\" && NF == 4 { print $3 }'";
    };
    const auto in_state = [](const std::string& state, const std::string& family) {
        return "ss -V >/dev/null && ss -Htan " + family + " state " + state + " | wc -l";
    };
    check({{"netstat", of_tcp("orphaned"), of("net.sockstat.num_orphans")},
           {"netstat", of_tcp("timewait"), of("net.sockstat.num_timewait")},
           {"netstat", of_ipv4("TCP"), of("net.sockstat.sockets_inuse", {"type=tcp"})},
           {"netstat", of_ipv4("UDP"), of("net.sockstat.sockets_inuse", {"type=udp"})},
           {"netstat", of_ipv4("RAW"), of("net.sockstat.sockets_inuse", {"type=raw"})},
           {"netstat", of_ipv4("FRAG"), of("net.sockstat.ipfragqueues")},
           {"netstat", in_state("listening", "-4"), of("net.tcp_state.listen", {"type=tcp"})},
           {"netstat", in_state("established", "-4"), of("net.tcp_state.established", {"type=tcp"})},
           {"netstat", in_state("time-wait", "-4"), of("net.tcp_state.time_wait", {"type=tcp"})}});
}

TEST_CASE("dfstat agrees with df") {
    const test::Load load;
    const auto tell = [](const std::string& column) {
        return "df -B1 --output=" + column + " / | tail -n 1 | tr -d %";
    };
    const auto ours = [](const std::string& metric) { return of("df." + metric, {"mount=/"}); };
    check({{"dfstat", tell("size"), ours("bytes.total")},
           {"dfstat", tell("used"), ours("bytes.used")},
           {"dfstat", tell("avail"), ours("bytes.free")},
           {"dfstat", tell("pcent"), ours("bytes.percentused"), 1}, // df rounds up
           {"dfstat", tell("itotal"), ours("inodes.total")},
           {"dfstat", tell("iused"), ours("inodes.used")},
           {"dfstat", tell("iavail"), ours("inodes.free")},
           {"dfstat", tell("ipcent"), ours("inodes.percentused"), 1}});
}

TEST_CASE("iostat agrees with sysstat's iostat") {
    const test::Load load;
    // Names and numbers since the start. Versions have different columns, but the same titles.
    const std::vector<std::string> disks =
        words_of("iostat -d -k | awk 'titled && NF { print $1 } /^Device/ { titled = 1 }'");
    if (disks.empty()) {
        WARN("skipped, as there is no iostat of sysstat here, or no disk");
        return;
    }
    const std::string& disk = disks.front();
    const auto tell = [&](const std::string& flags, const std::string& title) {
        return "iostat -d -k " + flags + " | awk '$1 == \"" + disk +
               "\" { print $column } /^Device/ { for (i = 1; i <= NF; ++i) if ($i == \"" + title + "\") column = i }'";
    };
    const auto ours = [&](const std::string& metric) { return of("iostat.disk." + metric, {"dev=" + disk}); };
    const double kibibyte = 1.0 / 1024;
    const double rounded = 0.006;
    check(
        {{"iostat", tell("", "kB_read"), times(ours("read_bytes"), kibibyte), 1},
         {"iostat", tell("", "kB_wrtn"), times(ours("write_bytes"), kibibyte), 1},
         {"iostat", tell("-x", "r_await"), ratio(ours("msec_read"), ours("read_requests")), rounded},
         {"iostat", tell("-x", "w_await"), ratio(ours("msec_write"), ours("write_requests")), rounded},
         {"iostat", tell("-x", "d_await"), ratio(ours("msecs_discard"), ours("discards_requests")), rounded},
         {"iostat", tell("-x", "f_await"), ratio(ours("msecs_flushing"), ours("flush_requests")), rounded},
         {"iostat", tell("-x", "rareq-sz"), times(ratio(ours("read_bytes"), ours("read_requests")), kibibyte), rounded},
         {"iostat", tell("-x", "wareq-sz"), times(ratio(ours("write_bytes"), ours("write_requests")), kibibyte),
          rounded}});
}
