// SPDX-License-Identifier: MIT
// Cgroups: one for each program, in a folder instead of the kernel's file system.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
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

/// Writes as the kernel does: a process is in one cgroup at a time, and a cgroup with processes passes no controller on.
class Kernel {
public:
    Kernel(const Tree& tree, const std::string& processes) : top_{tree.top()} {
        tree.directory.write("unit/cgroup.procs", processes);
    }

    [[nodiscard]] Cgroups::Write write() {
        return [this](const fs::path& file, std::string_view text) { write_to(file, text); };
    }
    /// Ends a process, though `cgroup.procs` still lists it.
    void end(pid_t process) { ended_.insert(std::to_string(process)); }

private:
    void write_to(const fs::path& file, std::string_view text) {
        if (file.filename() == "cgroup.procs") {
            move(file, std::string{text});
            return;
        }
        const bool is_held = file.filename() == "cgroup.subtree_control" &&
                             test::contents_of(file.parent_path() / "cgroup.procs").size() > 1;
        if (is_held) {
            throw std::system_error{EBUSY, std::generic_category(), file};
        }
        Cgroups::write_to(file, text);
    }

    void move(const fs::path& file, const std::string& process) {
        if (ended_.contains(process)) {
            throw std::system_error{ESRCH, std::generic_category(), file};
        }
        for (const fs::path& group : {top_, top_ / "agent", top_ / "program-a"}) {
            std::istringstream processes{test::contents_of(group / "cgroup.procs")};
            std::string rest;
            for (std::string each; std::getline(processes, each);) {
                rest += each == process ? "" : each + "\n";
            }
            if (fs::exists(group)) {
                std::ofstream{group / "cgroup.procs"} << rest;
            }
        }
        std::ofstream{file, std::ios::app} << process << '\n';
    }

    fs::path top_;
    std::set<std::string> ended_;
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
    CHECK(cgroups.set_limit("a", 2'000'000));
    CHECK(tree.contents("program-a/memory.max") == "2000000");
    CHECK_FALSE(cgroups.set_limit("b", 2'000'000));
    CHECK_FALSE(fs::exists(tree.top() / "program-b"));
    CHECK_FALSE(cgroups.remove("a"));
    CHECK_FALSE(cgroups.remove("a"));
}

TEST_CASE("agent: it finds out whether the kernel killed a program for its memory, for each run") {
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
    fs::create_directory(tree.top() / "cgroup.subtree_control"); // a folder cannot be written
    CHECK(refusal(tree.place()) == std::errc::is_a_directory);
    CHECK(tree.contents("cgroup.procs") == "4000000");
}

TEST_CASE("agent: programs that run already move with it, because the kernel then allows limits below") {
    const Tree tree;
    const std::string running = std::to_string(getpid()); // a process of a session that is a program's
    Kernel kernel{tree, running + "\n4000000\n"};
    Cgroups cgroups{tree.place(), {getsid(0)}, kernel.write()};
    CHECK(tree.contents("agent/cgroup.procs") == "4000000\n" + running + "\n");
    CHECK(tree.contents("cgroup.subtree_control") == "+memory");
    cgroups.add("a", getpid(), 1'000'000);
    CHECK(tree.contents("agent/cgroup.procs") == "4000000\n");
    CHECK(tree.contents("program-a/cgroup.procs") == running + "\n");
}

TEST_CASE("agent: if other processes share its cgroup there are no limits, and all programs are where they were") {
    const Tree tree;
    Kernel kernel{tree, "4000000\n4000002\n" + std::to_string(getpid()) + "\n"};
    CHECK_THROWS_AS((Cgroups{tree.place(), {getsid(0)}, kernel.write()}), std::system_error);
    CHECK(tree.contents("cgroup.procs") == "4000002\n4000000\n" + std::to_string(getpid()) + "\n");
    CHECK(tree.contents("agent/cgroup.procs").empty());
}

TEST_CASE("agent: a process that has ended keeps no other from moving back") {
    const Tree tree;
    const std::string running = std::to_string(getpid());
    const std::string ended = std::to_string(getppid());
    Kernel kernel{tree, ended + "\n" + running + "\n4000000\n"};
    kernel.end(getppid());
    CHECK_THROWS_AS((Cgroups{tree.place(), {getsid(0), getsid(getppid())}, kernel.write()}), std::system_error);
    CHECK(tree.contents("cgroup.procs") == ended + "\n4000000\n" + running + "\n");
}

TEST_CASE("agent: a cgroup that still has processes is removed once it has none") {
    const Tree tree;
    Cgroups cgroups{tree.place()};
    cgroups.add("a", program, 1'000'000);
    CHECK_FALSE(cgroups.remove("a"));
    cgroups.sweep();
    CHECK(fs::exists(tree.top() / "program-a"));
    for (const char* const file : {"memory.max", "memory.oom.group", "cgroup.procs"}) {
        fs::remove(tree.top() / "program-a" / file);
    }
    cgroups.sweep();
    CHECK_FALSE(fs::exists(tree.top() / "program-a"));
}

TEST_CASE("agent: a cgroup that cannot be set is removed again") {
    const Tree tree;
    const auto refuse_limits = [](const fs::path& file, std::string_view text) {
        if (file.filename() == "memory.max") {
            throw std::system_error{EACCES, std::generic_category(), file};
        }
        Cgroups::write_to(file, text);
    };
    Cgroups cgroups{tree.place(), {}, refuse_limits};
    CHECK_THROWS_AS(cgroups.add("a", program, 1'000'000), std::system_error);
    CHECK_FALSE(fs::exists(tree.top() / "program-a"));
}
