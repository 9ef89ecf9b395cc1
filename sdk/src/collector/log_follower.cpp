// SPDX-License-Identifier: MIT
#include <tickertape/log_follower.hpp>

#include <chrono>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <tickertape/collector.hpp>
#include <tickertape/warn.hpp>

#include "collector/log_source.hpp"
#include "collector/read_watch.hpp"

namespace tickertape {

namespace {

using std::chrono::steady_clock;
using namespace std::chrono_literals;

bool is_forbidden(const std::system_error& error) { return error.code() == std::errc::permission_denied; }

std::unique_ptr<collector::LogSource> source_of(const std::string& path) {
    std::error_code error;
    const bool is_stream = path == "-" || std::filesystem::is_fifo(path, error);
    return is_stream ? collector::stream_source(path) : collector::file_source(path);
}

} // namespace

LogFollower::LogFollower(std::string path) : path_{std::move(path)} {}
LogFollower::LogFollower(std::unique_ptr<collector::LogSource> source) : source_{std::move(source)} {}
LogFollower::LogFollower(LogFollower&&) noexcept = default;
LogFollower& LogFollower::operator=(LogFollower&&) noexcept = default;
LogFollower::~LogFollower() = default;

LogFollower LogFollower::journal(const std::string& unit, const std::string& directory) {
    return LogFollower{collector::journal_source(directory, unit)};
}

std::filesystem::path LogFollower::journal_file(const std::filesystem::path& directory) {
    const std::vector<std::filesystem::path> folders =
        directory.empty() ? std::vector<std::filesystem::path>{"/var/log/journal", "/run/log/journal"}
                          : std::vector<std::filesystem::path>{directory};
    for (const std::filesystem::path& folder : folders) {
        std::error_code error; // files that cannot be checked are skipped
        for (std::filesystem::recursive_directory_iterator entry{folder, error}, end; !error && entry != end;
             entry.increment(error)) {
            if (entry->path().extension() == ".journal") {
                return entry->path();
            }
        }
    }
    return {};
}

bool LogFollower::open() {
    // During a rotation, only the writer may have access to the log for a moment.
    for (const auto deadline = steady_clock::now() + 1s;; std::this_thread::sleep_for(50ms)) {
        if (source_ == nullptr) {
            source_ = source_of(path_);
        }
        try {
            source_->open();
            is_open_ = true;
            return source_->problem().empty();
        } catch (const std::system_error& error) {
            if (!is_forbidden(error)) {
                throw;
            }
            if (steady_clock::now() >= deadline) {
                throw CannotWork{error.what()};
            }
        }
        source_ = nullptr;
    }
}

void LogFollower::run(Stop& stop, const Take& take, const Observe& observe) {
    if (!is_open_) {
        open();
    }
    Problem problem{1s};
    collector::ReadWatch watch{observe, 500ms};
    const auto take_and_note = [&](std::string_view line) {
        watch.progress();
        take(line);
    };
    do {
        watch.begin();
        const bool goes_on = source_->read(take_and_note);
        const std::string& what = source_->problem();
        watch.end(what.empty());
        // Message: LOG: REASON: nothing is reported until it can be read
        // Cause: The log does not exist (yet), or has become unreadable. (If permission is denied at the start, the collector ends
        //   with exit code 13.)
        // Remedy: Correct --file, or the permissions: the collector keeps the group of the log, if that may read it.
        problem.set(what.empty() ? std::string{} : what + ": nothing is reported until it can be read",
                    steady_clock::now());
        if (!goes_on) {
            return;
        }
    } while (source_->wait(stop.token()));
    source_->read(take); // the lines that were written before the stop
}

} // namespace tickertape
