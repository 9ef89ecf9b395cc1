// SPDX-License-Identifier: MIT
// The form of lines that a real numprocesses chooses, by the program that started it.
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"
#include "support/under_tcollector.hpp"

using namespace std::chrono_literals;

using test::at_some_time;

namespace {

/// Returns the form of the lines of --once: "tcollector" or "put"; another text if they have neither.
std::string form_of(const std::string& out) {
    const std::vector<std::string> lines = test::complete_lines(out);
    if (lines.size() != 9) {
        return std::to_string(lines.size()) + " lines";
    }
    const bool put = lines.front().starts_with("put ");
    for (const std::string& line : lines) {
        if (line.starts_with("put ") != put || (line.find(" host=") != std::string::npos) != put) {
            return "mixed";
        }
    }
    return put ? "put" : "tcollector";
}

std::string form_under(const std::string& parent, const std::filesystem::path& program,
                       std::vector<std::string> arguments = {"--once"}) {
    test::UnderTcollector pair{program, std::move(arguments), parent};
    return form_of(pair.tcollector.out.read_to_end(at_some_time));
}

/// An executable shell script.
std::filesystem::path script(const test::TemporaryDirectory& directory, const std::string& name,
                             const std::string& text) {
    directory.write(name, "#!/bin/sh\n" + text + "\n");
    const std::filesystem::path path = directory.path() / name;
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
}

const std::filesystem::path numprocesses = test::collector("numprocesses");

} // namespace

TEST_CASE("A child of tcollector writes in tcollector's form") {
    CHECK(form_under("tcollector.py", numprocesses) == "tcollector");
    CHECK(form_under("tcollector", numprocesses) == "tcollector");
}

TEST_CASE("A collector that tcollector starts by a symlink writes in tcollector's form") {
    const test::TemporaryDirectory directory;
    std::filesystem::create_directory(directory.path() / "0");
    std::filesystem::create_symlink(numprocesses, directory.path() / "0/numprocesses");
    CHECK(form_under("tcollector.py", directory.path() / "0/numprocesses") == "tcollector");
}

TEST_CASE("Wrappers between tcollector and a collector do no harm") {
    const test::TemporaryDirectory directory;
    const std::string call = numprocesses.string() + " --once";
    CHECK(form_under("tcollector.py", script(directory, "execs", "exec " + call), {}) == "tcollector");
    CHECK(form_under("tcollector.py", script(directory, "waits", call + "\nexit 0"), {}) == "tcollector");
    CHECK(form_under("tcollector.py", script(directory, "pipes", call + " | cat"), {}) == "tcollector");
    CHECK(form_under("tcollector.py", script(directory, "nests", "sh -c '" + call + "; true'\nexit 0"), {}) ==
          "tcollector");
}

TEST_CASE("A renamed tcollector is known by a session of one's own, pipes and a numbered folder") {
    const test::TemporaryDirectory directory;
    std::filesystem::create_directory(directory.path() / "0");
    std::filesystem::create_symlink(numprocesses, directory.path() / "0/numprocesses");
    CHECK(form_under("metrics-runner", directory.path() / "0/numprocesses") == "tcollector");
    CHECK(form_under("metrics-runner", numprocesses) == "put");
}

TEST_CASE("A collector that tcollector's child sends to a file writes put lines") {
    const test::TemporaryDirectory directory;
    const std::filesystem::path out = directory.path() / "out";
    test::UnderTcollector pair{script(directory, "to-file", numprocesses.string() + " --once > " + out.string())};
    CHECK(pair.tcollector.out.read_to_end(at_some_time).empty());
    CHECK(form_of(test::contents_of(out)) == "put");
}

TEST_CASE("A collector started by hand writes put lines") {
    const test::TemporaryDirectory directory;
    const bool own_session = GENERATE(false, true);
    SECTION("to a file") {
        const std::filesystem::path out = directory.path() / "out";
        test::run({.program = numprocesses, .arguments = {"--once"}, .out = out, .own_session = own_session});
        CHECK(form_of(test::contents_of(out)) == "put");
    }
    SECTION("to a pipe") {
        CHECK(form_of(test::run({.program = numprocesses, .arguments = {"--once"}, .own_session = own_session}).out) ==
              "put");
    }
    SECTION("with tcollector's environment") {
        CHECK(form_of(test::run({.program = numprocesses,
                                 .arguments = {"--once"},
                                 .own_session = own_session,
                                 .environment = {{"PYTHONPATH", ":/x/collectors/lib:/x/collectors/enabled"}}})
                          .out) == "put");
    }
    SECTION("in a numbered folder, but not in a session of its own") {
        std::filesystem::create_directory(directory.path() / "0");
        std::filesystem::create_symlink(numprocesses, directory.path() / "0/numprocesses");
        CHECK(form_of(test::run({.program = directory.path() / "0/numprocesses", .arguments = {"--once"}}).out) ==
              "put");
    }
}

TEST_CASE("The flag --format has the last word about the form") {
    CHECK(form_under("tcollector.py", numprocesses, {"--once", "--format", "put"}) == "put");
    CHECK(form_under("tcollector.py", numprocesses, {"--once", "--format", "auto"}) == "tcollector");
    CHECK(form_of(test::run({.program = numprocesses, .arguments = {"--once", "--format", "tcollector"}}).out) ==
          "tcollector");
}
