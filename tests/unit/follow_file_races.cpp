// SPDX-License-Identifier: MIT
// What happens to a file's name just while FollowFile opens and watches it, and out of sight of its watches.
#include <collector/follow_file.hpp>

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

/// Something happens between the opening of a file and what is done with it; and it is only looked whether a wait would end.
class Interfering final : public tickertape::base::Syscalls {
public:
    std::function<void()> after_open;
    int patience_ms = 0; ///< of the last wait; -1: until something happens
    bool woken = false;  ///< whether it ended at once

    int open(const char* path, int flags, mode_t mode) override {
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
};

/// A link, in a directory of its own, to a log elsewhere, and what follows it.
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
    /// Whether something has happened that ends a wait.
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
    while (log.woken()) { // by what went before
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

TEST_CASE(
    "A file is waited for without an end, but through a link it is looked at again, as its way may change unseen") {
    LinkedLog log;
    log.write("log", "old\n");
    CHECK(log.read().empty());
    log.woken();
    CHECK(log.calls.patience_ms > 0);
    FollowFile direct{std::filesystem::canonical(log.path("log")), log.calls};
    direct.read([](std::string_view /*line*/) {});
    direct.wait(std::stop_token{});
    CHECK(log.calls.patience_ms == -1);

    // The directory that the link leads to is replaced: no file that is watched is touched.
    const test::TemporaryDirectory directory;
    directory.write("0/log", "old\n");
    directory.write("1/log", "a\n");
    std::filesystem::create_directory_symlink("0", directory.path() / "current");
    FollowFile follower{directory.path() / "current/log", log.calls};
    Lines lines;
    const auto take = [&](std::string_view line) { lines.emplace_back(line); };
    follower.read(take);
    std::filesystem::create_directory_symlink("1", directory.path() / "next");
    std::filesystem::rename(directory.path() / "next", directory.path() / "current");
    follower.wait(std::stop_token{});
    CHECK(log.calls.patience_ms > 0);
    follower.read(take);
    CHECK(lines == Lines{"a"});
}
