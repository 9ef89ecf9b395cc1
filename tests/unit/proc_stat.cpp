// SPDX-License-Identifier: MIT
#include <tickertape/proc/stat.hpp>

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <tickertape/proc/uptime.hpp>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using tickertape::proc::CpuTimes;
using tickertape::proc::parse_stat;
using tickertape::proc::parse_uptime;
using tickertape::proc::ParseError;
using tickertape::proc::Root;

namespace {

using Row = std::array<std::uint64_t, 10>;

Row row_of(std::string_view text) {
    const CpuTimes cpu = parse_stat(text, "f").cpu;
    return {cpu.user, cpu.nice,    cpu.system, cpu.idle,  cpu.iowait,
            cpu.irq,  cpu.softirq, cpu.steal,  cpu.guest, cpu.guest_nice};
}

template <class Parse>
std::string complaint(Parse parse, std::string_view text) {
    try {
        static_cast<void>(parse(text, "/p/f"));
        return "nothing";
    } catch (const ParseError& error) {
        return error.what();
    }
}

} // namespace

TEST_CASE("The line of all CPUs is read in every width that a kernel wrote, and wider") {
    CHECK(row_of("cpu  1 2 3 4\n") == Row{1, 2, 3, 4});
    CHECK(row_of("cpu  1 2 3 4 5\n") == Row{1, 2, 3, 4, 5});
    CHECK(row_of("cpu  1 2 3 4 5 6 7\n") == Row{1, 2, 3, 4, 5, 6, 7});
    CHECK(row_of("cpu  1 2 3 4 5 6 7 8\n") == Row{1, 2, 3, 4, 5, 6, 7, 8});
    CHECK(row_of("cpu  1 2 3 4 5 6 7 8 9\n") == Row{1, 2, 3, 4, 5, 6, 7, 8, 9});
    CHECK(row_of("cpu  1 2 3 4 5 6 7 8 9 10\n") == Row{1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
    CHECK(row_of("cpu  1 2 3 4 5 6 7 8 9 10 11 x\n") == Row{1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
    CHECK(row_of("cpu 18446744073709551615 0 0 0") == Row{18446744073709551615U});
    CHECK(row_of("cpu\t1  2 3 4 \n") == Row{1, 2, 3, 4});
}

TEST_CASE("The line of all CPUs is found wherever it is, and others are not looked at") {
    CHECK(row_of("cpu0 x\n\nintr\ncpu 1 2 3 4\ncpu 5 6 7 8\n") == Row{1, 2, 3, 4});
}

TEST_CASE("A broken line of all CPUs is refused with file, line, field and token") {
    CHECK(complaint(parse_stat, "") == "/p/f: there is no line 'cpu'");
    CHECK(complaint(parse_stat, "cpu0 1 2 3 4\n") == "/p/f: there is no line 'cpu'");
    CHECK(complaint(parse_stat, "cpu") == "/p/f:1: field 2 '' is not a number");
    CHECK(complaint(parse_stat, "cpu 1 2 3\n") == "/p/f:1: field 5 '' is not a number");
    CHECK(complaint(parse_stat, "x\ncpu 1 x.03 3 4\n") == "/p/f:2: field 3 'x.03' is not a number");
    CHECK(complaint(parse_stat, "cpu 1 2 3 4 5 6 7 8 9 ten\n") == "/p/f:1: field 11 'ten' is not a number");
    CHECK(complaint(parse_stat, "cpu 1 2 3 -4\n") == "/p/f:1: field 5 '-4' is not a number");
    CHECK(complaint(parse_stat, "cpu 1 2 3 4.0\n") == "/p/f:1: field 5 '4.0' is not a number");
    CHECK(complaint(parse_stat, "cpu 18446744073709551616 2 3 4") ==
          "/p/f:1: field 2 '18446744073709551616' is not a number");
    CHECK(complaint(parse_stat, "cpu \x1b\xff" + std::string(100, 'x')) ==
          "/p/f:1: field 2 '??" + std::string(30, 'x') + "' is not a number");
}

TEST_CASE("Uptime is two numbers, and further ones are ignored") {
    CHECK(parse_uptime("350735.47 234388.90\n", "f").since_boot == 350735.47);
    CHECK(parse_uptime("350735.47 234388.90\n", "f").idle == 234388.90);
    CHECK(parse_uptime("1 2 x", "f").idle == 2);
}

TEST_CASE("A broken uptime is refused with the field and token") {
    CHECK(complaint(parse_uptime, "") == "/p/f:1: field 1 '' is not a number");
    CHECK(complaint(parse_uptime, "1.5\n2.5") == "/p/f:1: field 2 '' is not a number");
    CHECK(complaint(parse_uptime, "1,5 2") == "/p/f:1: field 1 '1,5' is not a number");
    CHECK(complaint(parse_uptime, "1 nan") == "/p/f:1: field 2 'nan' is not a number");
    CHECK(complaint(parse_uptime, "inf 2") == "/p/f:1: field 1 'inf' is not a number");
    CHECK(complaint(parse_uptime, "1e999 2") == "/p/f:1: field 1 '1e999' is not a number");
}

TEST_CASE("A kernel file that is not there, or broken, is named with its path") {
    const test::TemporaryDirectory proc;
    const Root root{proc.path()};
    CHECK_THROWS_WITH(read_stat(root),
                      "cannot open " + (proc.path() / "stat").string() + ": No such file or directory");
    CHECK_THROWS_WITH(read_uptime(root),
                      "cannot open " + (proc.path() / "uptime").string() + ": No such file or directory");
    proc.write("stat", "cpu 1 2 three 4\n");
    CHECK_THROWS_WITH(read_stat(root), (proc.path() / "stat").string() + ":1: field 4 'three' is not a number");
    proc.write("uptime", "");
    CHECK_THROWS_WITH(read_uptime(root), (proc.path() / "uptime").string() + ":1: field 1 '' is not a number");
}

TEST_CASE("Only the first line of a long /proc/stat is needed") {
    const test::TemporaryDirectory proc;
    proc.write("stat", "cpu 1 2 3 4\n" + std::string(1 << 20, 'x'));
    CHECK(read_stat(Root{proc.path()}).cpu.idle == 4);
}
