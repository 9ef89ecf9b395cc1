// SPDX-License-Identifier: MIT
#include "cli/help.hpp"

#include <CLI/CLI.hpp>
#include <string_view>
#include <vector>

#include "base/concat.hpp"
#include "base/help_text.hpp"

namespace tickertape::cli {

namespace {

bool takes_many(const CLI::Option& option) {
    return option.get_items_expected_max() >= CLI::detail::expected_max_vector_size;
}

/// Returns `--flag VALUE`, with the short name first if there is one.
std::string term_of(const CLI::Option& option) {
    std::string term;
    for (const std::string& name : option.get_snames()) {
        term += base::concat(term.empty() ? "" : ", ", "-", name);
    }
    for (const std::string& name : option.get_lnames()) {
        term += base::concat(term.empty() ? "" : ", ", "--", name);
    }
    if (option.get_type_size() == 0) { // a flag without a value
        return term;
    }
    const std::string type = option.get_type_name();
    return base::concat(term, " ", type.substr(0, type.find(':'))); // CLI11 appends a colon and the names of checks
}

std::string usage_of(const CLI::App& app) {
    std::string usage = " [OPTIONS]";
    for (const CLI::Option* const option : app.get_options()) {
        if (!option->nonpositional()) {
            const std::string name = base::concat(option->get_name(true), takes_many(*option) ? "..." : "");
            usage += option->get_required() ? base::concat(" ", name) : base::concat(" [", name, "]");
        }
    }
    return app.get_require_subcommand_min() > 0 ? usage + " SUBCOMMAND" : usage;
}

void append_title(std::string& help, std::string_view title) { help.append("\n").append(title).append(":\n"); }

void append_arguments(std::string& help, const CLI::App& app) {
    const std::vector<const CLI::Option*> arguments =
        app.get_options([](const CLI::Option* option) { return !option->nonpositional(); });
    if (!arguments.empty()) {
        append_title(help, "Arguments");
    }
    for (const CLI::Option* const argument : arguments) {
        base::append_help_entry(help, argument->get_name(true), argument->get_description());
    }
}

void append_option(std::string& help, const CLI::Option& option) {
    base::append_help_entry(help, term_of(option),
                            base::concat(option.get_description(), base::help_default(option.get_default_str())));
}

/// Appends all options except those that every program has.
void append_groups(std::string& help, const CLI::App& app) {
    for (const std::string& group : app.get_groups()) {
        const std::vector<const CLI::Option*> options = app.get_options([&](const CLI::Option* option) {
            return option->nonpositional() && option->get_group() == group && option != app.get_help_ptr() &&
                   option != app.get_version_ptr();
        });
        if (!group.empty() && !options.empty()) {
            append_title(help, group);
            for (const CLI::Option* const option : options) {
                append_option(help, *option);
            }
        }
    }
}

void append_subcommands(std::string& help, const CLI::App& app) {
    const std::vector<const CLI::App*> commands =
        app.get_subcommands([](const CLI::App* command) { return !command->get_group().empty(); });
    if (!commands.empty()) {
        append_title(help, "Subcommands");
    }
    for (const CLI::App* const command : commands) {
        std::string text = command->get_description();
        if (text.ends_with('.')) {
            text.pop_back();
        }
        base::append_help_entry(help, command->get_name(), text);
    }
}

std::string help_of(const CLI::App* app, const std::string& name) {
    std::string help = base::concat(app->get_description(), "\n\nUsage: ", name, usage_of(*app), "\n");
    append_arguments(help, *app);
    append_subcommands(help, *app);
    append_groups(help, *app);
    append_title(help, "Other");
    append_option(help, *app->get_help_ptr());
    if (const CLI::Option* const version = app->get_version_ptr()) {
        append_option(help, *version);
    }
    if (help.find(" DURATION ") != std::string::npos) {
        help += "\nA DURATION is 5, 0.5, 250ms, 5s, 10m, 1h or 1d; without a unit it is in seconds.\n";
    }
    return app->get_footer().empty() ? help : base::concat(help, "\n", app->get_footer(), "\n");
}

} // namespace

void use_our_help(CLI::App& app) {
    app.formatter_fn([](const CLI::App* one, std::string name, CLI::AppFormatMode) { return help_of(one, name); });
    app.set_help_flag("-h,--help", "Show this help");
}

} // namespace tickertape::cli
