// SPDX-License-Identifier: MIT
// The `tickertape` command: what is done to lines of any collector.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include <tickertape/name.hpp>

#include "base/concat.hpp"
#include "base/quote.hpp"
#include "cli/commands.hpp"
#include "collector/version.hpp"

namespace {

constexpr int bad_usage = 2;
constexpr int failure = 1;

/// Opens /dev/null where a standard descriptor is closed, so that none of ours takes its place.
void fill_standard_descriptors() {
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (fcntl(fd, F_GETFD) < 0) {
            [[maybe_unused]] const int filled = open("/dev/null", O_RDWR); // takes the lowest free number, this one
        }
    }
}

/// What is wrong with a command line, and where to look.
std::string complaint(const CLI::App& app, const CLI::ParseError& error) {
    const std::vector<CLI::App*> chosen = app.get_subcommands();
    std::string text{error.what()};
    if (chosen.empty() && !app.remaining().empty()) {
        text = "there is no command or flag " + tickertape::base::quote(app.remaining().front());
    }
    return text.append("; see tickertape ")
        .append(chosen.empty() ? "" : chosen.front()->get_name() + " ")
        .append("--help");
}

} // namespace

int main(int argc, char** argv) {
    fill_standard_descriptors();
    try {
        CLI::App app{"Works on the put lines of collectors.", "tickertape"};
        app.set_version_flag("--version",
                             tickertape::base::concat("tickertape ", tickertape::collector::version_text()));
        app.require_subcommand(1);
        int result = 0;
        tickertape::cli::push::add_command(app, result);
        tickertape::cli::burst::add_command(app, result);
        tickertape::cli::lint::add_command(app, result);
        tickertape::cli::watch::add_command(app, result);
        tickertape::cli::spool::add_command(app, result);
        try {
            app.parse(argc, argv);
        } catch (const CLI::ParseError& error) {
            if (error.get_exit_code() == 0) { // --help, --version
                return app.exit(error);
            }
            throw tickertape::UsageError{complaint(app, error)};
        }
        return result;
    } catch (const tickertape::UsageError& error) {
        std::fprintf(stderr, "tickertape: %s\n", error.what());
        return bad_usage;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "tickertape: %s\n", error.what());
        return failure;
    }
}
