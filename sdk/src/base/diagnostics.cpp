// SPDX-License-Identifier: MIT
#include "base/diagnostics.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>

#include <tickertape/messages.hpp>

#include "base/concat.hpp"
#include "base/forks.hpp"

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

using MessageFunction = void (*)(std::string_view);

constinit std::atomic<MessageFunction> message_function{nullptr};

} // namespace

void report(std::string_view sentence) noexcept { report(sentence, sentence); }

void report(std::string_view sentence, std::string_view kind) noexcept {
    try {
        Limited& mine = limited.get();
        {
            const std::lock_guard lock{mine.mutex};
            if (!mine.limit.may_say(kind, std::chrono::steady_clock::now())) {
                return;
            }
        }
        report_always(sentence);
    } catch (...) { // NOLINT(bugprone-empty-catch): out of memory, so no message either
    }
}

void forget_reports() noexcept {
    Limited& mine = limited.get();
    const std::lock_guard lock{mine.mutex};
    mine.limit = {};
}

void report_always(std::string_view sentence) noexcept {
    constexpr std::string_view prefix = "tickertape: ";
    try {
        std::string line = base::concat(prefix, sentence);
        std::replace_if(line.begin(), line.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
        if (const MessageFunction function = message_function.load(std::memory_order_acquire)) {
            function(std::string_view{line}.substr(prefix.size()));
            return;
        }
        line += '\n';
        [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
    } catch (...) { // NOLINT(bugprone-empty-catch): out of memory, or the function threw: the message is lost
    }
}

} // namespace tickertape::base

namespace tickertape {

auto set_message_function(void (*function)(std::string_view)) noexcept -> void (*)(std::string_view) {
    return base::message_function.exchange(function, std::memory_order_acq_rel);
}

} // namespace tickertape
