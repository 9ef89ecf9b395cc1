// SPDX-License-Identifier: MIT
#include <collector/follow_file.hpp>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stop_token>
#include <string>
#include <system_error>
#include <vector>

#include "support/catch.hpp"
#include "support/seed.hpp"
#include "support/temporary_directory.hpp"

using tickertape::collector::FollowFile;

namespace {

using Lines = std::vector<std::string>;

/// A log in a temporary directory, and its follower.
class Log {
public:
    void append(const std::string& text) const { append_to("log", text); }
    void append_to(const std::string& name, const std::string& text) const {
        std::ofstream{path(name), std::ios::app | std::ios::binary} << text;
    }
    void rename(const std::string& from, const std::string& to) const { std::filesystem::rename(path(from), path(to)); }
    void truncate(std::uintmax_t size = 0) const { std::filesystem::resize_file(path("log"), size); }
    void remove() const { std::filesystem::remove(path("log")); }
    [[nodiscard]] std::filesystem::path path(const std::string& name) const { return directory_.path() / name; }

    Lines read() {
        Lines lines;
        follower_.read([&](std::string_view line) { lines.emplace_back(line); });
        return lines;
    }
    [[nodiscard]] bool present() const { return follower_.present(); }
    FollowFile& follower() { return follower_; }

private:
    test::TemporaryDirectory directory_;
    FollowFile follower_{directory_.path() / "log"};
};

} // namespace

TEST_CASE("Only text appended after the first look is read") {
    Log log;
    log.append("old\nbegun ");
    CHECK(log.read().empty());
    CHECK(log.present());
    log.append("before\nnew\n");
    CHECK(log.read() == Lines{"before", "new"});
    CHECK(log.read().empty());
}

TEST_CASE("A file that appears later is read from its start") {
    Log log;
    CHECK(log.read().empty());
    CHECK_FALSE(log.present());
    log.append("a\nb\n");
    CHECK(log.read() == Lines{"a", "b"});
    CHECK(log.present());
}

TEST_CASE("A line is read when its end is written") {
    Log log;
    log.append("");
    log.read();
    log.append("one ha");
    CHECK(log.read().empty());
    log.append("lf and the other\n");
    CHECK(log.read() == Lines{"one half and the other"});
}

TEST_CASE("A renamed file is read to its end, then its successor, and late writes to it, too") {
    Log log;
    log.append("");
    log.read();
    log.append("a\n");
    log.rename("log", "log.1");
    log.append_to("log.1", "b\n");
    CHECK(log.read() == Lines{"a", "b"});
    CHECK_FALSE(log.present());
    log.append("c\n");
    CHECK(log.read() == Lines{"c"});
    CHECK(log.present());
    log.append_to("log.1", "late\n");
    log.append("d\n");
    CHECK(log.read() == Lines{"late", "d"});
}

TEST_CASE("A file that is replaced by a rename is read to its end, and so is the new one") {
    Log log;
    log.append("");
    log.read();
    log.append("a\n");
    log.append_to("log.new", "b\n");
    const std::ofstream late{log.path("log"), std::ios::app};
    log.rename("log.new", "log");
    CHECK(log.read() == Lines{"a", "b"});
}

TEST_CASE("A deleted file is not there, another in its place is read from its start") {
    Log log;
    log.append("old\n");
    log.read();
    log.remove();
    CHECK(log.read().empty());
    CHECK_FALSE(log.present());
    log.append("a\n");
    CHECK(log.read() == Lines{"a"});
}

TEST_CASE("A file that is renamed and renamed back is read on, not again") {
    Log log;
    log.append("");
    log.read();
    log.append("a\n");
    log.rename("log", "other");
    CHECK(log.read() == Lines{"a"});
    log.append_to("other", "b\n");
    log.rename("other", "log");
    log.append("c\n");
    CHECK(log.read() == Lines{"b", "c"});
    CHECK(log.present());
}

