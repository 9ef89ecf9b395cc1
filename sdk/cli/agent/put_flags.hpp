// SPDX-License-Identifier: MIT
/// \file
/// The flags of the put socket and port.
#pragma once

#include <cstdint>
#include <string>

#include <tickertape/tags.hpp>
#include <tickertape/target.hpp>

#include "cli/agent/intake.hpp"
#include "cli/agent/put_server.hpp"

namespace CLI {
class App;
} // namespace CLI

namespace tickertape::cli::agent {

struct PutFlags {
    std::string socket{};
    std::string group{};
    std::uint16_t port = 0;
    std::string host = "keep";
    std::uint32_t connections = 256;
    std::uint32_t max_lines = 20'000;
    std::string timeout = "30";
};

void add_flags(CLI::App& command, PutFlags& flags);
/// Throws UsageError that names the flag.
[[nodiscard]] PutOptions put_options_of(const PutFlags& flags);
/// The same. `tags` are those of the agent.
[[nodiscard]] ForeignHost foreign_host_of(const PutFlags& flags, const Tags& tags);
/// Throws UsageError if the agent would push to its own port or socket.
void refuse_itself(const PutOptions& options, const Targets& targets);

} // namespace tickertape::cli::agent
