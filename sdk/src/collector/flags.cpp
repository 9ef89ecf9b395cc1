// SPDX-License-Identifier: MIT
#include "collector/flags.hpp"

#include <algorithm>
#include <string_view>

#include <tickertape/name.hpp>

#include "base/concat.hpp"
#include "base/nearest.hpp"
#include "base/quote.hpp"

namespace tickertape::collector {

namespace {

constexpr std::size_t help_column = 28;

void append_help(std::string& text, const std::string& flag, const std::string& help) {
    std::string line = "  " + flag;
    if (line.size() >= help_column) {
        text += line + "\n";
        line.clear();
    }
    line.resize(help_column, ' ');
    text += line + help + "\n";
}

} // namespace

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
                                          "--help names those there are")};
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
        append_help(text, flag.name + (flag.is_switch ? "" : " " + flag.kind), flag.help);
    }
    append_help(text, "-h,--help", "Say this");
    append_help(text, "-V,--version", "Name the version");
    return text;
}

} // namespace tickertape::collector
