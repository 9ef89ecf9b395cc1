// SPDX-License-Identifier: MIT
// The programs of a directory, their environment, and a tcollector beside the agent.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <cli/agent/process.hpp>
#include <cli/agent/running_tcollector.hpp>
#include <cli/agent/scan.hpp>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace std::chrono_literals;
using tickertape::cli::agent::environment_for;
using tickertape::cli::agent::install_root_of;
using tickertape::cli::agent::Program;
using tickertape::cli::agent::scan;
using tickertape::cli::agent::Scan;

namespace {

namespace fs = std::filesystem;

void program(const test::TemporaryDirectory& directory, const std::string& name, bool runs = true) {
    directory.write(name, "#!/bin/sh\n");
    if (runs) {
        fs::permissions(directory.path() / name, fs::perms::owner_exec, fs::perm_options::add);
    }
}

std::vector<std::string> names(const Scan& found) {
    std::vector<std::string> names;
    for (const Program& program : found.programs) {
        names.push_back(std::to_string(program.interval.count()) + "/" + program.name);
    }
    return names;
}

} // namespace

TEST_CASE("agent: executable files in numbered folders are programs, with any name") {
    const test::TemporaryDirectory directory;
    for (const char* const name : {"0/b", "0/a.py", "0/README", "15/c", "300/d", "2/e"}) {
        program(directory, name);
    }
    CHECK(names(scan(directory.path())) ==
          std::vector<std::string>{"0/README", "0/a.py", "0/b", "2/e", "15/c", "300/d"});
}

TEST_CASE("agent: hidden files, files that nobody may execute, folders, and folders without a number are left out") {
    const test::TemporaryDirectory directory;
    for (const char* const name : {"0/.hidden", "lib/a", "1x/b", "007/c", "-1/d", "0/folder/e", "99999999999/f"}) {
        program(directory, name);
    }
    program(directory, "0/data", false);
    fs::create_symlink("/nowhere", directory.path() / "0" / "dangling");
    CHECK(names(scan(directory.path())).empty());
}

TEST_CASE("agent: a link to a program is one") {
    const test::TemporaryDirectory directory;
    program(directory, "available/a");
    fs::create_directory(directory.path() / "0");
    fs::create_symlink(directory.path() / "available" / "a", directory.path() / "0" / "a");
    const Scan found = scan(directory.path());
    REQUIRE(found.programs.size() == 1);
    CHECK(found.programs.front().path == (directory.path() / "0" / "a").native());
}

TEST_CASE("agent: a directory that is not there is an incomplete scan, with a sentence") {
    const Scan found = scan("/nowhere/at/all");
    CHECK_FALSE(found.is_complete);
    CHECK(found.complaints.size() == 1);
}

TEST_CASE("agent: programs start in the parent of the folder named collectors") {
    CHECK(install_root_of("/usr/local/tcollector/collectors") == "/usr/local/tcollector");
    CHECK(install_root_of("/usr/local/tcollector/collectors/enabled") == "/usr/local/tcollector");
    CHECK(install_root_of("/private/directory") == fs::current_path());
}

TEST_CASE("agent: PYTHONPATH gets the same additions as under tcollector") {
    const test::TemporaryDirectory directory;
    const fs::path root = directory.path();
    ::unsetenv("PYTHONPATH");
    const auto python_path = [&](const fs::path& collectors) {
        for (const std::string& variable : environment_for(collectors, root)) {
            if (variable.starts_with("PYTHONPATH=")) {
                return variable.substr(11);
            }
        }
        return std::string{"none"};
    };
    CHECK(python_path(root / "collectors") == "none");
    fs::create_directories(root / "collectors" / "lib");
    CHECK(python_path(root / "collectors") == root.native());
    fs::create_directories(root / "collectors" / "enabled");
    const std::string there = (root / "collectors").native();
    CHECK(python_path(root / "collectors" / "enabled") == ":" + there + "/lib:" + there + "/enabled");
}

TEST_CASE("agent: programs get neither its targets nor its secrets, and TICKERTAPE_FORMAT is put or tcollector") {
    const std::map<std::string, std::string> ours{
        {"NOTIFY_SOCKET", "/n"},         {"WATCHDOG_USEC", "1"},
        {"TICKERTAPE_TSD", "tsd:1"},     {"TICKERTAPE_TSD_AUTH", "user secret"},
        {"TICKERTAPE_COPY_TO", "tsd:2"}, {"TICKERTAPE_COPY_AUTH", "bearer secret"}};
    for (const auto& [name, value] : ours) {
        ::setenv(name.c_str(), value.c_str(), 1);
    }
    ::setenv("TICKERTAPE_INTERVAL", "30", 1);
    ::unsetenv("TICKERTAPE_FORMAT");
    const auto has = [](std::string_view variable) {
        const std::vector<std::string> all = environment_for("/c", "/");
        return std::any_of(all.begin(), all.end(), [&](const std::string& text) { return text.starts_with(variable); });
    };
    for (const auto& [name, value] : ours) {
        CAPTURE(name);
        CHECK_FALSE(has(name + "="));
    }
    CHECK(has("TICKERTAPE_INTERVAL=30"));
    CHECK(has("TICKERTAPE_FORMAT=tcollector"));
    ::setenv("TICKERTAPE_FORMAT", "put", 1);
    CHECK(has("TICKERTAPE_FORMAT=put"));
    CHECK_FALSE(has("TICKERTAPE_FORMAT=tcollector"));
    ::setenv("TICKERTAPE_FORMAT", "influx", 1); // a form that the agent does not read
    CHECK(has("TICKERTAPE_FORMAT=tcollector"));
    CHECK_FALSE(has("TICKERTAPE_FORMAT=influx"));
    for (const auto& [name, value] : ours) {
        ::unsetenv(name.c_str());
    }
    ::unsetenv("TICKERTAPE_INTERVAL");
    ::unsetenv("TICKERTAPE_FORMAT");
}

TEST_CASE("agent: a tcollector that runs is found by its command line, with any interpreter") {
    using tickertape::cli::agent::running_tcollector;
    using namespace std::string_literals;
    const test::TemporaryDirectory proc;
    CHECK_FALSE(running_tcollector(proc.path()));
    CHECK_FALSE(running_tcollector("/nowhere"));
    proc.write("1/cmdline", "/sbin/init\0"s);
    proc.write("self/cmdline", "tcollector\0"s);
    proc.write("7/cmdline", "vi\0-c\0x\0tcollector.py\0"s);
    proc.write("8/cmdline", "");
    proc.write("10/cmdline", "systemctl\0stop\0tcollector\0"s);
    proc.write("11/cmdline", "ls\0tcollector\0"s);
    proc.write("12/cmdline", "tickertape\0agent\0/opt/tcollector\0"s);
    proc.write("13/cmdline", "python3\0/opt/tool.py\0tcollector\0"s);
    proc.write("14/cmdline", "python3\0-c\0tcollector\0"s);
    CHECK_FALSE(running_tcollector(proc.path()));
    proc.write("9/cmdline", "python3\0-u\0/usr/local/tcollector/tcollector.py\0-H\0tsd\0"s);
    CHECK(running_tcollector(proc.path()) == 9);
    for (const std::string& other : {"/usr/bin/python2.7\0-W\0ignore\0/usr/bin/tcollector\0"s, "tcollector.py\0"s}) {
        proc.write("9/cmdline", other);
        CHECK(running_tcollector(proc.path()) == 9);
    }
}
