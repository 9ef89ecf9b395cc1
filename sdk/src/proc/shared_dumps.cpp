// SPDX-License-Identifier: MIT
#include "proc/shared_dumps.hpp"

#include <sys/socket.h>

namespace tickertape::proc {

namespace {

constexpr std::size_t most_kept = std::size_t{256} * 1024;

} // namespace

struct SharedDumps::Families {
    struct Family {
        std::mutex mutex;
        Dump dump;
    };
    std::atomic<std::chrono::nanoseconds::rep> age{-1}; // negative: answers are not shared
    Family ipv4;
    Family ipv6;
};

SharedDumps::Families& SharedDumps::families() {
    static auto& immortal = *new Families; // never destroyed, because threads may read while the process ends
    return immortal;
}

SharedDumps::SharedDumps(std::chrono::milliseconds age) { families().age = std::chrono::nanoseconds{age}.count(); }

SharedDumps::~SharedDumps() {
    families().age = -1;
    for (Families::Family* const family : {&families().ipv4, &families().ipv6}) {
        const std::lock_guard lock{family->mutex};
        family->dump = {};
    }
}

SharedDumps::Turn SharedDumps::turn(int family) {
    const std::chrono::nanoseconds age{families().age.load()};
    if (age < std::chrono::nanoseconds{0}) {
        return {};
    }
    Families::Family& one = family == AF_INET6 ? families().ipv6 : families().ipv4;
    return {.lock = std::unique_lock{one.mutex}, .dump = &one.dump, .age = age};
}

void SharedDumps::Dump::begin(SteadyTime now) {
    bytes_.clear();
    ends_.clear();
    began_ = now;
    fits_ = true;
    is_complete_ = false;
}

void SharedDumps::Dump::add(std::span<const char> datagram) {
    fits_ = fits_ && bytes_.size() + datagram.size() <= most_kept;
    if (fits_) {
        bytes_.insert(bytes_.end(), datagram.begin(), datagram.end());
        ends_.push_back(bytes_.size());
    }
}

} // namespace tickertape::proc
