// SPDX-License-Identifier: MIT
#include <tickertape/collector.hpp>

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <variant>

#include "base/forks.hpp"
#include "base/log.hpp"
#include "collector/collector_state.hpp"
#include "collector/ending.hpp"
#include "collector/footprint.hpp"
#include "collector/privileges.hpp"
#include "collector/readings_tick.hpp"
#include "collector/start.hpp"
#include "counter/dumper.hpp"

namespace tickertape {

using collector::Settings;

namespace {

/// The name in messages on stderr; set once, while there is one thread.
std::string& program_name() {
    static std::string name;
    return name;
}

/// Ends the process after an exception that left main: with a message and an exit code, not by an abort. Writes the held points
/// first.
[[noreturn]] void end_with_sentence() {
    Collector::ExitCode code = Collector::ExitCode::failure;
    if (std::current_exception()) {
        const collector::Ending ending = collector::ending_of_current_exception();
        collector::say(base::Level::error, program_name(), ending.sentence);
        code = ending.code;
    } else {
        // Message: std::terminate was called
        // Cause: The collector has a thread that was not joined, or a noexcept function that threw. Exit code 1.
        // Remedy: Correct the collector.
        collector::say(base::Level::error, program_name(), "std::terminate was called");
    }
    try {
        counter::finish_all_dumps(std::chrono::steady_clock::now() + Collector::stop_deadline);
    } catch (...) {
        // Message: the points that it held could not be written
        // Cause: The collector failed, and then there was not enough memory, or no thread, to write its last points.
        // Remedy: Raise the limit of memory or tasks; the message before this one tells why it failed.
        collector::say(base::Level::error, program_name(), "the points that it held could not be written");
    }
    _exit(static_cast<int>(code));
}

/// Returns whether --once takes two readings.
bool takes_two(const Collector::Defaults& defaults) {
    return defaults.differences ||
           std::any_of(defaults.flags.begin(), defaults.flags.end(), [](const Collector::Flag& flag) {
               return flag.differences && flag.chosen != nullptr && *flag.chosen;
           });
}

} // namespace

Collector::Collector(int argc, const char* const* argv, Collector::Defaults defaults) {
    if (collector::Member* const member = collector::Member::current()) {
        state_ =
            std::make_unique<State>(member->read_settings(argc, argv, defaults), member->stop(), takes_two(defaults));
        state_->output = member->output();
        state_->member = member;
        return;
    }
    program_name() = defaults.name;
    std::set_terminate(&end_with_sentence);
    if (!collector::fill_standard_descriptors()) {
        // Message: standard output is closed: there is nowhere to write to
        // Cause: The program was started without descriptor 1, as by >&-. Exit code 2.
        // Remedy: Start it with a standard output, or with --tsd and >/dev/null.
        collector::say(base::Level::error, program_name(), "standard output is closed: there is nowhere to write to");
        std::exit(static_cast<int>(Collector::ExitCode::usage)); // NOLINT(concurrency-mt-unsafe): there is one thread
    }
    collector::share_one_heap();
    Stop& stop = Stop::process();
    // Made before all that takes time, so that a TERM at any later moment leads to an orderly end.
    auto supervisor = std::make_unique<collector::Supervisor>(stop);
    auto read = collector::read_settings(argc, argv, defaults);
    if (const auto* const end = std::get_if<collector::Exit>(&read)) {
        supervisor.reset(); // ends its thread
        std::fputs(end->out.c_str(), stdout);
        if (!end->err.empty()) {
            std::fputs(std::string{base::journal_prefix(base::Level::error)}.append(end->err).c_str(), stderr);
        }
        std::exit(static_cast<int>(end->code)); // NOLINT(concurrency-mt-unsafe): there is one thread
    }
    Settings settings = std::get<Settings>(std::move(read));
    if (settings.log_level) {
        base::set_level(*settings.log_level);
    }
    const bool pushes = !settings.targets.empty();
    settings.form = pushes ? Form::put : settings.form == Form::automatic ? detect_form(STDOUT_FILENO) : settings.form;
    state_ = std::make_unique<State>(std::move(settings), stop, takes_two(defaults));
    state_->supervisor = std::move(supervisor);
    state_->output = std::make_shared<collector::Output>(state_->settings, defaults.name, stop, state_->clock());
    if (!state_->simulated) {
        state_->output->start();
    }
    // A collector that pushes has no reader.
    state_->supervisor->watch({.output = pushes ? -1 : STDOUT_FILENO,
                               .run_for = state_->simulated ? std::nullopt : state_->settings.run_for,
                               .until_read = state_->settings.form == Form::tcollector,
                               .is_once = state_->settings.once});
}

Collector::~Collector() {
    if (state_->forks.is_child()) {
        base::keep_for_ever(std::move(state_));
    } else if (!state_->simulated && state_->member == nullptr) {
        state_->output->stop();
    }
}

std::chrono::milliseconds Collector::interval() const noexcept { return state_->settings.interval; }

std::chrono::milliseconds Collector::timespan() const noexcept { return state_->settings.timespan; }

std::chrono::milliseconds Collector::granularity() const noexcept { return state_->settings.granularity; }

const std::filesystem::path& Collector::proc_root() const noexcept { return state_->settings.proc_root; }

Clock& Collector::clock() const noexcept { return state_->clock(); }

bool Collector::is_once() const noexcept { return state_->settings.once; }

Stop& Collector::stop() noexcept { return state_->stop; }

CounterOptions Collector::counter(CounterOptions own) const {
    const Settings& settings = state_->settings;
    for (const auto& [key, value] : settings.tags) {
        if (own.tags.find(key) != nullptr) {
            throw UsageError{"--tag: '" + key + "=" + value + "' sets a key that this collector sets itself"};
        }
    }
    own.tags = own.tags.merged_with(settings.tags);
    own.timespan = settings.timespan;
    own.granularity = settings.granularity;
    own.clock = &state_->clock();
    own.reserve_host_tag = reserves_host_tag();
    return own;
}

bool Collector::reserves_host_tag() const {
    return state_->settings.form == Form::tcollector || !state_->settings.host_tag.is_none();
}

Collector::operator AnyTransmitter() { return state_->output->stage(state_->settings); }

void Collector::keep_group_of(const std::filesystem::path& file) {
    state_->kept_group = collector::group_to_read(file);
}

int Collector::run_every_n_seconds(std::chrono::milliseconds period, const std::function<void()>& f) {
    return guard([&] {
        if (state_->settings.once && state_->waits) {
            state_->wait_one(period);
        }
        loop(period, f, [] { return false; });
    });
}

int Collector::run_every_n_seconds(std::chrono::milliseconds period, const std::function<void(Readings&)>& f) {
    return guard([&] {
        State& state = *state_;
        collector::ReadingsTick tick{
            f,
            {.step = period, .tags = state.settings.tags, .reserve_host_tag = reserves_host_tag()},
            AnyTransmitter{*this},
            clock(),
            [&state] { return state.output->room(); }};
        state.output->watch(tick.losses());
        if (state.settings.once && state.waits) {
            // Moves to the due time before, so that a whole period is between the two readings.
            state.simulated->advance(std::chrono::milliseconds{1});
            tick.rehearse(clock().read().wall);
            state.wait_one(period - std::chrono::milliseconds{1});
        }
        loop(period, std::ref(tick), [&] { return tick.reanchored(); });
    });
}

int Collector::run_every_n_seconds(std::chrono::milliseconds period, std::chrono::milliseconds every,
                                   const std::function<void()>& sample, const std::function<void(Readings&)>& f) {
    return guard([&] {
        State& state = *state_;
        if (every < std::chrono::milliseconds{1} || period % every != std::chrono::milliseconds{0}) {
            throw UsageError{"run_every_n_seconds: " + std::to_string(period.count()) + " ms are no multiple of the " +
                             std::to_string(every.count()) + " ms between two samples"};
        }
        collector::ReadingsTick report{
            f,
            {.step = period, .tags = state.settings.tags, .reserve_host_tag = reserves_host_tag()},
            AnyTransmitter{*this},
            clock(),
            [&state] { return state.output->room(); }};
        state.output->watch(report.losses());
        collector::SampledTick tick{period, sample, report};
        if (state.settings.once) {
            state.simulated->advance(std::chrono::milliseconds{1}); // to the start of a period
            state.look(*state.simulated, period, every, tick);
        }
        loop(every, std::ref(tick), [&] { return report.reanchored(); });
    });
}

void Collector::loop(std::chrono::milliseconds period, const std::function<void()>& f,
                     const std::function<bool()>& start_anew) {
    State& state = *state_;
    Clock& clock = state.clock();
    const std::uint64_t reanchored_before = clock.stats().reanchored;
    const auto run = [&, is_first = !state.simulated.has_value()]() mutable {
        f();
        if (state.member != nullptr && !state.simulated) {
            if (start_anew()) {
                state.member->start_anew();
            }
            return; // the crew does the rest
        }
        if (std::exchange(is_first, false)) {
            collector::drop_startup_pages(); // the first reading is a part of the start: it allocates
        }
        if (state.settings.once) {
            state.stop.request();
        } else if (state.settings.run_for && clock.read().steady - state.started >= *state.settings.run_for) {
            state.stop.request(Stop::Reason::time_over);
        } else if (state.settings.form == Form::tcollector &&
                   (start_anew() || clock.stats().reanchored != reanchored_before)) {
            // A new process is needed: tcollector drops lines that are older than the last one of this process.
            state.stop.request(Stop::Reason::clock_stepped);
        }
    };
    if (state.member != nullptr && !state.simulated) {
        state.member->run_every(period, run);
        return;
    }
    tickertape::run_every_n_seconds(period, run, {.stop = &state.stop, .clock = &clock});
    if (state.settings.once && !counter::finish_all_dumps(std::chrono::steady_clock::now() + stop_deadline) &&
        state.stop.reason() != Stop::Reason::output_closed) {
        throw std::runtime_error{"the reading could not be written"};
    }
}

int Collector::run(const std::function<void()>& f) {
    State& state = *state_;
    if (!state.simulated) {
        return guard([&] {
            if (state.member != nullptr) {
                state.member->move_to_thread();
            }
            f();
        });
    }
    // All counts go into the bucket that begins here.
    state.simulated->advance(state.before_due);
    std::jthread end_of_interval;
    if (state.settings.once && !state.settings.now) {
        end_of_interval = std::jthread{[&state](const std::stop_token& returned) {
            const SteadyTime end = std::chrono::steady_clock::now() + state.settings.interval;
            if (Clock::system().wait_until(end, returned)) {
                // Stops just before the end, for which the last dump waits.
                state.simulated->advance(state.settings.interval - std::chrono::milliseconds{1});
                state.stop.request();
            }
        }};
    }
    return guard(f);
}

int Collector::guard(const std::function<void()>& f) {
    try {
        if (state_->member != nullptr) {
            state_->member->wait_to_begin(state_->kept_group);
        } else {
            collector::become(state_->settings.user, state_->kept_group);
            if (!state_->simulated) {
                collector::drop_startup_pages();
            }
        }
        f();
        return static_cast<int>(Collector::ExitCode::again);
    } catch (...) {
        const collector::Ending ending = collector::ending_of_current_exception();
        if (state_->member != nullptr) {
            state_->member->end_with(ending);
        } else {
            collector::say(base::Level::error, program_name(), ending.sentence);
        }
        return static_cast<int>(ending.code);
    }
}

} // namespace tickertape
