// SPDX-License-Identifier: MIT
/// \file
/// AgentInstall: a directory of collectors, and `tickertape agent` for it. AgentWithTsd: the same with a TSD to send to.
#pragma once

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tickertape/testkit/fake_tsd.hpp>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace test {

inline std::filesystem::path agent_program() { return collector("tickertape"); }

/// An install of collectors, and an agent for it.
struct AgentInstall {
    AgentInstall() {
        std::filesystem::create_directories(root() / "collectors" / "0");
        directory.write("agent.conf", "");
    }

    [[nodiscard]] std::filesystem::path root() const { return directory.path(); }
    /// Writes a shell script to collectors/FOLDER.
    void script(const std::string& name, const std::string& text) const {
        const std::filesystem::path path = std::filesystem::path{"collectors"} / name;
        directory.write(path.native() + ".new", "#!/bin/sh\n" + text + "\n");
        std::filesystem::permissions(root() / (path.native() + ".new"), std::filesystem::perms::owner_all);
        std::filesystem::create_directories((root() / path).parent_path());
        std::filesystem::rename(root() / (path.native() + ".new"), root() / path);
    }
    /// The status socket of this agent: the usual path is shared by all agents of a host.
    [[nodiscard]] std::string socket() const { return root() / "s.sock"; }
    [[nodiscard]] Process start(std::vector<std::string> arguments,
                                std::map<std::string, std::string> environment = {}) const {
        arguments.insert(arguments.begin(),
                         {"agent", "-c", (root() / "collectors").native(), "--config", (root() / "agent.conf").native(),
                          "--host-tag", "h", "--flush", "50ms", "--status-socket", socket()});
        return Process{
            {.program = agent_program(), .arguments = std::move(arguments), .environment = std::move(environment)}};
    }
    [[nodiscard]] Result status() const {
        return run({.program = agent_program(),
                    .arguments = {"agent", "--config", (root() / "agent.conf").native(), "--status", "--status-socket",
                                  socket()}});
    }
    /// Waits until its status contains `text`; returns false if it does not.
    [[nodiscard]] bool status_says(std::string_view text) const {
        return eventually([&] { return status().out.find(text) != std::string::npos; });
    }

    TemporaryDirectory directory;
};

/// An install with a TSD of its own.
struct AgentWithTsd : AgentInstall {
    /// Starts an agent that sends the lines of its programs to the TSD, and no points about itself.
    [[nodiscard]] Process run(std::vector<std::string> more = {}) const {
        more.insert(more.begin(), {tsd.address(), "--no-tcollector-stats"});
        return start(std::move(more));
    }
    /// Waits until the TSD has a line with this start and this end; returns false if it gets none.
    [[nodiscard]] bool sends(std::string_view first, std::string_view last) const {
        return eventually([&] {
            const auto lines = tsd.lines();
            return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
                return line.starts_with(first) && line.ends_with(last);
            });
        });
    }

    tickertape::testkit::FakeTsd tsd;
};

/// Returns the values of the lines of a metric that end with `tags`, in the order in which the TSD got them.
inline std::vector<double> values_of(const tickertape::testkit::FakeTsd& tsd, std::string_view metric,
                                     std::string_view tags = {}) {
    std::vector<double> values;
    for (const std::string& line : tsd.lines()) {
        std::istringstream words{line};
        std::string put;
        std::string name;
        std::string timestamp;
        double value = 0;
        if (words >> put >> name >> timestamp >> value && name == metric && line.ends_with(tags)) {
            values.push_back(value);
        }
    }
    return values;
}

/// Waits for a line of standard error that contains this text.
inline std::optional<std::string> said(Process& agent, std::string_view text) {
    while (const auto line = agent.err.read_line(at_some_time)) {
        if (line->find(text) != std::string::npos) {
            return line;
        }
    }
    return std::nullopt;
}

/// Ends it as a service manager does, and returns the rest of its messages.
inline std::string end(Process& agent) {
    agent.signal(SIGTERM);
    std::string rest = agent.err.read_to_end(at_some_time);
    CHECK(agent.wait(at_some_time) == exit_0);
    return rest;
}

} // namespace test
