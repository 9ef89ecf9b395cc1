// SPDX-License-Identifier: MIT
// The agent and its directory, which may hang as a whole: a file server that is away.
#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

#include "base/concat.hpp"
#include "base/quote.hpp"
#include "cli/agent/agent.hpp"
#include "cli/agent/now.hpp"
#include "cli/agent/scan.hpp"

namespace tickertape::cli::agent {

namespace {

using namespace std::chrono_literals;

constexpr auto longest_turn = 5ms; // of launching, so that pipes are read in between
constexpr std::chrono::seconds slow{10};

} // namespace

void Agent::look() {
    put_server_.open();
    watch_outlet();
    watch_directory();
    if (cgroups_) {
        cgroups_->sweep();
    }
    next_look_ = now() + settings_.roster.look_each;
    wants_scan_ = true;
    visit_directory();
    carry_out(roster_.due(now()));
    set_timer();
}

/// Scans the directory, or reads the files of programs that are due, on another thread. Starting a program waits for its file, so that
/// a program is launched only after its file has answered.
void Agent::visit_directory() {
    if (worker_.is_busy() || stopped_) {
        return;
    }
    if (std::exchange(wants_scan_, false)) {
        worker_.begin([this, directory = settings_.directory]() -> Worker::Then {
            return [this, found = scan(directory)] { take(found); };
        });
        return;
    }
    std::erase_if(to_launch_, [this](const std::string& name) { return !roster_.members().contains(name); });
    std::vector<std::string> names;
    std::vector<std::string> paths{settings_.root};
    for (const std::string& name : to_launch_) {
        if (!readable_.contains(name)) {
            names.push_back(name);
            paths.push_back(roster_.members().at(name).program.path);
        }
    }
    if (!names.empty()) {
        worker_.begin([this, names, paths]() -> Worker::Then {
            std::for_each(paths.begin(), paths.end(), wait_for_file);
            return [this, names] { launch_soon(names); };
        });
    }
}

void Agent::take(const Scan& found) {
    watch_directory();
    if (stopped_) {
        return;
    }
    for (const std::string& complaint : found.complaints) {
        log_.say(complaint);
    }
    carry_out(roster_.look(found, now()));
    forget_states();
    set_timer();
    visit_directory();
}

/// Launches programs whose files have answered.
void Agent::launch_soon(const std::vector<std::string>& names) {
    watch_directory();
    const bool is_launching = !readable_.empty();
    for (const std::string& name : names) {
        if (to_launch_.contains(name)) { // the agent has not been told to end
            readable_.insert(name);
        }
    }
    if (!is_launching) {
        launch_some();
    }
    visit_directory();
}

/// Launches for a short time, and goes on after other handlers: a thousand programs take seconds.
void Agent::launch_some() {
    const SteadyTime until = now() + longest_turn;
    do {
        if (readable_.empty()) {
            return;
        }
        const std::string name = readable_.extract(readable_.begin()).value();
        to_launch_.erase(name);
        const auto member = roster_.members().find(name);
        if (member != roster_.members().end() &&
            (member->second.state == Roster::State::waiting || member->second.state == Roster::State::dead)) {
            launch(name);
        }
    } while (now() < until);
    boost::asio::post(context_, [this] { launch_some(); });
}

/// Reports that the directory hangs, and that it answers again.
void Agent::watch_directory() {
    const auto busy = std::chrono::duration_cast<std::chrono::seconds>(worker_.busy_for());
    const bool is_slow = busy >= slow;
    if (is_slow && !is_directory_slow_) {
        // Message: the directory PATH has not answered for N s: no program is started until it does
        // Cause: A call to read the directory, or the file of a program, has not returned, as on a file server that is away.
        // Remedy: Restore the file server or the disk. Programs that run go on.
        log_.say(base::concat("the directory ", base::quote(settings_.directory.native()), " has not answered for ",
                              busy.count(), " s: no program is started until it does"));
    } else if (!is_slow && is_directory_slow_) {
        // Message: the directory PATH answers again
        // Cause: The trouble reported before is over.
        // Remedy: None needed.
        log_.say(base::Level::notice,
                 base::concat("the directory ", base::quote(settings_.directory.native()), " answers again"));
    }
    is_directory_slow_ = is_slow;
}

} // namespace tickertape::cli::agent
