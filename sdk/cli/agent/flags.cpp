// SPDX-License-Identifier: MIT
// The flags of `tickertape agent`, and agent.conf.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include <tickertape/name.hpp>

#include "base/concat.hpp"
#include "base/nearest.hpp"
#include "base/quote.hpp"
#include "cli/agent/settings.hpp"
#include "collector/config.hpp"

namespace tickertape::cli::agent {

namespace {

constexpr const char* default_config = "/etc/tickertape/agent.conf";
constexpr const char* hidden = ""; // the group of flags that the help leaves out

constexpr const char* number = "NUMBER";
constexpr const char* duration = "DURATION";

/// Adds an option with a name for its value, and its default in the help.
template <class Value>
CLI::Option* add(CLI::App& command, const char* group, const char* name, Value& value, const char* kind,
                 const char* help) {
    return command.add_option(name, value, help)->type_name(kind)->group(group)->capture_default_str();
}

/// The same for an option that may be repeated.
void add_list(CLI::App& command, const char* group, const char* name, std::vector<std::string>& values,
              const char* kind, const char* help) {
    command.add_option(name, values, help)->type_name(kind)->group(group)->allow_extra_args(false);
}

void add_target_flags(CLI::App& command, Flags& flags) {
    constexpr const char* group = "Targets";
    add(command, group, "-H,--host", flags.host, "NAME", "Send to this host if no TARGET is given");
    add(command, group, "-p,--port", flags.port, number, "Port of that host");
    add(command, group, "-L,--hosts-list", flags.hosts, "LIST",
        "Send to the first of these that works, as in a:4242,b:4242");
    command.add_flag("--http", flags.http, "Use /api/put over HTTP for -H and -L")->group(group);
    command.add_flag("--ssl", flags.ssl, "Use HTTPS for -H and -L")->group(group);
    add_list(
        command, group, "--copy-to", flags.copies, "TARGET",
        "Send every point to TARGET, too, independently of the others; after commas its targets for fail-over; may "
        "be repeated");
    add(command, group, "--copy-auth-file", flags.copy_auth_file, "FILE",
        "As --auth-file, for the targets of --copy-to; without it, the variable TICKERTAPE_COPY_AUTH counts");
    add(command, group, "--http-api-path", flags.http_path, "PATH", "Path of /api/put");
    add(command, group, "--http-username", flags.http_user, "NAME", "User for HTTP; --auth-file is safer");
    add(command, group, "--http-password", flags.http_password, "PASSWORD",
        "Password for HTTP; others can read it from the command line");
}

void add_line_flags(CLI::App& command, Flags& flags) {
    constexpr const char* group = "Lines";
    add_list(command, group, "-t,--tag", flags.tags, "KEY=VALUE", "Tag for points that do not have this key");
    add(command, group, "--host-tag", flags.host_tag, "NAME",
        "Host tag for points without one: auto (this machine's name), none, or a name");
    add(command, group, "--namespace-prefix", flags.prefix, "NAME", "Put NAME and a dot in front of each metric");
    command
        .add_option(
            "--dedup", flags.dedup,
            "Send an unchanged value again after DURATION; 0: send each value. 300 for OpenTSDB's protocols and "
            "0 for others if not set")
        ->type_name(duration)
        ->group(group);
    command.add_option("--dedup-interval", flags.dedup)->group(hidden); // tcollector's name for it
    command.add_flag("--dedup-only-zero", flags.dedup_only_zero)->group(hidden);
    add_list(command, group, "--drop", flags.drops, "GLOB", "Drop the metrics that match, as in 'proc.interrupts.*'");
    add_list(command, group, "--rename", flags.renames, "GLOB=NAME",
             "Rename the metrics that match, as in 'proc.net.*=host.net.*'");
    add_list(command, group, "--retag", flags.retags, "RULE",
             "Set a tag of the metrics that match, as in 'proc.*:tier=web'; without a value it is removed");
    add(command, group, "--flush", flags.flush, duration, "Send waiting points after DURATION at the latest");
    add(command, group, "--queue", flags.queue, number,
        "Keep at most NUMBER points in memory; then the oldest are dropped");
    add(command, group, "--mps", flags.mps, number, "Send at most NUMBER points in any second; 0: no limit");
    command
        .add_flag(
            "--resend", flags.resend,
            "Send points again that may have arrived when a connection broke; a VictoriaMetrics may then have them "
            "twice")
        ->group(group);
}

void add_child_flags(CLI::App& command, Flags& flags) {
    constexpr const char* group = "Programs";
    add(command, group, "--root", flags.root, "DIRECTORY",
        "Start programs here; the directory above 'collectors' if not set");
    add(command, group, "--allowed-inactivity-time", flags.inactivity, number,
        "Restart a long-lived program that writes no line for NUMBER seconds; 0: never");
    command.add_flag("--remove-inactive-collectors", flags.remove_inactive)->group(hidden); // too long for the help
    add(command, group, "--retry-after", flags.retry_after, duration,
        "Restart a failed program after DURATION, then after twice as long, up to an hour; 0: after an hour");
    add(command, group, "--max-lines", flags.max_lines, number,
        "Read at most NUMBER lines a second from a program, which then waits; 0: no limit");
    add(command, group, "--max-line", flags.max_line, number,
        "Refuse lines of more than NUMBER bytes; 0: the limit of a TSD, 1023");
    add(command, group, "--max-series", flags.max_series, number,
        "Refuse further series of a program that has NUMBER; 0: no limit");
    add(command, group, "--max-memory", flags.max_memory, "SIZE",
        "Let the kernel end a program that needs more memory, as in 500MiB; this needs cgroup v2 and, with systemd, "
        "Delegate=yes; 0: no limit");
}

/// Accepts tcollector's flags that have no effect here, so that its start scripts still work.
void add_ignored_flags(CLI::App& command, Flags& flags) {
    for (const char* const name :
         {"--evict-interval", "--reconnect-interval", "--max-tags", "--monitoring-interface", "--monitoring-port"}) {
        command
            .add_option_function<std::string>(name,
                                              [&flags, name](const std::string&) { flags.ignored.emplace_back(name); })
            ->group(hidden);
    }
    command.add_flag_function("-v", [](std::int64_t) {})->group(hidden);
    command.add_flag("--log-stdout", flags.log_stdout)->group(hidden);
}

void set(CLI::Option& option, const std::vector<std::string>& values) {
    option.add_result(values);
    option.run_callback();
}

void read_config(CLI::App& command, const std::string& path) {
    const auto file = collector::read_config(path.empty() ? default_config : path, geteuid());
    if (!file) {
        if (!path.empty()) {
            throw UsageError{base::concat("there is no file ", base::quote(path))};
        }
        return;
    }
    std::vector<std::string> names;
    for (const CLI::Option* const option : command.get_options()) {
        names.insert(names.end(), option->get_lnames().begin(), option->get_lnames().end());
    }
    for (const auto& [key, values] : file->values) {
        CLI::Option* const option = key == "target" ? command.get_option_no_throw("TARGET")
                                                    : command.get_option_no_throw(base::concat("--", key));
        if (option == nullptr || key == "config" || key == "help") {
            const std::string meant = base::nearest(key, names);
            throw UsageError{base::concat(file->path.native(), ": there is no setting ", base::quote(key),
                                          meant.empty() ? "" : "; perhaps ", meant, meant.empty() ? "" : " is meant")};
        }
        if (option->count() > 0) {
            continue; // the command line has precedence
        }
        try {
            set(*option, values);
        } catch (const CLI::Error& error) {
            throw UsageError{base::concat(file->path.native(), ": ", key, ": ", error.what())};
        }
    }
}

} // namespace

void add_flags(CLI::App& command, Flags& flags) {
    command.add_option("TARGET", flags.words,
                       "The directory, if -c does not name it; then targets, as for 'tickertape push'");
    constexpr const char* group = "Options";
    add(command, group, "-c,--collector-dir", flags.directory, "DIRECTORY", "Directory with the folders 0, 15, 60");
    add(command, group, "--config", flags.config, "FILE",
        "Read settings from FILE, a flag a line as in 'dedup = 300'; /etc/tickertape/agent.conf if not set");
    command.add_flag("--check", flags.check, "Only print what the agent would do");
    add_list(command, group, "--line", flags.lines, "LINE", "With --check, print the point that LINE becomes");
    add(command, group, "--import", flags.import_to, "FILE",
        "Write tcollector's settings of the directory, which are Python, to FILE, as for --config; - is standard "
        "output");
    command.add_flag("--status", flags.status, "Print a table of the running agent");
    add(command, group, "--status-socket", flags.status_socket, "PATH",
        "Unix socket for --status; /run/tickertape/agent.sock if not set");
    command.add_flag("-d,--dry-run", flags.dry_run, "Print lines instead of sending them");
    add(command, group, "--self-metrics", flags.stats, duration,
        "Send points about the agent and its programs each DURATION; 0: none");
    command.add_flag("--no-tcollector-stats", flags.no_stats, "Send no points about the agent");
    add(command, group, "--logfile", flags.log_file, "FILE", "Write messages to FILE instead of standard error");
    add(command, group, "--log-level", flags.log_level, "error|warning|notice|info",
        "Write messages of this level and more serious ones");
    add(command, group, "-P,--pidfile", flags.pid_file, "FILE", "Write the process id to FILE");
    add_target_flags(command, flags);
    add_line_flags(command, flags);
    add_child_flags(command, flags);
    add_ignored_flags(command, flags);
    add_flags(command, flags.security);
    add_flags(command, flags.spool);
    add_flags(command, flags.put);
}

Given given_to(const CLI::App& command) {
    Given given;
    for (const CLI::Option* const option : command.get_options()) {
        if (option->count() > 0) {
            given[option->get_name()] = option->results();
        }
    }
    return given;
}

Flags flags_of(const Given& given) {
    Flags flags;
    CLI::App command;
    add_flags(command, flags);
    for (const auto& [name, values] : given) {
        set(*command.get_option(name), values);
    }
    read_config(command, flags.config);
    return flags;
}

} // namespace tickertape::cli::agent
