// SPDX-License-Identifier: MIT
// The `tickertape` command: tools for the lines of any collector.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include <tickertape/name.hpp>

#include "base/concat.hpp"
#include "cli/commands.hpp"
#include "cli/help.hpp"
#include "cli/host/collectors.hpp"
#include "cli/host/host.hpp"
#include "cli/messages.hpp"
#include "cli/parse_error.hpp"
#include "collector/version.hpp"

namespace {

namespace base = tickertape::base;

constexpr int bad_usage = 2;
constexpr int failure = 1;

constexpr std::string_view usage_notes =
    R"(Run 'tickertape help SUBCOMMAND' for the options of a subcommand.

Examples:
  tickertape push tsdb:4242 lines.txt    Send lines to a server
  uptime | tickertape watch              Show readings as they come
  tickertape burst lines.txt             Report on bursts in lines)";

/// Opens /dev/null for each closed standard descriptor, so that no file of ours gets its number.
void fill_standard_descriptors() {
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (fcntl(fd, F_GETFD) < 0) {
            [[maybe_unused]] const int filled =
                open("/dev/null", O_RDWR); // open returns the lowest free number, which is this one
        }
    }
}

bool has_subcommand(const CLI::App& app, const std::string& name) {
    const std::vector<const CLI::App*> all = app.get_subcommands([](const CLI::App*) { return true; });
    return std::any_of(all.begin(), all.end(), [&](const CLI::App* each) { return each->get_name() == name; });
}

/// Replaces `help` by `--help`, and `help COMMAND` by `COMMAND --help`.
std::vector<std::string> arguments_of(const CLI::App& app, int argc, char** argv) {
    std::vector<std::string> arguments{argv + std::min(argc, 1), argv + argc};
    if (!arguments.empty() && arguments.front() == "help") {
        arguments.erase(arguments.begin());
        if (arguments.empty() || has_subcommand(app, arguments.front())) {
            arguments.emplace_back("--help"); // CLI11 would show it also for an unknown command
        }
    }
    std::reverse(arguments.begin(), arguments.end()); // CLI11 expects them in this order
    return arguments;
}

} // namespace

int main(int argc, char** argv) {
    fill_standard_descriptors();
    try {
        CLI::App app{"Work on the put lines of collectors.", "tickertape"};
        tickertape::cli::use_our_help(app);
        app.set_version_flag("-V,--version",
                             tickertape::collector::version_line("tickertape", {.tls = true, .spool = true}),
                             "Show the version");
        app.footer(std::string{usage_notes});
        app.require_subcommand(1);
        int result = 0;
        tickertape::cli::push::add_command(app, result);
        tickertape::cli::burst::add_command(app, result);
        tickertape::cli::lint::add_command(app, result);
        tickertape::cli::watch::add_command(app, result);
        tickertape::cli::spool::add_command(app, result);
        tickertape::cli::host::add_command(app, result, tickertape::cli::host::collectors());
        tickertape::cli::agent::add_command(app, result);
        try {
            app.parse(arguments_of(app, argc, argv));
        } catch (const CLI::ParseError& error) {
            if (error.get_exit_code() == 0) { // for --help and --version
                return app.exit(error);
            }
            throw tickertape::UsageError{tickertape::cli::parse_error_message(app, error)};
        }
        return result;
    } catch (const tickertape::UsageError& error) {
        tickertape::cli::print_message(base::Level::error, error.what());
        return bad_usage;
    } catch (const std::exception& error) {
        tickertape::cli::print_message(base::Level::error, error.what());
        return failure;
    }
}
