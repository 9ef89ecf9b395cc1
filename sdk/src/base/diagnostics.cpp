// SPDX-License-Identifier: MIT
#include "base/diagnostics.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <string>
#include <utility>

#include <tickertape/messages.hpp>

#include "base/concat.hpp"
#include "base/forks.hpp"
#include "base/log.hpp"
#include "base/whole_number.hpp"

namespace tickertape::base {

bool SentenceLimit::may_say(std::string_view sentence, SteadyTime now) noexcept {
    const std::size_t hash = std::hash<std::string_view>{}(sentence);
    const auto recent = [now](const Said& said) { return said.any && now - said.when < quiet_time; };
    if (std::any_of(said_.begin(), said_.end(), [&](const Said& said) { return recent(said) && said.hash == hash; })) {
        return false;
    }
    const auto place = std::find_if_not(said_.begin(), said_.end(), recent);
    if (place == said_.end()) {
        return false;
    }
    *place = {.hash = hash, .when = now, .any = true};
    return true;
}

namespace {

struct Limited {
    std::mutex mutex;
    SentenceLimit limit;
};
constinit PerProcess<Limited> limited;

using MessageFunction = void (*)(int, std::string_view);

constinit std::atomic<MessageFunction> message_function{nullptr};
constinit std::atomic<Level> least_level{Level::notice};

constexpr std::array<std::pair<std::string_view, Level>, 4> levels{
    {{"error", Level::error}, {"warning", Level::warning}, {"notice", Level::notice}, {"info", Level::info}}};

// Read before main, because the application may change its environment later. Null until then.
const char* const journal_stream = std::getenv("JOURNAL_STREAM"); // NOLINT(concurrency-mt-unsafe): there is one thread

void log(Level level, std::string_view sentence, std::string_view kind) noexcept {
    if (!is_written(level)) {
        return;
    }
    try {
        Limited& mine = limited.get();
        {
            const std::lock_guard lock{mine.mutex};
            if (!mine.limit.may_say(kind, std::chrono::steady_clock::now())) {
                return;
            }
        }
        log_always(level, sentence);
    } catch (...) { // NOLINT(bugprone-empty-catch): out of memory, so no message either
    }
}

} // namespace

void report(std::string_view sentence) noexcept { log(Level::warning, sentence, sentence); }

void report(std::string_view sentence, std::string_view kind) noexcept { log(Level::warning, sentence, kind); }

void report_always(std::string_view sentence) noexcept { log_always(Level::warning, sentence); }

void log(Level level, std::string_view sentence) noexcept { log(level, sentence, sentence); }

void set_level(Level least) noexcept { least_level.store(least, std::memory_order_relaxed); }

bool is_written(Level level) noexcept { return level <= least_level.load(std::memory_order_relaxed); }

std::optional<Level> level_of(std::string_view name) noexcept {
    const auto* const found =
        std::find_if(levels.begin(), levels.end(), [name](const auto& level) { return level.first == name; });
    return found == levels.end() ? std::nullopt : std::optional{found->second};
}

bool is_journal(std::string_view stream, std::uint64_t device, std::uint64_t inode) noexcept {
    return take_whole_number<std::uint64_t>(stream) == device && stream.starts_with(':') &&
           whole_number<std::uint64_t>(stream.substr(1)) == inode;
}

std::string_view journal_prefix(Level level) noexcept {
    struct stat status{};
    if (journal_stream == nullptr || fstat(STDERR_FILENO, &status) != 0 ||
        !is_journal(journal_stream, status.st_dev, status.st_ino)) {
        return {};
    }
    constexpr std::array<std::string_view, 8> prefixes{"<0>", "<1>", "<2>", "<3>", "<4>", "<5>", "<6>", "<7>"};
    return prefixes.at(static_cast<std::size_t>(level));
}

void forget_reports() noexcept {
    Limited& mine = limited.get();
    const std::lock_guard lock{mine.mutex};
    mine.limit = {};
}

void log_always(Level level, std::string_view sentence) noexcept {
    constexpr std::string_view prefix = "tickertape: ";
    if (!is_written(level)) {
        return;
    }
    try {
        const std::string_view priority = journal_prefix(level);
        std::string line = base::concat(priority, prefix, sentence);
        std::replace_if(line.begin(), line.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
        if (const MessageFunction function = message_function.load(std::memory_order_acquire)) {
            function(static_cast<int>(level), std::string_view{line}.substr(priority.size() + prefix.size()));
            return;
        }
        line += '\n';
        [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
    } catch (...) { // NOLINT(bugprone-empty-catch): out of memory, or the function threw: the message is lost
    }
}

} // namespace tickertape::base

namespace tickertape {

auto set_message_function(void (*function)(int, std::string_view)) noexcept -> void (*)(int, std::string_view) {
    return base::message_function.exchange(function, std::memory_order_acq_rel);
}

void set_message_level(int least) noexcept {
    base::set_level(static_cast<base::Level>(
        std::clamp(least, static_cast<int>(base::Level::error), static_cast<int>(base::Level::info))));
}

} // namespace tickertape
