// SPDX-License-Identifier: MIT
// `tickertape push`: lines to a TSD.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <future>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <tickertape/host_tag.hpp>
#include <tickertape/stop.hpp>

#include "base/threads.hpp"
#include "cli/commands.hpp"
#include "cli/duration.hpp"
#include "cli/messages.hpp"
#include "cli/output_guard.hpp"
#include "cli/push/destination.hpp"
#include "cli/push/security_flags.hpp"
#include "cli/push/spool_flags.hpp"
#include "cli/push/usage_notes.hpp"
#include "cli/push/words.hpp"
#include "push/destinations.hpp"

namespace tickertape::cli::push {

namespace {

struct Options {
    std::vector<std::string> words; // targets, then files
    std::uint32_t mps = 0;
    std::string deadline = "60";
    bool dry_run = false;
    bool resend = false;
    std::string host = "auto";
    bool quiet = false;
    std::string self_metrics = "0";
    bool sync = false;
    bool no_sync = false;
    bool gzip = false;
    bool no_gzip = false;
    SecurityFlags security;
    SpoolFlags spool;
    std::vector<std::string> copies; // each is one more destination
    std::string copy_auth_file;
};

std::string host_of(const std::string& choice) {
    return choice == "none"   ? std::string{}
           : choice == "auto" ? HostTag::automatic().resolve()
                              : HostTag::named(std::string_view{choice}).resolve();
}

SinkOptions sink_options(const Options& options, const std::string& host, const Targets& targets) {
    return {.mps = options.mps,
            .resend = options.resend,
            .host = host,
            .sync = options.sync || options.no_sync ? std::optional{options.sync} : std::nullopt,
            .gzip = options.gzip || options.no_gzip ? std::optional{options.gzip} : std::nullopt,
            .tls = tls_for(targets, options.security),
            .spool = spool_options(options.spool, targets.all().front().text())};
}

/// Credentials of the first destination are not used for copies.
Credentials copy_credentials_of(const Options& options) {
    return options.copy_auth_file.empty() ? Credentials::from_environment("TICKERTAPE_COPY_AUTH")
                                          : Credentials::from_file(options.copy_auth_file);
}

/// Threads that are joined at the end, also if one of them cannot be started.
struct Copies {
    std::vector<std::thread> threads{};

