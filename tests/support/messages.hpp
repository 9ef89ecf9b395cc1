// SPDX-License-Identifier: MIT
/// \file
/// Collects the messages of the library, as an application does.
#pragma once

#include <algorithm>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <base/diagnostics.hpp>
#include <tickertape/messages.hpp>

namespace test {

/// Keeps all messages while it lives; earlier messages do not limit them. One at a time.
class Messages {
public:
    Messages() : before_{tickertape::set_message_function(&keep)} {
        const std::lock_guard lock{mutex()};
        kept().clear();
        tickertape::base::forget_reports();
    }
    ~Messages() { tickertape::set_message_function(before_); }
    Messages(const Messages&) = delete;
    Messages& operator=(const Messages&) = delete;

    [[nodiscard]] std::vector<std::string> all() const {
        const std::lock_guard lock{mutex()};
        return kept();
    }
    [[nodiscard]] bool have(std::string_view sentence) const {
        const std::vector<std::string> said = all();
        return std::find(said.begin(), said.end(), sentence) != said.end();
    }

private:
    static std::mutex& mutex() {
        static std::mutex one;
        return one;
    }
    static std::vector<std::string>& kept() {
        static std::vector<std::string> all;
        return all;
    }
    static void keep(int /*priority*/, std::string_view sentence) {
        const std::lock_guard lock{mutex()};
        kept().emplace_back(sentence);
    }

    void (*before_)(int, std::string_view);
};

} // namespace test
