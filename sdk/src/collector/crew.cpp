// SPDX-License-Identifier: MIT
#include "collector/crew.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <exception>
#include <thread>
#include <utility>

#include "base/concat.hpp"
#include "base/threads.hpp"
#include "clock/alarm.hpp"
#include "collector/collector_state.hpp"
#include "collector/footprint.hpp"
#include "collector/privileges.hpp"
#include "counter/round.hpp"

namespace tickertape::collector {

namespace {

constexpr std::chrono::seconds first_wait{1};
constexpr std::chrono::seconds longest_wait{300};
constexpr std::chrono::hours wait_of_idle{1};      // for a member that cannot work on this host, or has a wrong setting
constexpr std::chrono::minutes long_life{1};       // a member that lived longer begins with the first wait again
constexpr std::size_t longest_name_of_thread = 15; // the kernel's limit

/// Orders exit codes: a failure is worse than a wrong setting, which is worse than a collector that cannot work on this host.
int badness(Collector::ExitCode code) {
    switch (code) {
    case Collector::ExitCode::again: return 0;
    case Collector::ExitCode::cannot_work: return 1;
    case Collector::ExitCode::usage: return 2;
    case Collector::ExitCode::failure: break;
    }
    return 3;
}

/// Returns whether a member with this exit code has nothing to do until its host or its settings change.
bool cannot_begin(Collector::ExitCode code) {
    return code == Collector::ExitCode::cannot_work || code == Collector::ExitCode::usage;
}

std::string in_words(std::chrono::seconds time) {
    return time == wait_of_idle ? "an hour" : std::to_string(time.count()) + " s";
}

} // namespace

/// The place of a member, and the record of its lives.
struct Crew::Slot {
    Body body;
    std::unique_ptr<Member> member; // null between two lives
    std::thread thread{};           // the thread on which the member continues, if it has one
    std::atomic<bool> thread_is_done{false};
    SteadyTime began{};
    SteadyTime again_at{};                 // the time of its next life, or of the next try to start a thread for it
    std::chrono::seconds wait{first_wait}; // before the next life
    Ending last{};
    std::string said{};
};

Crew::Crew(Collector& self, const std::vector<Body>& bodies, std::vector<std::string> arguments)
    : shared_{.settings = self.state_->settings,
              .stop = self.state_->stop,
              .output = self.state_->output,
              .arguments = std::move(arguments),
              .wake = [this] { wake(); }} {
    for (const Body& body : bodies) {
        slots_.push_back(std::make_unique<Slot>());
        slots_.back()->body = body;
    }
}

Crew::~Crew() = default;

int Crew::run() {
    if (shared_.settings.once || shared_.settings.now) {
        return static_cast<int>(run_once());
    }
    for (const auto& slot : slots_) {
        set_up(*slot);
    }
    give_up_root();
    drop_startup_pages();
    for (const auto& slot : slots_) {
        begin(*slot);
    }
    run_until_stop();
    return static_cast<int>(code_if_idle());
}

Collector::ExitCode Crew::run_once() {
    Collector::ExitCode worst = Collector::ExitCode::again;
    for (const auto& slot : slots_) {
        set_up(*slot);
        give_up_root();
        if (slot->member) {
            go_to_end(*slot->member);
            record_end(*slot, slot->member->ending(), std::chrono::steady_clock::now());
        }
        worst = std::max(worst, slot->last.code, [](auto a, auto b) { return badness(a) < badness(b); });
    }
    return worst;
}

void Crew::set_up(Slot& slot) {
    slot.began = std::chrono::steady_clock::now();
    try {
        slot.member = std::make_unique<Member>(slot.body, shared_);
    } catch (...) { // there is no memory for its stack
        record_end(slot, ending_of_current_exception(), slot.began);
        return;
    }
    slot.member->resume();
}

void Crew::begin(Slot& slot) {
    if (slot.member && slot.member->pause() == Member::Pause::before_begin) {
        slot.member->resume();
    }
}

void Crew::give_up_root() {
    std::optional<gid_t> group;
    for (const auto& slot : slots_) {
        if (!group && slot->member) {
            group = slot->member->kept_group();
        }
    }
    become(shared_.settings.user, group);
}

void Crew::run_until_stop() {
    const std::stop_callback on_stop{shared_.stop.token(), [this] { wake(); }};
    while (true) {
        const std::stop_token woken = wake_token(); // before the checks, so that any later change ends the wait
        const SteadyTime now = std::chrono::steady_clock::now();
        for (const auto& slot : slots_) {
            attend(*slot, now);
        }
        if (code_if_idle() != Collector::ExitCode::again) {
            break;
        }
        if (shared_.stop.requested()) {
            break;
        }
        Clock::system().wait_until(next_due(), woken);
        if (!shared_.stop.requested()) {
            run_due();
        }
    }
    for (const auto& slot : slots_) {
        if (slot->thread.joinable()) {
            slot->thread.join();
        }
        if (slot->member) {
            go_to_end(*slot->member); // because a stop was requested
        }
    }
}

void Crew::attend(Slot& slot, SteadyTime now) {
    if (slot.thread_is_done) {
        slot.thread.join();
        slot.thread_is_done = false;
    }
    if (slot.thread.joinable()) {
        return;
    }
    if (!slot.member) {
        if (now >= slot.again_at && !shared_.stop.requested()) {
            set_up(slot);
            begin(slot);
        }
        return;
    }
    switch (slot.member->pause()) {
    case Member::Pause::before_begin: begin(slot); break; // a second time: its main waits to begin again
    case Member::Pause::between_runs:
        if (slot.member->is_over() && !shared_.stop.requested()) {
            start_thread(slot, now); // ending takes time: it writes its held points
        }
        break;
    case Member::Pause::needs_thread: start_thread(slot, now); break;
    case Member::Pause::ended: record_end(slot, slot.member->ending(), now); break;
    }
}

void Crew::go_to_end(Member& member) {
    while (member.pause() != Member::Pause::ended) {
        member.resume();
    }
}

void Crew::start_thread(Slot& slot, SteadyTime now) {
    if (now < slot.again_at) {
        return;
    }
    const std::string name = base::concat("tt-", slot.body.name).substr(0, longest_name_of_thread);
    try {
        slot.thread = base::make_quiet_thread(name.c_str(), [this, &slot] {
            slot.member->resume();
            slot.thread_is_done = true;
            wake();
        });
    } catch (const std::exception& error) {
        slot.again_at = now + first_wait;
        const std::string sentence = base::concat("there is no thread for it: ", error.what());
        if (std::exchange(slot.said, sentence) != sentence) {
            // Message: NAME: there is no thread for it: REASON; it is tried again in 1 s
            // Cause: The collector needs a thread of its own, and the kernel starts none: too little memory, or too many
            //   tasks. The other collectors go on.
            // Remedy: Raise the limit: LimitNPROC, TasksMax, or memory.
            say(base::Level::warning, slot.body.name,
                base::concat(sentence, "; it is tried again in ", in_words(first_wait)));
        }
    }
}

void Crew::record_end(Slot& slot, Ending ending, SteadyTime now) const {
    slot.last = std::move(ending);
    slot.member.reset();
    const bool is_idle = cannot_begin(slot.last.code);
    if (now - slot.began >= long_life) {
        slot.wait = first_wait;
        slot.said.clear();
    }
    const std::chrono::seconds wait = is_idle ? std::chrono::seconds{wait_of_idle} : slot.wait;
    slot.wait = std::min(2 * slot.wait, longest_wait);
    slot.again_at = now + wait;
    if (!slot.last.sentence.empty() && slot.said != slot.last.sentence) {
        slot.said = slot.last.sentence;
        say(base::Level::warning, slot.body.name,
            shared_.settings.once ? slot.said : base::concat(slot.said, "; it is started again in ", in_words(wait)));
    }
}

SteadyTime Crew::next_due() const {
    SteadyTime next = clock::never;
    for (const auto& slot : slots_) {
        if (slot->member && slot->thread.joinable()) {
            continue;
        }
        const bool runs_on =
            slot->member && slot->member->pause() == Member::Pause::between_runs && !slot->member->is_over();
        // A member that does not run on needs attention, at once if no try has failed.
        next = std::min(next, runs_on ? slot->member->next_run() : slot->again_at);
    }
    return next;
}

void Crew::run_due() {
    const SteadyTime now = std::chrono::steady_clock::now();
    bool all_have_run = true;
    const counter::Round round;
    for (const auto& slot : slots_) {
        if (!slot->member || slot->thread.joinable() || slot->member->pause() != Member::Pause::between_runs) {
            continue;
        }
        if (!slot->member->is_over() && slot->member->next_run() <= now) {
            slot->member->run();
        }
        all_have_run = all_have_run && slot->member->has_run();
    }
    if (all_have_run && !std::exchange(has_dropped_pages_, true)) {
        drop_startup_pages(); // the first readings belong to the start: they allocate
    }
}

Collector::ExitCode Crew::code_if_idle() const {
    Collector::ExitCode code = Collector::ExitCode::usage;
    for (const auto& slot : slots_) {
        const bool is_idle = !slot->member && cannot_begin(slot->last.code);
        if (!is_idle) {
            return Collector::ExitCode::again;
        }
        code = std::max(code, slot->last.code); // cannot_work if any of them cannot work
    }
    return code;
}

void Crew::wake() {
    std::stop_source source;
    {
        const std::lock_guard lock{mutex_};
        source = wake_;
    }
    source.request_stop();
}

std::stop_token Crew::wake_token() {
    const std::lock_guard lock{mutex_};
    if (wake_.stop_requested()) {
        wake_ = std::stop_source{};
    }
    return wake_.get_token();
}

} // namespace tickertape::collector
