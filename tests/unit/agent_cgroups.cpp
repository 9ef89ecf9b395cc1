// SPDX-License-Identifier: MIT
// A cgroup for each program, in a folder that stands for the kernel's.
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <system_error>

#include <cli/agent/cgroups.hpp>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace {

using tickertape::cli::agent::Cgroups;

namespace fs = std::filesystem;

constexpr pid_t agent = 4'000'000; // numbers that no process has
constexpr pid_t program = 4'000'001;

/// A tree of cgroups in which the agent is in `unit`.
struct Tree {
    explicit Tree(const std::string& controllers = "cpu memory pids\n") {
        fs::create_directories(top());
        directory.write("unit/cgroup.controllers", controllers);
    }

    [[nodiscard]] fs::path top() const { return fs::path{directory.path()} / "unit"; }
    [[nodiscard]] Cgroups::Place place() const {
        return {.mount = directory.path(), .membership = "4:memory:/elsewhere\n0::/unit\n", .process = agent};
    }
    [[nodiscard]] std::string contents(const std::string& file) const { return test::contents_of(top() / file); }

    test::TemporaryDirectory directory;
};

/// Returns the error with which the cgroups cannot be made.
std::error_code refusal(const Cgroups::Place& place) {
    try {
        const Cgroups cgroups{place};
    } catch (const std::system_error& error) {
        return error.code();
    }
    return {};
}

} // namespace

TEST_CASE("agent: it moves into a cgroup of its own and passes the memory controller on") {
    const Tree tree;
    const Cgroups cgroups{tree.place()};
    CHECK(tree.contents("agent/cgroup.procs") == "4000000");
    CHECK(tree.contents("cgroup.subtree_control") == "+memory");
}

TEST_CASE("agent: a program gets a cgroup with the limit, and is killed as a whole") {
    const Tree tree;
    Cgroups cgroups{tree.place()};
    cgroups.add("a", program, 1'000'000);
    CHECK(tree.contents("program-a/memory.max") == "1000000");
    CHECK(tree.contents("program-a/memory.oom.group") == "1");
    CHECK(tree.contents("program-a/cgroup.procs") == "4000001");
    cgroups.set_limit("a", 2'000'000);
    CHECK(tree.contents("program-a/memory.max") == "2000000");
    cgroups.set_limit("b", 2'000'000);
    CHECK_FALSE(fs::exists(tree.top() / "program-b"));
    CHECK_FALSE(cgroups.remove("a"));
    CHECK_FALSE(cgroups.remove("a"));
}

TEST_CASE("agent: a program that the kernel has killed for its memory is known by it, each time anew") {
    const Tree tree;
    Cgroups cgroups{tree.place()};
    cgroups.add("a", program, 1'000'000);
    tree.directory.write("unit/program-a/memory.events", "low 0\nmax 7\noom 1\noom_kill 1\n");
    CHECK(cgroups.remove("a"));
    cgroups.add("a", program, 1'000'000);
    CHECK_FALSE(cgroups.remove("a"));
}

TEST_CASE("agent: without a memory controller or without cgroup v2 there are no cgroups, with the reason") {
    CHECK(refusal(Tree{"cpu memoryless\n"}.place()) == std::errc::not_supported);
    const Tree tree;
    Cgroups::Place v1 = tree.place();
    v1.membership = "4:memory:/elsewhere\n";
    CHECK(refusal(v1) == std::errc::no_such_file_or_directory);
}

TEST_CASE("agent: where its cgroup is not delegated, it stays where it was") {
    const Tree tree;
    fs::create_directory(tree.top() / "cgroup.subtree_control"); // which cannot be written then
    CHECK(refusal(tree.place()) == std::errc::is_a_directory);
    CHECK(tree.contents("cgroup.procs") == "4000000");
}
