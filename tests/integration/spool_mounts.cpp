// SPDX-License-Identifier: MIT
// `tickertape push --spool` on real file systems that accept no data.
#include <chrono>
#include <filesystem>
#include <string>

#include <support/catch.hpp>
#include <support/long_time.hpp>
#include <support/process.hpp>
#include <support/temporary_directory.hpp>
#include <tickertape/testkit/fake_tsd.hpp>

namespace {

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using test::long_time;
using test::Result;
using tickertape::testkit::FakeTsd;

/// Runs `script` in new namespaces, in which it may mount.
Result run_with_mounts(const std::string& script, std::string_view input) {
    return test::run({.program = "/usr/bin/unshare",
                      .arguments = {"--user", "--map-root-user", "--mount", "/bin/sh", "-c", script},
                      .in = test::Pipe{}},
                     input, long_time);
}

bool can_mount(const std::string& where) {
    return run_with_mounts("mount -t tmpfs none " + where, {}).ended == test::exit_0;
}

} // namespace

TEST_CASE("a spool on a read-only or full file system loses no line while the target takes them") {
    struct Case {
        std::string options;
        std::string why;
    };
    const Case each = GENERATE(Case{"ro", "Read-only file system"}, Case{"size=256k", "free"});
    CAPTURE(each.options);
    const test::TemporaryDirectory directory;
    if (!can_mount(directory.path())) {
        WARN("this machine lets no test mount a file system");
        return;
    }
    const FakeTsd tsd;
    const std::string program = std::filesystem::path{TICKERTAPE_BIN_DIR} / "tickertape";
    const std::string folder = directory.path();
    const Result ran = run_with_mounts("mount -t tmpfs -o " + each.options + " none " + folder + " && exec " + program +
                                           " push " + tsd.address() + " --spool " + folder + "/spool",
                                       "put m 1700000000 1 host=h\nput m 1700000001 2 host=h\n");
    CHECK(ran.ended == test::exit_0);
    CHECK_THAT(ran.err, ContainsSubstring(": points are kept in memory") && ContainsSubstring(each.why) &&
                            ContainsSubstring("2 lines: 2 acknowledged"));
    CHECK(tsd.distinct() == 2);
}
