// SPDX-License-Identifier: MIT
#include "detail/diagnostics.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <mutex>
#include <string>

namespace tickertape::detail {

namespace {

constexpr std::chrono::minutes quiet_time{1};

struct Said {
    std::size_t hash = 0;
    std::chrono::steady_clock::time_point when;
};

/// The last sentences; whoever would replace one that is less than a minute old keeps silent.
bool may_say(std::string_view sentence) {
    static std::mutex mutex;
    static std::array<Said, 10> said{};
    const std::lock_guard lock{mutex};
    const std::size_t hash = std::hash<std::string_view>{}(sentence);
    const auto now = std::chrono::steady_clock::now();
    const auto recent = [now](const Said& s) { return s.hash != 0 && now - s.when < quiet_time; };
    if (std::any_of(said.begin(), said.end(), [&](const Said& s) { return recent(s) && s.hash == hash; })) {
        return false;
    }
    const auto place = std::find_if_not(said.begin(), said.end(), recent);
    if (place == said.end()) {
        return false;
    }
    *place = {hash, now};
    return true;
}

} // namespace

void report(std::string_view sentence) noexcept {
    try {
        if (!may_say(sentence)) {
            return;
        }
        report_always(sentence);
    } catch (...) { // NOLINT(bugprone-empty-catch): out of memory; there is nobody to tell
    }
}

void report_always(std::string_view sentence) noexcept {
    try {
        std::string line{"tickertape: "};
        line.append(sentence);
        std::replace_if(line.begin(), line.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
        line += '\n';
        [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
    } catch (...) { // NOLINT(bugprone-empty-catch): out of memory; there is nobody to tell
    }
}

} // namespace tickertape::detail
