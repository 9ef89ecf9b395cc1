// SPDX-License-Identifier: MIT
#include "cli/agent/notify.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

#include "base/unique_fd.hpp"
#include "base/whole_number.hpp"

namespace tickertape::cli::agent {

namespace {

std::string_view variable(const char* name) {
    const char* const text = std::getenv(name); // NOLINT(concurrency-mt-unsafe): before threads
    return text == nullptr ? std::string_view{} : std::string_view{text};
}

} // namespace

Notifier::Notifier() : path_{variable("NOTIFY_SOCKET")} {
    const auto period = base::whole_number<std::int64_t>(variable("WATCHDOG_USEC"));
    const std::string_view process = variable("WATCHDOG_PID");
    if (period && *period > 0 && (process.empty() || base::whole_number<pid_t>(process) == getpid())) {
        constexpr int in_time = 3;
        watchdog_ = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::microseconds{*period}) / in_time;
    }
}

void Notifier::say(std::string_view state) const noexcept {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path_.empty() || path_.size() >= sizeof address.sun_path) {
        return;
    }
    path_.copy(&address.sun_path[0], path_.size());
    if (path_.starts_with('@')) {
        address.sun_path[0] = '\0'; // an abstract socket
    }
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path_.size());
    const base::UniqueFd socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (socket.valid()) {
        sendto(socket.get(), state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address),
               size); // NOLINT(*-reinterpret-cast): the interface requires it
    }
}

} // namespace tickertape::cli::agent
