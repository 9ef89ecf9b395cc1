// SPDX-License-Identifier: MIT
// `tickertape host`: the collectors of a host in one process.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <tickertape/collector.hpp>
#include <tickertape/name.hpp>

#include "base/concat.hpp"
#include "base/nearest.hpp"
#include "base/quote.hpp"
#include "cli/host/host.hpp"
#include "collector/command_line.hpp"
#include "collector/crew.hpp"

namespace tickertape::cli::host {

namespace {

constexpr const char* description = "Run collectors of this host in one process, with one output.";

using Bodies = std::span<const collector::Body>;

constexpr const char* flag_of_names = "--collector";
constexpr const char* flag_of_config = "--config";

std::string list_of(Bodies all) {
    std::string list;
    for (const collector::Body& body : all) {
        list.append(" ").append(body.name);
    }
    return list;
}

std::vector<std::string> names_of(Bodies all) {
    std::vector<std::string> names;
    for (const collector::Body& body : all) {
        names.emplace_back(body.name);
    }
    return names;
}

/// Throws UsageError.
const collector::Body& body_of(const std::string& name, Bodies all) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& body) { return body.name == name; });
    if (found == all.end()) {
        const std::string meant = base::nearest(name, names_of(all));
        throw UsageError{base::concat("there is no collector ", base::quote(name),
                                      meant.empty() ? "" : base::concat("; perhaps ", meant, " is meant"))};
    }
    return *found;
}

/// The parts of a command line: names, then flags. The value of a flag `--collector` is a name, too.
struct Words {
    std::vector<std::string> names{};
    std::vector<std::string> flags{};  // for the process and for each collector
    std::vector<std::string> config{}; // for the process only: replaces host.conf
};

Words words_of(const std::vector<std::string>& arguments) {
    Words words;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& word = arguments[i];
        const std::size_t equals = word.find('=');
        const std::string_view flag = std::string_view{word}.substr(0, equals);
        const bool has_value = equals != std::string::npos || i + 1 < arguments.size(); // if not, it is reported later
        if ((flag == flag_of_names || flag == flag_of_config) && has_value) {
            (flag == flag_of_names ? words.names : words.config)
                .push_back(equals != std::string::npos ? word.substr(equals + 1) : arguments[++i]);
        } else if (words.flags.empty() && !word.starts_with('-')) {
            words.names.push_back(word);
        } else {
            words.flags.push_back(word);
        }
    }
    return words;
}

/// Returns the flags of the process itself. Adds the values of --collector to `names`.
Collector::Defaults defaults_of(std::vector<std::string>& names, Bodies all) {
    return {.name = "host",
            .description = description,
            .flags = {{.name = flag_of_names,
                       .help = "Collector to run if no NAME is given; may be repeated:" + list_of(all),
                       .kind = "NAME",
                       .check = [all](const std::string& name) { static_cast<void>(body_of(name, all)); },
                       .list = &names}}};
}

/// Returns the help of a collector, changed for `tickertape host`.
std::string help_of(Bodies all) {
    std::vector<std::string> names;
    std::string help =
        std::get<collector::Exit>(collector::parse_command_line({"--help"}, defaults_of(names, all))).out;
    constexpr std::string_view usage = "Usage: host [OPTIONS]";
    help.replace(help.find(usage), usage.size(), "Usage: tickertape host [NAME...] [OPTIONS]");
    help.erase(help.rfind("Examples:\n"));
    return help + R"(Examples:
  tickertape host uptime sarcpu --once   Print one reading of two collectors
  tickertape host --tsd tsdb:4242        Push what host.conf names
)";
}

int run(const std::vector<std::string>& arguments, Bodies all) {
    const Words words = words_of(arguments);
    if (std::any_of(words.flags.begin(), words.flags.end(), [](const auto& f) { return f == "--help" || f == "-h"; })) {
        std::fputs(help_of(all).c_str(), stdout);
        return 0;
    }
    std::vector<const char*> argv{"host"};
    for (const std::string& name : words.names) {
        argv.insert(argv.end(), {flag_of_names, body_of(name, all).name});
    }
    for (const std::string& file : words.config) {
        argv.insert(argv.end(), {flag_of_config, file.c_str()});
    }
    for (const std::string& flag : words.flags) {
        argv.push_back(flag.c_str());
    }
    std::vector<std::string> names;
    Collector self{static_cast<int>(argv.size()), argv.data(), defaults_of(names, all)};
    std::vector<collector::Body> bodies;
    for (const collector::Body& body : all) { // each once
        if (std::find(names.begin(), names.end(), body.name) != names.end()) {
            bodies.push_back(body);
        }
    }
    if (bodies.empty()) {
        throw UsageError{"host: name the collectors to run, or set 'collector' in host.conf; there are" + list_of(all)};
    }
    return collector::Crew{self, bodies, words.flags}.run();
}

} // namespace

void add_command(CLI::App& app, int& result, Bodies collectors) {
    CLI::App* const command = app.add_subcommand("host", description);
    command->prefix_command();
    command->set_help_flag();
    command->callback([command, collectors, &result] { result = run(command->remaining(), collectors); });
}

} // namespace tickertape::cli::host
