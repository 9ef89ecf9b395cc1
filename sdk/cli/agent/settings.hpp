// SPDX-License-Identifier: MIT
/// \file
/// Settings: the flags of the agent, and agent.conf.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "cli/agent/intake.hpp"
#include "cli/agent/outlet.hpp"
#include "cli/agent/put_flags.hpp"
#include "cli/agent/roster.hpp"
#include "cli/push/security_flags.hpp"
#include "cli/push/spool_flags.hpp"

namespace CLI {
class App;
} // namespace CLI

namespace tickertape::cli::agent {

/// The values of the flags as text, including tcollector's flags.
struct Flags {
    std::vector<std::string> words{}; ///< a directory, and targets
    std::string directory{};
    std::string root{};
    std::string config{};
    std::string host = "localhost";
    std::uint16_t port = 4242;
    std::string hosts{};
    std::vector<std::string> tags{};
    std::string host_tag = "auto";
    std::string prefix{};
    std::string dedup{}; ///< empty: 300 for targets that speak OpenTSDB's protocols
    bool dedup_only_zero = false;
    std::uint32_t inactivity = 600;
    bool remove_inactive = false;
    std::string retry_after = "0";
    bool http = false;
    bool ssl = false;
    std::string http_path = "api/put";
    std::string http_user{};
    std::string http_password{};
    bool dry_run = false;
    bool check = false;
    bool no_stats = false;
    std::string stats = "60";
    std::string log_file{};
    std::string log_level = "notice";
    bool log_stdout = false;
    std::string pid_file{};
    std::string status_socket{}; ///< empty: the usual one
    bool status = false;
    std::string import_to{};          ///< a file, or `-`
    std::vector<std::string> lines{}; ///< lines that --check turns into points
    std::string flush = "1";
    std::uint32_t queue = 100'000;
    std::uint32_t mps = 0;
    bool resend = false;
    std::vector<std::string> copies{};
    std::string copy_auth_file{};
    std::vector<std::string> drops{};
    std::vector<std::string> renames{};
    std::vector<std::string> retags{};
    std::uint32_t max_lines = 0;
    std::uint32_t max_line = 0;
    std::uint32_t max_series = 0;
    std::string max_memory = "0";
    push::SecurityFlags security{};
    push::SpoolFlags spool{};
    PutFlags put{};
    std::vector<std::string> ignored{}; ///< values of tcollector's flags that have no effect here
};

/// The limits of one child; 0: none.
struct Limits {
    std::uint32_t lines_per_second = 0;
    std::uint64_t memory = 0; ///< bytes
};

/// The settings that follow from the flags.
struct Settings {
    std::filesystem::path directory{}; ///< with links resolved
    std::filesystem::path root{};      ///< the working directory of programs
    RosterOptions roster{};
    IntakeOptions intake{};
    OutletOptions outlet{};
    PutOptions put{};
    ForeignHost put_host = ForeignHost::keep;
    Limits limits{};
    std::chrono::milliseconds stats{60'000}; ///< 0: no self-metrics
    std::string log_file{};
    base::Level log_level = base::Level::notice;
    std::string pid_file{};
    std::string status_socket{};
    std::vector<std::string> remarks{}; ///< sentences about flags with another meaning here
};

/// The options of a command line with their values.
using Given = std::map<std::string, std::vector<std::string>>;

/// Adds the flags to `command`.
void add_flags(CLI::App& command, Flags& flags);
[[nodiscard]] Given given_to(const CLI::App& command);
/// Returns the flags of a command line. Flags that it lacks come from the file that it names, or from /etc/tickertape/agent.conf
/// if that exists: a line `key = value` is the flag `--key`. Throws UsageError that names the file and the key.
[[nodiscard]] Flags flags_of(const Given& given);
/// Throws UsageError.
[[nodiscard]] Settings settings_of(const Flags& flags);
/// Describes the work of an agent with these settings, and the points that it would make of `lines`.
[[nodiscard]] std::string preview_of(const Settings& settings, const std::vector<std::string>& lines);

/// Writes tcollector's settings for this directory in the form of agent.conf. They are Python, so python3 runs them once. `path` is
/// a file that does not exist yet, or `-` for standard output. Returns the exit code. Throws std::system_error.
[[nodiscard]] int import_settings(const Settings& settings, const std::string& path);

} // namespace tickertape::cli::agent
