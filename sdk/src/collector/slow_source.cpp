// SPDX-License-Identifier: MIT
#include <tickertape/slow_source.hpp>

#include <array>
#include <condition_variable>
#include <cstdio>
#include <exception>
#include <mutex>
#include <utility>

#include "base/diagnostics.hpp"
#include "base/threads.hpp"

namespace tickertape::collector {

using std::chrono::steady_clock;

struct SlowReader::Shared {
    explicit Shared(std::function<void()> given) : read{std::move(given)} {}

    static void run(const std::shared_ptr<Shared>& self) {
        std::unique_lock lock{self->mutex};
        while (true) {
            self->changed.wait(lock, [&] { return self->end || self->asked; });
            if (self->end) {
                return;
            }
            lock.unlock();
            std::string failure;
            const auto begin = steady_clock::now();
            try {
                self->read();
            } catch (const std::exception& error) {
                failure = error.what();
            }
            lock.lock();
            self->took = steady_clock::now() - begin;
            self->failure = failure;
            self->asked = false;
            self->done = true;
            self->changed.notify_all();
        }
    }

    std::function<void()> read;
    std::mutex mutex;
    std::condition_variable changed;
    bool asked = false;
    bool done = false; // and not handed out
    bool end = false;
    std::string failure;
    std::chrono::nanoseconds took{0};
};

SlowReader::SlowReader(std::string name, std::function<void()> read)
    : shared_{std::make_shared<Shared>(std::move(read))}, name_{std::move(name)} {}

SlowReader::~SlowReader() {
    const std::lock_guard lock{shared_->mutex};
    shared_->end = true;
    shared_->changed.notify_all();
}

bool SlowReader::has_read(std::chrono::milliseconds patience, SteadyTime now) {
    if (!has_thread_) { // not before root is given up
        has_thread_ = true;
        base::make_quiet_thread("slow source", [shared = shared_] { Shared::run(shared); }).detach();
    }
    std::unique_lock lock{shared_->mutex};
    if (!shared_->asked && !shared_->done && now >= not_before_) {
        shared_->asked = true;
        shared_->changed.notify_all();
        shared_->changed.wait_for(lock, patience, [this] { return shared_->done; });
    }
    if (!shared_->done) {
        return false;
    }
    shared_->done = false;
    if (shared_->took > patience) {
        constexpr int rests = 9; // so long as a reading took
        not_before_ = now + rests * shared_->took;
        if (!std::exchange(is_reported_, true)) {
            std::array<char, 32> seconds{};
            std::snprintf(seconds.data(), seconds.size(), "%.1f", std::chrono::duration<double>(shared_->took).count());
            std::string sentence{"reading "};
            base::report(
                sentence.append(name_).append(" takes ").append(seconds.data()).append(" s; it is read less often"));
        }
    }
    if (!shared_->failure.empty()) {
        base::report(shared_->failure);
        return false;
    }
    return true;
}

} // namespace tickertape::collector