TEST_CASE("A truncated file is read from its start, and its incomplete line is dropped") {
    Log log;
    log.append("a long line\nbegun");
    log.read();
    log.append(" and");
    log.read();
    log.truncate();
    log.append("a\n");
    CHECK(log.read() == Lines{"a"});
    log.append("b\n");
    CHECK(log.read() == Lines{"b"});
}

TEST_CASE("A partly truncated file is read again from its start") {
    Log log;
    log.append("1\n2\n3\n");
    log.read();
    log.truncate(2);
    CHECK(log.read() == Lines{"1"});
}

TEST_CASE("A last line without an end is read when its file is no longer followed") {
    Log log;
    log.append("");
    log.read();
    log.append("last");
    Lines all = log.read();
    for (int rotation = 0; rotation < 5; ++rotation) {
        log.rename("log", "log." + std::to_string(rotation));
        log.append("");
        const Lines more = log.read();
        all.insert(all.end(), more.begin(), more.end());
    }
    CHECK(all == Lines{"last"});
}

TEST_CASE("A symlink is followed, and so is a change of its target") {
    Log log;
    log.append_to("target", "old\n");
    std::filesystem::create_symlink(log.path("target"), log.path("log"));
    CHECK(log.read().empty());
    log.append_to("target", "a\n");
    CHECK(log.read() == Lines{"a"});
    log.append_to("target.2", "b\n");
    std::filesystem::create_symlink(log.path("target.2"), log.path("link"));
    log.rename("link", "log");
    CHECK(log.read() == Lines{"b"});
}

TEST_CASE("A path without a directory is one in the current one, and a directory that is not there is waited for") {
    FollowFile here{"no-such-log"};
    CHECK_NOTHROW(here.read([](std::string_view /*line*/) {}));
    CHECK_FALSE(here.present());
    const test::TemporaryDirectory directory;
    FollowFile deep{directory.path() / "a/b/log"};
    Lines lines;
    const auto take = [&](std::string_view line) { lines.emplace_back(line); };
    deep.read(take);
    CHECK_FALSE(deep.present());
    directory.write("a/b/log", "x\n");
    deep.read(take);
    CHECK(lines == Lines{"x"});
}

TEST_CASE("The directory of a file may be replaced by another") {
    const test::TemporaryDirectory directory;
    directory.write("dir/log", "old\n");
    FollowFile follower{directory.path() / "dir/log"};
    Lines lines;
    const auto take = [&](std::string_view line) { lines.emplace_back(line); };
    const std::stop_source never;
    follower.read(take);
    std::filesystem::rename(directory.path() / "dir", directory.path() / "moved");
    directory.write("dir/log", "a\n");
    CHECK(follower.wait(never.get_token())); // the rename is an event; without it, this would wait for ever
    follower.read(take);
    CHECK(lines == Lines{"a"});
    directory.write("dir/new", "b\n");
    std::filesystem::rename(directory.path() / "dir/new", directory.path() / "dir/log");
    CHECK(follower.wait(never.get_token()));
    follower.read(take);
    CHECK(lines == Lines{"a", "b"});
}

TEST_CASE("The message names an unreadable file") {
    const test::TemporaryDirectory directory;
    FollowFile follower{directory.path()};
    const auto nothing = [](std::string_view /*line*/) {};
    CHECK_THROWS_WITH(follower.read(nothing), Catch::Matchers::ContainsSubstring(directory.path().string()));
}

TEST_CASE("Waiting ends when something is written, and when a stop is requested") {
    Log log;
    log.append("");
    log.read();
    std::stop_source stop;
    log.append("a\n");
    CHECK(log.follower().wait(stop.get_token()));
    CHECK(log.read() == Lines{"a"});
    stop.request_stop();
    CHECK_FALSE(log.follower().wait(stop.get_token()));
}

