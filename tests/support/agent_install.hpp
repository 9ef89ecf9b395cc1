// SPDX-License-Identifier: MIT
/// \file
/// AgentInstall: a directory of collectors, and `tickertape agent` for it. AgentWithTsd: the same with a TSD to send to.
#pragma once

#include <csignal>
#include <filesystem>
#include <optional>
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
    [[nodiscard]] Process start(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(),
                         {"agent", "-c", (root() / "collectors").native(), "--config", (root() / "agent.conf").native(),
                          "--host-tag", "h", "--flush", "50ms", "--status-socket", socket()});
        return Process{{.program = agent_program(), .arguments = std::move(arguments)}};
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
    /// Starts an agent that sends what its programs write to the TSD, and no points about itself.
    [[nodiscard]] Process run(std::vector<std::string> more = {}) const {
        more.insert(more.begin(), {tsd.address(), "--no-tcollector-stats"});
        return start(std::move(more));
    }

    tickertape::testkit::FakeTsd tsd;
};

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
