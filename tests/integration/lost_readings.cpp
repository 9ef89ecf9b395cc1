// SPDX-License-Identifier: MIT
// Collectors of one kernel file that cannot be read for a while.
#include <csignal>
#include <filesystem>
#include <string>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

using test::at_some_time;

namespace {

struct OneFile {
    std::string collector;
    std::string file; // below --proc-root
    std::string text;
};

} // namespace

TEST_CASE("A kernel file that is gone or invalid for a while loses only the readings of that time") {
    const OneFile of =
        GENERATE(OneFile{"sarcpu", "stat", "cpu  1 2 3 4 5 6 7 8 9 10\n"}, OneFile{"uptime", "uptime", "12.5 40.0\n"});
    const bool is_gone = GENERATE(true, false);
    const bool at_start = GENERATE(false, true);
    CAPTURE(of.collector, is_gone, at_start);
    const test::TemporaryDirectory proc;
    const std::filesystem::path file = proc.path() / of.file;
    const std::filesystem::path aside = proc.path() / "aside";
    // Ticks of the CPUs go on; without them sarcpu reports nothing.
    long ticks = 0;
    const auto set = [&] {
        std::string text = of.text;
        if (const auto at = text.find("  1 "); at != std::string::npos) {
            text.replace(at, 4, "  " + std::to_string(++ticks) + " ");
        }
        proc.write("new", text);
        std::filesystem::rename(proc.path() / "new", file);
    };
    const auto break_it = [&] {
        proc.write("new", "nonsense\n");
        std::filesystem::rename(proc.path() / "new", file);
        if (is_gone) {
            std::filesystem::rename(file, aside);
        }
    };
    at_start ? break_it() : set();
    test::Process it{{.program = test::collector(of.collector),
                      .arguments = {"--interval", "0.1", "--granularity", "100ms", "--timespan", "100ms", "--dedup",
                                    "0", "--proc-root", proc.path().string()}}};
    const auto reports = [&] {
        return test::eventually([&] {
            set();
            return !it.out.read_for(std::chrono::milliseconds{100}).empty();
        });
    };
    if (!at_start) {
        REQUIRE(reports());
        break_it();
    }
    const std::string sentence = it.err.read_line(at_some_time).value_or("the end");
    CHECK(sentence.find(file.string()) != std::string::npos);
    CHECK(test::eventually([&] { return it.out.read_for(std::chrono::milliseconds{300}).empty(); }));
    REQUIRE(reports());
    it.signal(SIGTERM);
    static_cast<void>(it.out.read_to_end(at_some_time));
    CHECK(it.wait(at_some_time) == test::exit_0);
}
