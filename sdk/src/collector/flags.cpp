// SPDX-License-Identifier: MIT
#include "collector/flags.hpp"

#include <algorithm>
#include <string_view>

#include <tickertape/name.hpp>

#include "base/concat.hpp"
#include "base/help_text.hpp"
#include "base/nearest.hpp"
#include "base/quote.hpp"

namespace tickertape::collector {

std::string Flag::variable() const {
    std::string variable = "TICKERTAPE_";
    for (const char c : key()) {
        variable += c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return variable;
}

Asked read_arguments(std::span<Flag> flags, std::span<const std::string> arguments) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& argument = arguments[i];
        if (argument == "-h" || argument == "--help") {
            return Asked::help;
        }
        if (argument == "-V" || argument == "--version") {
            return Asked::version;
        }
        const std::size_t equals = argument.find('=');
        const std::string_view name = std::string_view{argument}.substr(0, equals);
        const auto flag =
            std::find_if(flags.begin(), flags.end(), [&](const Flag& known) { return known.name == name; });
        if (flag == flags.end()) {
            std::vector<std::string> names{"--help", "--version"};
            for (const Flag& known : flags) {
                if (!known.is_hidden) {
                    names.push_back(known.name);
                }
            }
            const std::string meant = base::nearest(name, names);
            throw UsageError{base::concat(base::quote(name), " is no flag of this collector; ",
                                          meant.empty() ? "" : "perhaps " + meant + " is meant; ",
                                          "--help lists all flags")};
        }
        if (equals != std::string::npos) {
            flag->given.push_back(argument.substr(equals + 1));
        } else if (flag->is_switch) {
            flag->given.emplace_back("true");
        } else if (i + 1 < arguments.size() && !arguments[i + 1].starts_with("--")) {
            flag->given.push_back(arguments[++i]);
        } else {
            throw UsageError{flag->name + ": its " + flag->kind + " is missing"};
        }
    }
    return Asked::to_run;
}

std::string help_of(std::span<const Flag> flags) {
    std::string text;
    std::string_view title;
    for (const Flag& flag : flags) {
        if (flag.is_hidden) {
            continue;
        }
        if (flag.title != title) {
            title = flag.title;
            text.append("\n").append(title).append(":\n");
        }
        base::append_help_entry(text, flag.is_switch ? flag.name : base::concat(flag.name, " ", flag.kind), flag.help);
    }
    base::append_help_entry(text, "-h, --help", "Show this help");
    base::append_help_entry(text, "-V, --version", "Show the version");
    return text;
}

std::string help_end(const std::string& name) {
    std::string text{R"(
A DURATION is 5, 0.5, 250ms, 5s, 10m, 1h or 1d; without a unit it is in seconds.

Each flag, except those under Other, can also be set in the environment and in
config files. The first place under Settings that sets it wins.

Settings:
)"};
    base::append_help_entry(text, "--self-metrics 30", "On the command line");
    base::append_help_entry(text, "TICKERTAPE_SELF_METRICS=30", "In the environment; blanks separate several tags");
    base::append_help_entry(text, base::concat("etc/", name, ".conf"),
                            "'self-metrics = 30' in this file beside the numbered directory that tcollector started "
                            "the collector from");
    base::append_help_entry(text, base::concat("/etc/tickertape/", name, ".conf"), "The same, for this collector");
    base::append_help_entry(text, "/etc/tickertape/common.conf", "The same, for all collectors");
    text += R"(
Exit codes:
  0   It was asked to end, or nobody reads its output any more
  1   It failed
  2   A flag or a setting is wrong
  13  This host has nothing to report; tcollector tries again an hour later

Examples:
)";
    base::append_help_entry(text, base::concat(name, " --once"), "Print one reading");
    base::append_help_entry(text, base::concat(name, " | tickertape watch"), "Show readings as they come");
    base::append_help_entry(text, base::concat(name, " --tsd tsdb:4242"), "Push readings to a server");
    return text;
}

} // namespace tickertape::collector
