// SPDX-License-Identifier: MIT
// Changes of a file's name while FollowFile opens and watches it, and outside of its watches.
#include <collector/follow_file.hpp>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using tickertape::collector::FollowFile;

namespace {

using Lines = std::vector<std::string>;

/// Runs an action between the opening of a file and its use. A wait is only checked, not done.
class Interfering final : public tickertape::base::Syscalls {
public:
    std::function<void()> after_open;
    int patience_ms = 0; ///< of the last wait; -1: until an event
    bool woken = false;  ///< whether it ended at once

    bool has_inotify = true;
    int open_fails_with = 0;
    int stat_fails_with = 0;

    int inotify_init1(int flags) override { return has_inotify ? Syscalls::inotify_init1(flags) : failure(EMFILE); }
    int stat(const char* path, struct stat* status) override {
        return stat_fails_with == 0 ? Syscalls::stat(path, status) : failure(stat_fails_with);
    }
    int open(const char* path, int flags, mode_t mode) override {
        if (open_fails_with != 0) {
            return failure(open_fails_with);
        }
        const int fd = Syscalls::open(path, flags, mode);
        if (const auto interfere = std::exchange(after_open, nullptr)) {
            interfere();
        }
        return fd;
    }
    int poll(pollfd* fds, nfds_t count, int timeout_ms) override {
        patience_ms = timeout_ms;
        const int ready = Syscalls::poll(fds, count, 0);
        woken = ready > 0 || timeout_ms == 0;
        return ready;
    }

private:
    static int failure(int error) {
        errno = error;
        return -1;
    }
};

/// A link in a temporary directory to a log elsewhere, and its follower.
class LinkedLog {
public:
    LinkedLog() { std::filesystem::create_symlink(path("log"), link()); }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream{path(name), std::ios::app | std::ios::binary} << text;
    }
    void rotate() const {
        std::filesystem::rename(path("log"), path("log.1"));
        write("log", "");
    }
    [[nodiscard]] std::filesystem::path path(const std::string& name) const { return elsewhere_.path() / name; }
    [[nodiscard]] std::filesystem::path link() const { return directory_.path() / "log"; }
    Lines read() {
        Lines lines;
        follower.read([&](std::string_view line) { lines.emplace_back(line); });
        return lines;
    }
    /// Returns whether an event has come that ends a wait.
    bool woken() {
        follower.wait(std::stop_token{});
        return calls.woken;
    }

private:
    test::TemporaryDirectory directory_;
    test::TemporaryDirectory elsewhere_;

public:
    Interfering calls;
    FollowFile follower{link(), calls};
};

} // namespace

TEST_CASE("A file that loses its name while it is opened is watched, and so is the one that gets it") {
    const bool at_first = GENERATE(true, false);
    CAPTURE(at_first);
    LinkedLog log;
    if (at_first) {
        log.write("log", "old\n");
    } else {
        log.read();
        log.write("log", "a\n");
    }
    log.calls.after_open = [&] {
        log.rotate();
        log.write("log", "b\n");
    };
    CHECK(log.read() == (at_first ? Lines{"b"} : Lines{"a", "b"}));
    CHECK(log.calls.after_open == nullptr);
    while (log.woken()) { // by earlier events
        CHECK(log.read().empty());
    }
    log.write("log.1", "late\n");
    CHECK(log.woken());
    CHECK(log.read() == Lines{"late"});
    CHECK_FALSE(log.woken());
    log.write("log", "c\n");
    CHECK(log.woken());
    CHECK(log.read() == Lines{"c"});
}

TEST_CASE("A file that is deleted while it is opened is read, and its name is looked at again") {
    LinkedLog log;
    CHECK(log.read().empty());
    log.write("log", "a\n");
    log.calls.after_open = [&] { std::filesystem::remove(log.path("log")); };
    CHECK(log.read() == Lines{"a"});
    CHECK_FALSE(log.follower.present());
}

TEST_CASE("A file is checked again within a second, because its file system may have no events") {
    const test::TemporaryDirectory directory;
    directory.write("log", "old\n");
    Interfering calls;
    FollowFile direct{directory.path() / "log", calls};
    direct.read([](std::string_view /*line*/) {});
    direct.wait(std::stop_token{});
    CHECK(calls.patience_ms > 0);
    CHECK(calls.patience_ms <= 1000);
}

TEST_CASE("A link may lead to another directory unseen") {
    Interfering calls;
    // No watched file is changed.
    const test::TemporaryDirectory directory;
    directory.write("0/log", "old\n");
    directory.write("1/log", "a\n");
    std::filesystem::create_directory_symlink("0", directory.path() / "current");
    FollowFile follower{directory.path() / "current/log", calls};
    Lines lines;
    const auto take = [&](std::string_view line) { lines.emplace_back(line); };
    follower.read(take);
    std::filesystem::create_directory_symlink("1", directory.path() / "next");
    std::filesystem::rename(directory.path() / "next", directory.path() / "current");
    follower.wait(std::stop_token{});
    CHECK(calls.patience_ms > 0);
    follower.read(take);
    CHECK(lines == Lines{"a"});
}

TEST_CASE("A file is followed without inotify") {
    Interfering calls;
    calls.has_inotify = false;
    const test::TemporaryDirectory directory;
    directory.write("log", "old\n");
    FollowFile follower{directory.path() / "log", calls};
    Lines lines;
    const auto take = [&](std::string_view line) { lines.emplace_back(line); };
    follower.read(take);
    std::ofstream{directory.path() / "log", std::ios::app} << "a\n";
    follower.wait(std::stop_token{});
    CHECK(calls.patience_ms > 0);
    follower.read(take);
    CHECK(lines == Lines{"a"});
}

TEST_CASE("A file that fails after the first read is reported, tried again, and then read from its start") {
    const auto [error, text] = GENERATE(table<int, std::string>(
        {{EACCES, "Permission denied"}, {EMFILE, "Too many open files"}, {EIO, "Input/output error"}}));
    const bool at_stat = GENERATE(false, true);
    CAPTURE(text, at_stat);
    LinkedLog log;
    log.write("log", "old\n");
    CHECK(log.read().empty());
    CHECK(log.follower.problem().empty());
    log.write("log", "a\n");
    log.rotate();
    log.write("log", "b\n");
    (at_stat ? log.calls.stat_fails_with : log.calls.open_fails_with) = error;
    CHECK(log.read() == Lines{"a"}); // the old one is still open
    CHECK(log.follower.problem() == "cannot open " + log.link().string() + ": " + text);
    log.woken();
    CHECK(log.calls.patience_ms > 0);
    log.calls.stat_fails_with = log.calls.open_fails_with = 0;
    CHECK(log.read() == Lines{"b"});
    CHECK(log.follower.problem().empty());
}
