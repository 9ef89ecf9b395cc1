// SPDX-License-Identifier: MIT
/// \file
/// SharedDumps: one answer of the kernel for several readers.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <span>
#include <vector>

#include <tickertape/time.hpp>

namespace tickertape::proc {

/// While one lives, the readers of TCP sockets in this process share the kernel's answers: a reader that asks within `age` of a
/// complete answer gets that answer. This is for collectors in one process, which read at the same time: for each answer the
/// kernel walks a table of 262,144 buckets. Answers of more than 256 KiB are not kept.
///
/// Thread safety: one in a process; readers may ask from any thread.
class SharedDumps {
public:
    explicit SharedDumps(std::chrono::milliseconds age = std::chrono::milliseconds{100});
    SharedDumps(const SharedDumps&) = delete;
    SharedDumps& operator=(const SharedDumps&) = delete;
    ~SharedDumps();

    /// An answer of the kernel: several datagrams.
    class Dump {
    public:
        [[nodiscard]] bool is_fresh(SteadyTime now, std::chrono::nanoseconds age) const noexcept {
            return is_complete_ && now - began_ <= age;
        }
        void begin(SteadyTime now);
        void add(std::span<const char> datagram);
        void complete() noexcept { is_complete_ = fits_; }
        /// Calls `take` with each datagram until it returns false.
        template <class Take>
        void replay(Take take) const {
            std::size_t begin = 0;
            for (const std::size_t end : ends_) {
                if (!take(std::span{bytes_}.subspan(begin, end - begin))) {
                    return;
                }
                begin = end;
            }
        }

    private:
        std::vector<char> bytes_;
        std::vector<std::size_t> ends_;
        SteadyTime began_{};
        bool fits_ = true;
        bool is_complete_ = false;
    };

    /// The dump of one family. Only the holder of a Turn uses it.
    struct Turn {
        std::unique_lock<std::mutex> lock;
        Dump* dump = nullptr; ///< null if answers are not shared
        std::chrono::nanoseconds age{0};
    };
    [[nodiscard]] static Turn turn(int family);

private:
    struct Families;
    static Families& families();
};

} // namespace tickertape::proc
