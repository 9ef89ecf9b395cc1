// SPDX-License-Identifier: MIT
// Messages in systemd's journal, with a file in its place: priorities, and --log-level.
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <support/agent_install.hpp>
#include <support/catch.hpp>
#include <support/free_port.hpp>
#include <support/process.hpp>
#include <support/temporary_directory.hpp>

namespace {

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

const std::filesystem::path programs = TICKERTAPE_BIN_DIR;

/// A file as standard error. The environment of the program names it as the journal.
class Journal {
public:
    Journal() { directory_.write("journal", ""); }

    [[nodiscard]] const std::filesystem::path& path() const { return file_; }
    [[nodiscard]] std::string stream() const {
        struct stat status{};
        REQUIRE(stat(file_.c_str(), &status) == 0);
        return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
    }
    /// Returns the lines of a program that has ended.
    std::vector<std::string> lines_of(const std::string& program, const std::vector<std::string>& arguments,
                                      const std::map<std::string, std::string>& environment) {
        test::Process process{{.program = programs / program,
                               .arguments = arguments,
                               .out = std::filesystem::path{"/dev/null"},
                               .err = file_,
                               .environment = environment}};
        REQUIRE(process.wait(60s));
        return test::complete_lines(test::contents_of(file_));
    }

private:
    test::TemporaryDirectory directory_;
    std::filesystem::path file_ = directory_.path() / "journal";
};

std::vector<std::string> pushing_nowhere(const std::string& port) {
    return {"push", "127.0.0.1:" + port, "--deadline", "1", TICKERTAPE_SOURCE_DIR "/LICENSE"};
}

} // namespace

TEST_CASE("in the journal each message has its priority in front") {
    const std::string port = std::to_string(test::free_port());
    Journal collector;
    const auto lines =
        collector.lines_of("numprocesses", {"--interval", "x"}, {{"JOURNAL_STREAM", collector.stream()}});
    REQUIRE(lines.size() == 1);
    CHECK(lines.front().starts_with("<3>numprocesses: --interval: 'x' "));

    Journal command;
    CHECK(command.lines_of("tickertape", {"push"}, {{"JOURNAL_STREAM", command.stream()}})
              .front()
              .starts_with("<3>tickertape: "));

    Journal push;
    bool has_refusals = false;
    bool has_account = false;
    for (const std::string& line :
         push.lines_of("tickertape", pushing_nowhere(port), {{"JOURNAL_STREAM", push.stream()}})) {
        CAPTURE(line);
        CHECK((line.starts_with("<3>tickertape: ") || line.starts_with("<4>tickertape: ") ||
               line.starts_with("<5>tickertape: ")));
        has_refusals = has_refusals || line.starts_with("<4>");
        has_account = has_account || line.starts_with("<5>");
    }
    CHECK(has_refusals);
    CHECK(has_account);
}

TEST_CASE("a message has no priority in a file that is not the journal") {
    for (const char* const stream : {"", "1:2", "journal"}) {
        CAPTURE(stream);
        Journal file;
        const auto lines = file.lines_of("numprocesses", {"--interval", "x"}, {{"JOURNAL_STREAM", stream}});
        REQUIRE(lines.size() == 1);
        CHECK(lines.front().starts_with("numprocesses: "));
    }
}

TEST_CASE("Messages less serious than --log-level are left out, and another word is refused") {
    const std::string port = std::to_string(test::free_port());
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"push", "h:1"}, std::vector<std::string>{"agent", "-d", "-c", "/"}}) {
        std::vector<std::string> wrong_level = arguments;
        wrong_level.insert(wrong_level.end(), {"--log-level", "loud"});
        const test::Result wrong = test::run({.program = programs / "tickertape", .arguments = wrong_level});
        CHECK(wrong.ended == test::Ended{.code = 2});
        CHECK_THAT(wrong.err, ContainsSubstring("'loud' is none of error, warning, notice and info"));
    }
    CHECK_THAT(test::run({.program = programs / "numprocesses", .arguments = {"--log-level", "loud"}}).err,
               ContainsSubstring("'loud' is no level"));
    auto arguments = pushing_nowhere(port);
    arguments.insert(arguments.end(), {"--log-level", "error"});
    Journal push;
    for (const std::string& line : push.lines_of("tickertape", arguments, {{"JOURNAL_STREAM", push.stream()}})) {
        CAPTURE(line);
        CHECK(line.starts_with("<3>"));
    }
}

TEST_CASE("agent: its messages have priorities in the journal, and the messages of its programs have no second one") {
    const test::AgentInstall install;
    install.script("0/fails", "exec " + (programs / "numprocesses").string() + " --nonsense");
    const Journal journal;
    test::Process agent{
        {.program = programs / "tickertape",
         .arguments = {"agent", "-c", (install.root() / "collectors").string(), "--config",
                       (install.root() / "agent.conf").string(), "--status-socket", install.socket(), "-d"},
         .out = std::filesystem::path{"/dev/null"},
         .err = journal.path(),
         .environment = {{"JOURNAL_STREAM", journal.stream()}}}};
    CHECK(test::eventually([&] {
        return test::contents_of(journal.path()).find("<4>tickertape agent: fails: numprocesses: ") !=
               std::string::npos;
    }));
    agent.signal(SIGTERM);
    REQUIRE(agent.wait(60s));
    CHECK_THAT(test::contents_of(journal.path()),
               ContainsSubstring("<5>tickertape agent: the agent ends on signal 15\n"));
}
