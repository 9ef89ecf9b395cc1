// SPDX-License-Identifier: MIT
#include <tickertape/proc/tcp_sockets.hpp>

#include <linux/magic.h>
#include <sys/socket.h>
#include <sys/statfs.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/concat.hpp"
#include "base/diagnostics.hpp"

namespace tickertape::proc {

namespace {

/// Returns whether a further request to this kernel makes no sense.
bool is_final(int error) noexcept {
    constexpr std::array lasting{ENOENT,     EPERM,           EACCES, EAFNOSUPPORT, EPROTONOSUPPORT,
                                 EOPNOTSUPP, ESOCKTNOSUPPORT, EINVAL, ENOSYS};
    return std::find(lasting.begin(), lasting.end(), error) != lasting.end();
}

std::string_view describe(DumpState state) noexcept {
    switch (state) {
    case DumpState::interrupted: return "the sockets changed too fast";
    case DumpState::malformed: return "the answer cannot be read";
    default: return "no answer";
    }
}

} // namespace

TcpSocketReader::TcpSocketReader(const Root& root, std::function<Dump> dump) : root_{root} {
    // Another root may belong to another network namespace, or be a recording.
    struct statfs status{};
    if (root.path() == "/proc" && statfs("/proc", &status) == 0 && status.f_type == PROC_SUPER_MAGIC) {
        dump_ = std::move(dump);
    }
}

void TcpSocketReader::note(const DumpResult& failure) {
    if (!std::exchange(has_reported_, true)) {
        // Message: sock_diag: the kernel does not list its TCP sockets (REASON): /proc/net/tcp is read instead
        // Cause: The kernel lacks the module tcp_diag, or a container forbids netlink sockets.
        // Remedy: None needed; reading takes more CPU time with many sockets. modprobe tcp_diag loads the module.
        base::report(base::concat("sock_diag: the kernel does not list its TCP sockets (",
                                  failure.state == DumpState::refused ? std::generic_category().message(failure.error)
                                                                      : std::string{describe(failure.state)},
                                  "): /proc/net/tcp is read instead"));
    }
    if (failure.state == DumpState::refused && is_final(failure.error)) {
        dump_ = nullptr;
    }
}

std::optional<std::size_t> TcpSocketReader::read_from(Source source, std::initializer_list<const char*> names,
                                                      std::string& buffer,
                                                      const std::function<void(const TcpSocket&)>& f) {
    std::size_t there = 0;
    for (const char* const name : names) {
        if (source == Source::file) {
            there += read_net_tcp(root_, name, buffer, f) ? 1 : 0;
        } else if (root_.has(name)) { // without the file the kernel would list no sockets, and zeros would be reported
            const int family = std::string_view{name}.ends_with('6') ? AF_INET6 : AF_INET;
            const DumpResult result = dump_(family, parser_, buffer, f);
            if (result.state != DumpState::done) {
                note(result);
                return std::nullopt;
            }
            ++there;
        }
    }
    return there;
}

std::size_t TcpSocketReader::read(std::initializer_list<const char*> names, std::string& buffer,
                                  const std::function<void()>& begin, const std::function<void(const TcpSocket&)>& f) {
    begin();
    if (dump_) {
        if (const auto there = read_from(Source::kernel, names, buffer, f)) {
            return *there;
        }
        begin();
    }
    return read_from(Source::file, names, buffer, f).value_or(0);
}

std::optional<std::array<std::int64_t, tcp_states.size()>> TcpSocketReader::count(const char* name,
                                                                                  std::string& buffer) {
    std::array<std::int64_t, tcp_states.size()> count{};
    const std::size_t there = read(
        {name}, buffer, [&] { count = {}; },
        [&](const TcpSocket& socket) {
            if (socket.state >= 1 && socket.state <= count.size()) {
                ++count[socket.state - 1];
            }
        });
    return there > 0 ? std::optional{count} : std::nullopt;
}

} // namespace tickertape::proc
