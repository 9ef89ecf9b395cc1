// SPDX-License-Identifier: MIT
#include "cli/agent/put_flags.hpp"

#include <grp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <system_error>

#include <tickertape/name.hpp>

#include "base/concat.hpp"
#include "base/quote.hpp"
#include "base/whole_number.hpp"
#include "cli/duration.hpp"

namespace tickertape::cli::agent {

namespace {

gid_t group_of(const std::string& name) {
    if (const auto number = base::whole_number<gid_t>(name)) {
        return *number;
    }
    const group* const found = getgrnam(name.c_str());
    if (found == nullptr) {
        throw UsageError{base::concat("--put-group: there is no group ", base::quote(name))};
    }
    return found->gr_gid;
}

/// Returns true also for `0.0.0.0` and `::`: a connection to them reaches this host.
bool is_loopback(std::string_view host) {
    constexpr std::array names{"localhost", "localhost.localdomain", "ip6-localhost", "::1", "::", "0.0.0.0"};
    return std::find(names.begin(), names.end(), host) != names.end() || host.starts_with("127.");
}

/// Follows symbolic links: /var/run is /run. The file need not exist.
bool is_same_file(const std::string& one, const std::string& other) {
    const auto whole = [](const std::string& path) {
        std::error_code failed;
        const std::filesystem::path found = std::filesystem::weakly_canonical(path, failed);
        return failed ? std::filesystem::path{path} : found;
    };
    return !one.empty() && whole(one) == whole(other);
}

} // namespace

void add_flags(CLI::App& command, PutFlags& flags) {
    const auto add = [&](const char* name, auto& value, const char* kind, const char* help) {
        command.add_option(name, value, help)->type_name(kind)->group("Applications")->capture_default_str();
    };
    add("--put-socket", flags.socket, "PATH",
        "Take put lines of applications on this Unix socket, as in /run/tickertape/put.sock");
    add("--put-group", flags.group, "GROUP", "Let this group push to the socket, too");
    add("--put-port", flags.port, "NUMBER", "Take put lines on this port of localhost, as a TSD does; 0: none");
    add("--put-host", flags.host, "keep|replace|refuse",
        "If a line has the host tag of another host: keep it, replace it with this host's, or refuse the line");
    add("--put-connections", flags.connections, "NUMBER", "Keep at most NUMBER connections of applications open");
    add("--put-max-lines", flags.max_lines, "NUMBER",
        "Read at most NUMBER lines a second from a connection, which then waits; 0: no limit");
    add("--put-timeout", flags.timeout, "DURATION",
        "Close a connection that takes longer to send a line, or to read its answers");
}

PutOptions put_options_of(const PutFlags& flags) {
    PutOptions options{.socket = flags.socket,
                       .port = flags.port,
                       .connections = flags.connections,
                       .lines_per_second = flags.max_lines,
                       .patience = duration_of("--put-timeout", flags.timeout)};
    if (!flags.group.empty()) {
        options.group = group_of(flags.group);
    }
    if (options.group && options.socket.empty()) {
        throw UsageError{"--put-group needs --put-socket"};
    }
    if (options.connections == 0) {
        throw UsageError{"--put-connections must be at least 1"};
    }
    if (options.patience <= options.patience.zero()) {
        throw UsageError{"--put-timeout must be more than 0"};
    }
    return options;
}

ForeignHost foreign_host_of(const PutFlags& flags, const Tags& tags) {
    if (flags.host == "keep") {
        return ForeignHost::keep;
    }
    if (flags.host != "replace" && flags.host != "refuse") {
        throw UsageError{base::concat("--put-host must be keep, replace or refuse, not ", base::quote(flags.host))};
    }
    if (tags.find("host") == nullptr) {
        throw UsageError{base::concat("--put-host ", flags.host, " needs a host tag of the agent")};
    }
    return flags.host == "replace" ? ForeignHost::replace : ForeignHost::refuse;
}

void refuse_itself(const PutOptions& options, const Targets& targets) {
    for (const Target& target : targets.all()) {
        const bool is_socket = target.is_unix_socket();
        if (is_socket ? is_same_file(options.socket, target.path())
                      : options.port != 0 && target.port() == options.port && is_loopback(target.host())) {
            throw UsageError{base::concat("the agent would push to itself: ", target.text(),
                                          " is its own --put-socket or --put-port")};
        }
    }
}

} // namespace tickertape::cli::agent
