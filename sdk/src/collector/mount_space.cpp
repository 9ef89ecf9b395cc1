// SPDX-License-Identifier: MIT
#include "collector/mount_space.hpp"

#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "base/threads.hpp"

namespace tickertape::collector {

/// A thread and what it shares with us; it lives for as long as either needs it.
struct MountSpace::Worker {
    struct Answer {
        struct statvfs space{};
        int error = 0;
    };

    explicit Worker(Call given) : call{std::move(given)} {}

    static void run(const std::shared_ptr<Worker>& self) {
        std::unique_lock lock{self->mutex};
        while (true) {
            self->changed.wait(lock, [&] { return self->end || self->asked; });
            if (!std::exchange(self->asked, false)) {
                return;
            }
            lock.unlock();
            Answer answer;
            if (self->call(self->mount.c_str(), &answer.space) != 0) {
                answer.error = errno;
            }
            lock.lock();
            self->answer = answer;
            self->changed.notify_all();
        }
    }

    const Call call;
    std::mutex mutex;
    std::condition_variable changed;
    std::string mount; // not touched from `asked` to the answer
    bool asked = false;
    std::optional<Answer> answer;
    bool end = false; // after the question at hand
};

namespace {

template <class Worker>
void end(const std::shared_ptr<Worker>& worker) {
    const std::lock_guard lock{worker->mutex};
    worker->end = true;
    worker->changed.notify_all();
}

} // namespace

MountSpace::MountSpace(Call call) : call_{std::move(call)} {}

MountSpace::~MountSpace() {
    if (idle_) {
        end(idle_);
    }
}

std::optional<struct statvfs> MountSpace::of(const std::string& mount, std::chrono::milliseconds deadline) {
    std::erase_if(waiting_, [](const auto& entry) {
        const std::lock_guard lock{entry.second->mutex};
        return entry.second->answer.has_value();
    });
    if (waiting_.contains(mount) || waiting_.size() >= most_waiting) {
        return std::nullopt;
    }
    if (!idle_) {
        idle_ = std::make_shared<Worker>(call_);
        base::make_quiet_thread("statvfs", [worker = idle_] { Worker::run(worker); }).detach();
    }
    std::optional<Worker::Answer> answer;
    {
        std::unique_lock lock{idle_->mutex};
        idle_->mount.assign(mount);
        idle_->asked = true;
        idle_->changed.notify_all();
        idle_->changed.wait_for(lock, deadline, [this] { return idle_->answer.has_value(); });
        answer = std::exchange(idle_->answer, std::nullopt);
    }
    if (!answer) {
        end(idle_);
        waiting_.emplace(mount, std::exchange(idle_, nullptr));
        return std::nullopt;
    }
    if (answer->error != 0) {
        std::string sentence{"cannot look at "};
        throw std::system_error{answer->error, std::generic_category(), sentence.append(mount)};
    }
    return answer->space;
}

} // namespace tickertape::collector