    Copies() = default;
    Copies(const Copies&) = delete;
    Copies& operator=(const Copies&) = delete;
    ~Copies() {
        for (std::thread& thread : threads) {
            thread.join();
        }
    }
};

/// Runs all destinations at the same time, because each waits for its own target.
void run_all(std::span<const std::unique_ptr<Destination>> destinations) {
    std::vector<std::exception_ptr> failures(destinations.size());
    const auto run = [&](std::size_t i) {
        try {
            destinations[i]->run();
        } catch (...) {
            failures[i] = std::current_exception();
        }
    };
    std::promise<bool> start;
    {
        Copies copies;
        try {
            const std::shared_future<bool> may_start = start.get_future().share();
            for (std::size_t i = 1; i < destinations.size(); ++i) {
                copies.threads.push_back(base::make_quiet_thread("tt-copy", [&run, i, may_start] {
                    if (may_start.get()) {
                        run(i);
                    }
                }));
            }
        } catch (...) {
            start.set_value(false); // all or none: nothing has been read yet
            throw;
        }
        start.set_value(true);
        run(0);
    }
    for (const std::exception_ptr& failure : failures) {
        if (failure) {
            std::rethrow_exception(failure);
        }
    }
}

/// Returns the first of these codes that any destination has.
int worst(std::span<const int> exit_codes) {
    for (const int code : {nothing_taken, some_lost, some_spooled, some_unconfirmed}) {
        if (std::find(exit_codes.begin(), exit_codes.end(), code) != exit_codes.end()) {
            return code;
        }
    }
    return all_acked;
}

int push(const Options& options) {
    std::vector<Target> first;
    Task task{.host = host_of(options.host),
              .deadline = duration_of("--deadline", options.deadline),
              .self_metrics = duration_of("--self-metrics", options.self_metrics),
              .dry_run = options.dry_run,
              .is_quiet = options.quiet,
              .has_spool = !options.spool.directory.empty(),
              .has_copies = !options.copies.empty() && !options.dry_run};
    sort_words(options.words, first, task.files);
    const Targets targets{std::move(first)};
    std::vector<Targets> copies;
    for (const std::string& text : options.copies) {
        copies.push_back(tickertape::push::copy_of(text));
    }
    tickertape::push::check_distinct(targets, copies);
    if (options.dry_run) {
        copies.clear(); // they would get the same lines
    }
    Inputs inputs{1 + copies.size(), Stop::process().token()};
    std::vector<std::unique_ptr<Destination>> destinations;
    std::set<std::string> tags;
    const auto add = [&](const Targets& its, Credentials (*credentials)(const Options&)) {
        SinkOptions sink;
        if (!options.dry_run) {
            sink = sink_options(options, task.host, its);
            sink.credentials = credentials(options);
        }
        const std::string copy = destinations.empty() ? std::string{} : tickertape::push::tag_of(its, tags);
        destinations.push_back(
            std::make_unique<Destination>(task, inputs, destinations.size(), its, copy, std::move(sink)));
    };
    add(targets, [](const Options& all) { return credentials_of(all.security); });
    for (const Targets& copy : copies) {
        add(copy, copy_credentials_of);
    }
    const Stop::OnSignals signals{Stop::process(),
                                  Stop::SecondSignal::any}; // not before secrets and certificates are read
    const OutputGuard guard{{.outputs = {STDERR_FILENO}, .exit_code = some_lost}};
    run_all(destinations);
    std::vector<int> exit_codes;
    for (const auto& destination : destinations) {
        exit_codes.push_back(destination->report());
    }
    return worst(exit_codes);
}

} // namespace

void add_command(CLI::App& app, int& result) {
    CLI::App* const command = app.add_subcommand("push", "Send put lines to a server and report the fate of each.");
    command->footer(std::string{usage_notes});
    const auto options = std::make_shared<Options>();
    command->add_option("TARGET", options->words, "One or more targets, then files to read instead of standard input")
        ->required();
    command->add_option("--mps", options->mps, "Send at most NUMBER lines in any second; 0: no limit")
        ->type_name("NUMBER")
        ->capture_default_str();
    command
        ->add_option("--deadline", options->deadline,
                     "Give up when the target has acknowledged nothing for DURATION after the end of the input (with "
                     "files: at any time); 0: never")
        ->type_name("DURATION")
        ->capture_default_str();
    command
        ->add_option(
            "--host-tag", options->host,
            "Host tag for lines in tcollector form that have none: auto (this machine's name), none, or a name")
        ->type_name("NAME")
        ->capture_default_str();
    command->add_flag("--resend", options->resend,
                      "Send lines again that may have arrived when a connection broke; a VictoriaMetrics may then have "
                      "them twice");
    CLI::Option* const sync =
        command->add_flag("--sync", options->sync,
                          "Over HTTP, have the target answer after it has stored the points; the default for OpenTSDB");
    command->add_flag("--no-sync", options->no_sync, "Over HTTP, let the target answer before that")->excludes(sync);
    CLI::Option* const gzip = command->add_flag(
        "--gzip", options->gzip, "Over HTTP, compress always; without it, not for a target on this machine");
    command->add_flag("--no-gzip", options->no_gzip, "Over HTTP, do not compress")->excludes(gzip);
    command->add_flag("--dry-run", options->dry_run, "Only check the lines; do not connect");
    command->add_flag("--quiet", options->quiet, "Print no account at the end");
    command
        ->add_option("--self-metrics", options->self_metrics,
                     "Send the account as tickertape.push.* every DURATION while lines come in; 0: never")
        ->type_name("DURATION")
        ->capture_default_str();
    constexpr const char* copying = "Copies";
    command
        ->add_option("--copy-to", options->copies,
                     "Send every line to TARGET, too, independently of the others; after commas its targets for "
                     "fail-over; may be repeated")
        ->type_name("TARGET")
        ->group(copying)
        ->allow_extra_args(false); // words after its value are files
    command
        ->add_option(
            "--copy-auth-file", options->copy_auth_file,
            "As --auth-file, for the targets of --copy-to; without it, the variable TICKERTAPE_COPY_AUTH counts")
        ->type_name("FILE")
        ->group(copying);
    add_flags(*command, options->security);
    add_flags(*command, options->spool);
    add_log_level_flag(*command);
    command->callback([options, &result] { result = push(*options); });
}

} // namespace tickertape::cli::push
