// SPDX-License-Identifier: MIT
#include "cli/agent/settings.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <utility>

#include <tickertape/host_tag.hpp>
#include <tickertape/name.hpp>

#include "base/concat.hpp"
#include "base/quote.hpp"
#include "cli/agent/folder.hpp"
#include "cli/agent/process.hpp"
#include "cli/agent/status_socket.hpp"
#include "cli/duration.hpp"
#include "cli/messages.hpp"
#include "push/destinations.hpp"

namespace tickertape::cli::agent {

namespace {

namespace fs = std::filesystem;

constexpr std::uint16_t default_port = 4242;

/// The usual directories of tcollector's collectors, of its own install and of packages.
fs::path usual_directory() {
    for (const char* const path :
         {"/usr/local/tcollector/collectors/enabled", "/usr/local/tcollector/collectors",
          "/opt/tcollector/collectors/enabled", "/opt/tcollector/collectors", "/usr/lib/tcollector/collectors"}) {
        if (is_folder(path)) {
            return path;
        }
    }
    throw UsageError{
        "name the directory of the collectors, as in tickertape agent -c /usr/local/tcollector/collectors"};
}

/// Returns the directory among the words, if there is one, and removes it from them.
fs::path directory_of(const Flags& flags, std::vector<std::string>& words) {
    fs::path directory = flags.directory;
    const bool has_word = !words.empty() && words.front().find("://") == std::string::npos &&
                          !words.front().starts_with("unix:/") &&
                          (words.front().find('/') != std::string::npos || is_folder(words.front()));
    if (has_word) {
        if (!directory.empty()) {
            throw UsageError{base::concat("there are two directories: ", base::quote(words.front()), " and ",
                                          base::quote(flags.directory))};
        }
        directory = words.front();
        words.erase(words.begin());
    }
    directory = directory.empty() ? usual_directory() : directory;
    std::error_code error;
    const fs::path real = fs::canonical(directory, error);
    if (error || !is_folder(real)) {
        throw UsageError{base::concat("there is no directory ", base::quote(directory.native()))};
    }
    return real;
}

/// Returns tcollector's `host:port` as a target of ours.
std::string target_text(const Flags& flags, std::string_view host) {
    const char* const scheme = flags.ssl ? "https://" : flags.http ? "http://" : "tsd://";
    std::string text = base::concat(scheme, host);
    const std::size_t name_end = host.starts_with('[') ? host.find(']') : 0;
    if (host.find(':', std::min(name_end, host.size())) == std::string_view::npos) {
        text.append(":").append(std::to_string(default_port));
    }
    if (flags.http || flags.ssl) {
        text.append(flags.http_path.starts_with('/') ? "" : "/").append(flags.http_path);
    }
    return text;
}

Targets targets_of(const Flags& flags, const std::vector<std::string>& words) {
    std::vector<Target> targets(words.begin(), words.end());
    if (targets.empty()) {
        const bool is_address = flags.host.find(':') != std::string::npos && !flags.host.starts_with('[');
        const std::string one = base::concat(is_address ? "[" : "", flags.host, is_address ? "]" : "", ":", flags.port);
        for (std::size_t at = 0; at < flags.hosts.size();) {
            const std::size_t end = std::min(flags.hosts.find(',', at), flags.hosts.size());
            targets.emplace_back(target_text(flags, std::string_view{flags.hosts}.substr(at, end - at)));
            at = end + 1;
        }
        if (targets.empty() || flags.host != "localhost" || flags.port != default_port) {
            targets.emplace_back(target_text(flags, one));
        }
    }
    return Targets{std::move(targets)};
}

Tags tags_of(const Flags& flags) {
    Tags tags;
    for (const std::string& text : flags.tags) {
        const std::size_t equals = text.find('=');
        if (equals == std::string::npos) {
            throw UsageError{base::concat("the tag ", base::quote(text), " is no KEY=VALUE")};
        }
        const std::string key = text.substr(0, equals);
        if (tags.find(key) != nullptr) {
            throw UsageError{base::concat("the tag ", base::quote(key), " is given twice")};
        }
        tags.set(Name{key}, text.substr(equals + 1));
    }
    if (tags.find("host") == nullptr && flags.host_tag != "none") {
        tags.set("host", flags.host_tag == "auto" ? HostTag::automatic().resolve()
                                                  : HostTag::named(std::string_view{flags.host_tag}).resolve());
    }
    return tags;
}

Rules rules_of(const Flags& flags) {
    std::vector<Rule> rules;
    std::transform(flags.drops.begin(), flags.drops.end(), std::back_inserter(rules), drop_rule);
    std::transform(flags.renames.begin(), flags.renames.end(), std::back_inserter(rules), rename_rule);
    std::transform(flags.retags.begin(), flags.retags.end(), std::back_inserter(rules), retag_rule);
    return Rules{std::move(rules)};
}

std::chrono::seconds dedup_of(const Flags& flags, const std::vector<Destination>& destinations) {
    constexpr std::chrono::seconds as_tcollector{300};
    if (flags.dedup_only_zero) {
        return std::chrono::seconds{0};
    }
    if (!flags.dedup.empty()) {
        return std::chrono::ceil<std::chrono::seconds>(duration_of("--dedup", flags.dedup));
    }
    const bool is_influx = !destinations.empty() && destinations.front().targets.protocol() == Target::Protocol::influx;
    return is_influx ? std::chrono::seconds{0} : as_tcollector;
}

std::vector<std::string> remarks_of(const Flags& flags) {
    std::vector<std::string> remarks;
    for (const std::string& name : flags.ignored) {
        // Message: FLAG has no effect here
        // Cause: tcollector has this flag; the agent accepts it without effect.
        // Remedy: None needed.
        remarks.push_back(base::concat(name, " has no effect here"));
    }
    if (flags.dedup_only_zero) {
        // Message: --dedup-only-zero: no value is held back, not even 0
        // Cause: The flag was given. The agent sends more than tcollector then.
        // Remedy: None needed.
        remarks.emplace_back("--dedup-only-zero: no value is held back, not even 0");
    }
    if (!flags.http_password.empty()) {
        // Message: --http-password: others on this host can read the password; use --auth-file
        // Cause: The command line of each process is public.
        // Remedy: Put the credentials into a file, and use --auth-file.
        remarks.emplace_back("--http-password: others on this host can read the password; use --auth-file");
    }
    return remarks;
}

/// The credentials of the first destination are not used for copies.
std::vector<Destination> destinations_of(const Flags& flags, const std::vector<std::string>& words) {
    std::vector<Destination> all;
    const auto add = [&](const Targets& targets, Credentials credentials) {
        all.push_back(
            {.targets = targets, .credentials = std::move(credentials), .tls = push::tls_for(targets, flags.security)});
    };
    add(targets_of(flags, words), flags.http_user.empty() ? push::credentials_of(flags.security)
                                                          : Credentials::user(flags.http_user, flags.http_password));
    std::vector<Targets> copies;
    std::transform(flags.copies.begin(), flags.copies.end(), std::back_inserter(copies), tickertape::push::copy_of);
    tickertape::push::check_distinct(all.front().targets, copies);
    for (const Targets& copy : copies) {
        add(copy, flags.copy_auth_file.empty() ? Credentials::from_environment("TICKERTAPE_COPY_AUTH")
                                               : Credentials::from_file(flags.copy_auth_file));
    }
    return all;
}

OutletOptions outlet_of(const Flags& flags, const std::vector<std::string>& words) {
    OutletOptions outlet;
    if (flags.queue == 0) {
        throw UsageError{"--queue must be more than 0"};
    }
    if (!flags.dry_run) {
        outlet.destinations = destinations_of(flags, words);
        outlet.spool = push::spool_options(flags.spool, {}); // each destination names its own
        outlet.spool.program = "agent";
    }
    outlet.dedup = dedup_of(flags, outlet.destinations);
    outlet.flush = duration_of("--flush", flags.flush);
    if (outlet.flush <= outlet.flush.zero()) {
        throw UsageError{"--flush must be more than 0"};
    }
    outlet.queue = flags.queue;
    outlet.mps = flags.mps;
    outlet.resend = flags.resend;
    return outlet;
}

std::chrono::milliseconds stats_of(const Flags& flags) {
    const std::chrono::milliseconds each = duration_of("--self-metrics", flags.stats);
    if (each > each.zero() && each < std::chrono::seconds{1}) {
        throw UsageError{"--self-metrics must be 0, or at least 1 s"};
    }
    return flags.no_stats ? std::chrono::milliseconds{0} : each;
}

} // namespace

Settings settings_of(const Flags& flags) {
    Settings settings;
    std::vector<std::string> words = flags.words;
    settings.directory = directory_of(flags, words);
    settings.root = flags.root.empty() ? install_root_of(settings.directory) : fs::path{flags.root};
    if (!is_folder(settings.root)) {
        throw UsageError{base::concat("there is no directory ", base::quote(settings.root.native()))};
    }
    settings.outlet = outlet_of(flags, words);
    settings.roster.inactivity = std::chrono::seconds{flags.inactivity};
    settings.roster.remove_inactive = flags.remove_inactive;
    settings.roster.retry_after =
        std::chrono::ceil<std::chrono::seconds>(duration_of("--retry-after", flags.retry_after));
    settings.intake.tags = tags_of(flags);
    settings.intake.prefix = flags.prefix.empty() || flags.prefix.ends_with('.') ? flags.prefix : flags.prefix + ".";
    settings.intake.rules = rules_of(flags);
    settings.intake.checks_order = settings.outlet.dedup > std::chrono::seconds{0};
    settings.intake.max_line = flags.max_line;
    settings.intake.max_series = flags.max_series;
    settings.limits.lines_per_second = flags.max_lines;
    settings.limits.memory = flags.max_memory == "0" ? 0 : push::size_of("--max-memory", flags.max_memory);
    settings.put = put_options_of(flags.put);
    settings.put_host = foreign_host_of(flags.put, settings.intake.tags);
    for (const Destination& destination : settings.outlet.destinations) {
        refuse_itself(settings.put, destination.targets);
    }
    settings.stats = stats_of(flags);
    settings.log_file = flags.log_stdout ? std::string{} : flags.log_file;
    settings.log_level = log_level_of(flags.log_level);
    settings.pid_file = flags.pid_file;
    settings.status_socket = flags.status_socket.empty() ? usual_status_socket : flags.status_socket;
    settings.remarks = remarks_of(flags);
    return settings;
}

} // namespace tickertape::cli::agent
