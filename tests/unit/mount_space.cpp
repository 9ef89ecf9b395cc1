// SPDX-License-Identifier: MIT
// The space of file systems, of which some never answer.
#include <tickertape/proc/mount_space.hpp>

#include <cerrno>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>

#include "support/catch.hpp"

using namespace std::chrono_literals;
using tickertape::proc::MountSpace;

namespace {

constexpr auto long_wait = 100s; // for mounts that answer
constexpr auto short_wait = 1ms; // for mounts that never answer

/// A server: questions about `/hung…` wait until it is back. Waiting threads keep it alive.
struct Server {
    std::mutex mutex;
    std::condition_variable changed;
    bool back = false;
    int asked = 0;
    int answered = 0;

    int call(const std::string& path, struct statvfs* space) {
        std::unique_lock lock{mutex};
        ++asked;
        changed.notify_all();
        if (path.starts_with("/hung")) {
            changed.wait(lock, [this] { return back; });
        }
        space->f_blocks = path.size();
        ++answered;
        changed.notify_all();
        errno = ENOENT;
        return path == "/gone" ? -1 : 0;
    }
    void come_back() {
        const std::lock_guard lock{mutex};
        back = true;
        changed.notify_all();
    }
    int times_asked() {
        const std::lock_guard lock{mutex};
        return asked;
    }
    void wait_for_answers(int count) {
        std::unique_lock lock{mutex};
        changed.wait(lock, [&] { return answered >= count; });
    }
};

MountSpace::Call call_of(const std::shared_ptr<Server>& server) {
    return [server](const char* path, struct statvfs* space) { return server->call(path, space); };
}

} // namespace

TEST_CASE("Mounts that answer report their space one after the other") {
    const auto server = std::make_shared<Server>();
    MountSpace space{call_of(server)};
    CHECK(space.of("/", long_wait).value().f_blocks == 1);
    CHECK(space.of("/data", long_wait).value().f_blocks == 5);
    CHECK(space.of("/", long_wait).value().f_blocks == 1);
}

TEST_CASE("A mount that is gone is an error with its name") {
    const auto server = std::make_shared<Server>();
    MountSpace space{call_of(server)};
    CHECK_THROWS_WITH(space.of("/gone", long_wait), "cannot look at /gone: No such file or directory");
    CHECK(space.of("/", long_wait).has_value());
}

TEST_CASE("A mount that does not answer is left alone until it does, and others go on") {
    const auto server = std::make_shared<Server>();
    MountSpace space{call_of(server)};
    CHECK_FALSE(space.of("/hung", short_wait).has_value());
    CHECK(space.of("/", long_wait).has_value());
    CHECK_FALSE(space.of("/hung", long_wait).has_value()); // at once, without a question
    server->come_back();
    server->wait_for_answers(2);
    CHECK(server->times_asked() == 2);
    // Its thread passes on the answer afterwards.
    std::optional<struct statvfs> answer;
    while (!(answer = space.of("/hung", long_wait))) {
        std::this_thread::yield();
    }
    CHECK(answer->f_blocks == 5);
}

TEST_CASE("There is a limit to how many mounts are waited for") {
    const auto server = std::make_shared<Server>();
    {
        MountSpace space{call_of(server)};
        for (std::size_t i = 0; i < MountSpace::most_waiting; ++i) {
            CHECK_FALSE(space.of("/hung" + std::to_string(i), short_wait).has_value());
        }
        CHECK_FALSE(space.of("/", long_wait).has_value());
    } // does not wait for them
    server->come_back();
    server->wait_for_answers(static_cast<int>(MountSpace::most_waiting));
}
