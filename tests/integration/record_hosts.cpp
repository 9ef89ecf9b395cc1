// SPDX-License-Identifier: MIT
// tests/fixtures/record, which records hosts for these tests. Collectors report the same from a recording, and it does not show
// whose machine it is.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/host_collectors.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace {

namespace fs = std::filesystem;

void record(const fs::path& host, const fs::path& folder) {
    const test::Result result =
        test::run({.program = test::fixture("record"),
                   .arguments = {folder.string(), (host / "proc").string(), (host / "sys").string()}},
                  std::chrono::seconds{120});
    CHECK(result.ended == test::exit_0);
    CHECK(result.err.empty());
}

/// Returns sorted text, because addresses are replaced and so may be in another order.
std::vector<std::string> sorted_lines(const std::string& out) {
    std::vector<std::string> lines = test::complete_lines(out);
    std::sort(lines.begin(), lines.end());
    return lines;
}

} // namespace

TEST_CASE("A recorded host gives each collector the same values as the host itself") {
    for (const std::string tree : {"vm", "large"}) {
        const fs::path host = test::fixture("hosts/" + tree);
        const test::TemporaryDirectory again;
        record(host, again.path());
        fs::copy(host / "statvfs", again.path() / "statvfs");
        fs::copy(host / "adjtimex", again.path() / "adjtimex");
        for (const test::HostCollector& collector : test::host_collectors()) {
            CAPTURE(tree, collector.name);
            const auto lines = sorted_lines(test::run_once_on(again.path(), collector).out);
            CHECK(lines == sorted_lines(test::run_once_on(host, collector).out));
            CHECK_FALSE(lines.empty());
        }
    }
}

TEST_CASE("A recording of a host contains none of its addresses, inodes and servers") {
    const test::HostCopy copy;
    const std::string tail =
        " 01 00000000:00000000 00:00000000 00000000     0        0 7654321 1 ffff9d3a81b2c340 20 4 0\n";
    copy.write("proc/net/tcp", "  sl  local_address rem_address   st\n   0: 1FC8A8C0:0016 2AB3D85E:C350" + tail);
    copy.write("proc/net/tcp6", "  sl  local_address rem_address   st\n   0: 4A3B012A00000000DE10000001000000:0016 "
                                "00000000000000000000000000000000:0000" +
                                    tail);
    copy.write("proc/mounts", "filer7.corp.example:/home /home nfs4 rw,addr=94.216.179.42 0 0\n"
                              "//filer8.corp.example/x /x cifs rw,username=jo 0 0\n");
    const test::TemporaryDirectory folder;
    record(copy.host(), folder.path());
    const std::string all = test::contents_of(folder.path() / "proc/net/tcp") +
                            test::contents_of(folder.path() / "proc/net/tcp6") +
                            test::contents_of(folder.path() / "proc/mounts");
    for (const std::string telling :
         {"1FC8", "2AB3D85E", "4A3B012A", "DE10", "7654321", "81b2c340", "corp", "94.216", "jo "}) {
        INFO(telling);
        CHECK(all.find(telling) == std::string::npos);
    }
    CHECK(all.find(":0016 017100CB:C350") != std::string::npos); // still public
    CHECK(all.find("A8C0:0016") != std::string::npos);           // still private
    CHECK(all.find("server1:/home /home nfs4") != std::string::npos);
}
