// SPDX-License-Identifier: MIT
#include "collector/member.hpp"

#include <utility>
#include <variant>

#include <tickertape/clock.hpp>

#include "base/concat.hpp"
#include "collector/start.hpp"

namespace tickertape::collector {

namespace {

thread_local Member* running = nullptr;

} // namespace

Member::Member(const Body& body, const Shared& shared)
    : body_{body}, shared_{shared},
      on_stop_of_process_{shared.stop.token(), [this] { stop_.request(shared_.stop.reason()); }},
      on_stop_{stop_.token(), [this] { shared_.wake(); }}, fiber_{[this] { live(); }} {}

Member* Member::current() noexcept { return running; }

void Member::live() {
    try {
        std::vector<std::string> words{body_.name};
        words.insert(words.end(), shared_.arguments.begin(), shared_.arguments.end());
        std::vector<char*> argv;
        for (std::string& word : words) {
            argv.push_back(word.data());
        }
        argv.push_back(nullptr);
        const int code = body_.main(static_cast<int>(words.size()), argv.data());
        ending_.code = static_cast<Collector::ExitCode>(code);
    } catch (...) {
        ending_ = ending_of_current_exception();
    }
    pause_ = Pause::ended;
}

void Member::resume() {
    Member* const outer = std::exchange(running, this);
    fiber_.resume();
    running = outer;
    fiber_.trim();
}

void Member::pause_for(Pause pause) {
    pause_ = pause;
    fiber_.pause();
}

Settings Member::read_settings(int argc, const char* const* argv, const Collector::Defaults& defaults) const {
    std::variant<Settings, Exit> read = collector::read_settings(argc, argv, defaults, shared_.settings.form);
    if (const Exit* const end = std::get_if<Exit>(&read)) {
        const std::size_t name = defaults.name.size() + 2; // the message is `NAME: SENTENCE\n`
        throw UsageError{end->err.size() > name ? end->err.substr(name, end->err.size() - name - 1)
                                                : "its settings only ask for help or a list"};
    }
    Settings settings = std::get<Settings>(std::move(read));
    settings.host_tag = shared_.settings.host_tag;
    settings.hostname = shared_.settings.hostname;
    settings.targets = shared_.settings.targets;
    settings.run_for = std::nullopt; // the crew ends all members at the same time
    return settings;
}

void Member::wait_to_begin(std::optional<gid_t> kept_group) {
    kept_group_ = kept_group;
    pause_for(Pause::before_begin);
}

void Member::run_every(std::chrono::milliseconds period, const std::function<void()>& f) {
    times_.emplace(period, Clock::system());
    f_ = &f;
    pause_for(Pause::between_runs);
    if (failure_) {
        std::rethrow_exception(std::exchange(failure_, nullptr));
    }
}

void Member::run() {
    try {
        times_->run(*f_);
        has_run_ = true;
    } catch (...) {
        failure_ = std::current_exception();
    }
}

void Member::move_to_thread() { pause_for(Pause::needs_thread); }

} // namespace tickertape::collector