TEST_CASE("A flood is read a mebibyte at a time, so that a rotation in it is seen, and no line of it is lost") {
    Log log;
    log.append("");
    log.read();
    const std::string line = std::string(99, 'x') + "\n";
    std::string flood;
    for (int i = 0; i < 120'000; ++i) {
        flood += line;
    }
    log.append(flood);
    std::size_t lines = log.read().size();
    CHECK(lines < 12'000);
    for (int rotation = 0; rotation < 8; ++rotation) { // more files than are kept open after they were read
        log.rename("log", "log." + std::to_string(rotation));
        log.append("y\n");
        lines += log.read().size();
    }
    const std::stop_source never;
    while (lines < 120'008 && log.follower().wait(never.get_token())) {
        lines += log.read().size();
    }
    CHECK(lines == 120'008);
    CHECK(log.read().empty());
}

TEST_CASE("The rest of a flood does not delay the end") {
    Log log;
    log.append("");
    log.read();
    log.append(std::string(3U << 20U, '\n'));
    const std::stop_source never;
    std::size_t lines = log.read().size();
    while (lines < 3U << 20U) {
        REQUIRE(log.follower().wait(never.get_token()));
        lines += log.read().size();
    }
    CHECK(lines == 3U << 20U);
}

TEST_CASE("In every sequence of writes, rotations and truncations each line is read once") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    for (int round = 0; round < 20; ++round) {
        Log log;
        Lines expected;
        Lines got;
        bool seen = true; // the current file
        const auto read = [&] {
            seen = true;
            const Lines lines = log.read();
            got.insert(got.end(), lines.begin(), lines.end());
        };
        if (random() % 2 == 0) {
            log.append("old\n");
        }
        read();
        int line = 0;
        int rotations = 0;
        std::string begun; // in the current file
        const auto write = [&](const std::string& name, bool half) {
            const std::string text = std::to_string(++line) + std::string(random() % 200, '.');
            log.append_to(name, begun + text + "\n");
            expected.push_back(text);
            if (half) {
                begun = std::to_string(++line);
                log.append_to(name, begun.substr(0, begun.size() / 2));
                expected.push_back(begun);
                begun = begun.substr(begun.size() / 2) + "\n";
            } else {
                begun.clear();
            }
        };
        for (int step = 0; step < 300; ++step) {
            CAPTURE(round, step);
            switch (random() % 10) {
            case 0: // only a rotation before the first check hides lines
                if (!seen) {
                    read();
                }
                [[fallthrough]];
            case 1: // like logrotate: late lines come into the old file before the new one exists, and after
                if (seen && std::filesystem::exists(log.path("log"))) {
                    const std::string old = "old." + std::to_string(++rotations);
                    log.rename("log", old);
                    if (random() % 2 == 0) {
                        read();
                    }
                    write(old, false);
                    if (random() % 2 == 0) {
                        log.append("");
                        read();
                        write(old, false);
                    }
                    read();
                }
                break;
            case 2: // copytruncate while nobody writes
                if (begun.empty() && std::filesystem::exists(log.path("log"))) {
                    read();
                    log.truncate();
                    read();
                }
                break;
            case 3:
                if (begun.empty()) {
                    read();
                    log.remove();
                    read();
                }
                break;
            case 4:
            case 5: read(); break;
            default:
                seen = seen && std::filesystem::exists(log.path("log"));
                write("log", random() % 4 == 0);
                break;
            }
        }
        if (!begun.empty()) {
            log.append_to("log", begun);
        }
        read();
        std::sort(expected.begin(), expected.end());
        std::sort(got.begin(), got.end());
        Lines lost;
        Lines twice;
        std::set_difference(expected.begin(), expected.end(), got.begin(), got.end(), std::back_inserter(lost));
        std::set_difference(got.begin(), got.end(), expected.begin(), expected.end(), std::back_inserter(twice));
        CHECK(lost == Lines{});
        CHECK(twice == Lines{});
    }
}
