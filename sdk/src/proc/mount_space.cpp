// SPDX-License-Identifier: MIT
#include <tickertape/proc/mount_space.hpp>

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "base/concat.hpp"
#include "base/threads.hpp"
#include "base/unique_fd.hpp"

namespace tickertape::proc {

namespace {

/// A child process that calls statvfs. A question is a datagram with a path; the answer is a datagram with the space or an error.
class StatvfsChild {
public:
    struct Answer {
        struct statvfs space{};
        int error = 0;
    };

    StatvfsChild() {
        std::array<int, 2> ends{};
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
            return;
        }
        socket_ = base::UniqueFd{ends[0]};
        const base::UniqueFd other{ends[1]};
        pid_ = fork();
        if (pid_ == 0) {
            serve(ends[1]);
        }
    }
    StatvfsChild(const StatvfsChild&) = delete;
    StatvfsChild& operator=(const StatvfsChild&) = delete;
    /// The child ends when the other end of its socket is closed; it has answered, so it ends at once.
    ~StatvfsChild() {
        socket_ = base::UniqueFd{};
        if (pid_ > 0) {
            waitpid(pid_, nullptr, 0);
        }
    }

    int operator()(const char* path, struct statvfs* space) {
        Answer answer;
        if (pid_ < 0 || send(socket_.get(), path, std::strlen(path), MSG_NOSIGNAL) < 0) {
            return -1;
        }
        // NOLINTNEXTLINE(clang-analyzer-*): `run` has unlocked
        const ssize_t got = recv(socket_.get(), &answer, sizeof answer, 0);
        if (got != sizeof answer) {
            errno = got < 0 ? errno : ECHILD;
            return -1;
        }
        *space = answer.space;
        errno = answer.error;
        return answer.error == 0 ? 0 : -1;
    }

private:
    [[noreturn]] static void serve(int socket) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        prctl(PR_SET_NAME, "statvfs");
        // The child must not hold stdout: its reader has to see the end when the parent ends.
        dup2(socket, STDIN_FILENO);
        close_range(STDOUT_FILENO, ~0U, 0);
        std::array<char, PATH_MAX> path{};
        while (true) {
            const ssize_t got = recv(STDIN_FILENO, path.data(), path.size() - 1, 0);
            if (got <= 0) {
                _exit(0);
            }
            path[static_cast<std::size_t>(got)] = '\0';
            Answer answer;
            if (::statvfs(path.data(), &answer.space) != 0) {
                answer.error = errno;
            }
            send(STDIN_FILENO, &answer, sizeof answer, MSG_NOSIGNAL);
        }
    }

    base::UniqueFd socket_;
    pid_t pid_ = -1;
};

} // namespace

/// The state that a thread shares with this object. It lives as long as one of them uses it.
struct MountSpace::Worker {
    struct Answer {
        struct statvfs space{};
        int error = 0;
    };

    explicit Worker(Call given) : call{std::move(given)} {}

    static void run(const std::shared_ptr<Worker>& self) {
        std::optional<StatvfsChild> child; // ends together with this thread
        if (!self->call) {
            child.emplace();
        }
        std::unique_lock lock{self->mutex};
        while (true) {
            self->changed.wait(lock, [&] { return self->end || self->asked; });
            if (!std::exchange(self->asked, false)) {
                return;
            }
            lock.unlock();
            Answer answer;
            const char* const mount = self->mount.c_str();
            if ((child ? (*child)(mount, &answer.space) : self->call(mount, &answer.space)) != 0) {
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
    std::string mount; // unchanged from `asked` until the answer
    bool asked = false;
    std::optional<Answer> answer;
    bool end = false; // after the present question
};

namespace {

template <class Worker>
void end(const std::shared_ptr<Worker>& worker) {
    const std::lock_guard lock{worker->mutex};
    worker->end = true;
    worker->changed.notify_all();
}

} // namespace

MountSpace::MountSpace() = default;

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
        auto next = std::make_shared<Worker>(call_);
        base::make_quiet_thread("statvfs", [next] { Worker::run(next); }).detach();
        idle_ = std::move(next); // kept only if its thread could be started
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
        throw std::system_error{answer->error, std::generic_category(), base::concat("cannot look at ", mount)};
    }
    return answer->space;
}

} // namespace tickertape::proc
