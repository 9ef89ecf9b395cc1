// SPDX-License-Identifier: MIT
// `tickertape agent`: a directory of collectors, as tcollector runs it.
#include <CLI/CLI.hpp>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>

#include <tickertape/messages.hpp>

#include "base/concat.hpp"
#include "cli/agent/agent.hpp"
#include "cli/agent/pid_file.hpp"
#include "cli/agent/running_tcollector.hpp"
#include "cli/agent/settings.hpp"
#include "cli/agent/status_socket.hpp"
#include "cli/commands.hpp"

namespace tickertape::cli::agent {

namespace {

constexpr std::string_view usage_notes =
    R"(Runs the programs of a directory as tcollector does: those in the folder 0 all
the time, those in 15, 60 and so on once in so many seconds. Sends their lines
to the first TARGET that works; without one to localhost:4242. SIGTERM ends the
programs and sends the rest. SIGHUP reads settings and directory again.

Exit codes:
  0  Ended as asked
  1  Something failed
  2  A flag, an argument or a setting is wrong

Examples:
  tickertape agent -c /usr/local/tcollector/collectors tsdb:4242
                            Run tcollector's directory
  tickertape agent --check --line 'm 1700000000 1'
                            Print what the agent would do
  tickertape agent --status
                            Print the state of its programs)";

/// Throws std::runtime_error if another agent runs: two agents of one directory would send each point twice.
void refuse_a_second(const Settings& settings) {
    const bool is_dry = settings.outlet.destinations.empty();
    if (!is_dry && is_answered(settings.status_socket)) {
        throw std::runtime_error{base::concat("another agent runs, and answers at ", settings.status_socket,
                                              "; one for another directory needs another --status-socket")};
    }
}

std::atomic<Log*> log_of_messages{nullptr};

/// While it lives, messages of the library go to the agent's log.
class MessagesTo {
public:
    explicit MessagesTo(Log& log) {
        log_of_messages = &log;
        set_message_function([](int priority, std::string_view sentence) {
            log_of_messages.load()->say(static_cast<base::Level>(priority), sentence);
        });
    }
    MessagesTo(const MessagesTo&) = delete;
    MessagesTo& operator=(const MessagesTo&) = delete;
    ~MessagesTo() { set_message_function(nullptr); }
};

int print(const std::string& text) {
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0 ? 0 : 1;
}

int run(const Given& given) {
    const Flags flags = flags_of(given);
    if (flags.status) {
        return print(ask_status(flags.status_socket.empty() ? usual_status_socket : flags.status_socket));
    }
    Settings settings = settings_of(flags);
    if (!flags.import_to.empty()) {
        return import_settings(settings, flags.import_to);
    }
    if (flags.check) {
        return print(preview_of(settings, flags.lines));
    }
    refuse_a_second(settings);
    base::set_level(settings.log_level);
    const PidFile pid_file{settings.pid_file};
    Log log{settings.log_file};
    const MessagesTo messages{log};
    for (const std::string& remark : settings.remarks) {
        log.say(base::Level::notice, remark);
    }
    if (const auto rival = running_tcollector()) {
        // Message: tcollector is also running (process N): collectors that both run send their points twice
        // Cause: A tcollector was found on this host when the agent started.
        // Remedy: Stop tcollector, or give the two different directories.
        log.say(base::Level::warning, base::concat("tcollector is also running (process ", *rival,
                                                   "): collectors that both run send their points twice"));
    }
    Agent agent{std::move(settings), [&given] { return settings_of(flags_of(given)); }, log};
    pid_file.write();
    const int code = agent.run();
    if (agent.is_stuck()) {
        std::_Exit(code);
    }
    return code;
}

} // namespace

void add_command(CLI::App& app, int& result) {
    CLI::App* const command = app.add_subcommand("agent", "Run a directory of collectors in tcollector's place.");
    command->footer(std::string{usage_notes});
    const auto flags = std::make_shared<Flags>();
    add_flags(*command, *flags);
    command->callback([command, flags, &result] { result = run(given_to(*command)); });
}

} // namespace tickertape::cli::agent
