// SPDX-License-Identifier: MIT
/// \file
/// PutAgent: an agent that applications push to.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "support/agent_install.hpp"
#include "support/free_port.hpp"
#include "support/peer.hpp"

namespace test {

/// The answer of an agent to `version`.
inline constexpr const char* put_version_end = "queued or spooled\n";

/// An agent with a put socket and a put port, and a TSD.
struct PutAgent : AgentWithTsd {
    [[nodiscard]] std::filesystem::path put_socket() const { return root() / "put.sock"; }
    /// Starts it, and waits until it listens.
    [[nodiscard]] Process listen(std::vector<std::string> more = {}) const {
        more.insert(more.begin(), {"--put-socket", put_socket(), "--put-port", std::to_string(port)});
        Process agent = run(std::move(more));
        REQUIRE(eventually([&] { return Peer{put_socket()}.connected() && Peer{port}.connected(); }));
        return agent;
    }

    const std::uint16_t port = free_port();
};

/// Says `text` and `version`, and returns the answers before that to `version`.
inline std::string answers_to(const Peer& peer, const std::string& text) {
    peer.say(text + "version\n");
    std::string answers = peer.until(put_version_end);
    return answers.substr(0, std::min(answers.find("tickertape agent built at"), answers.size()));
}

} // namespace test
