// SPDX-License-Identifier: MIT
#include <tickertape/json_lines.hpp>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <system_error>
#include <vector>

#include <output/access.hpp>

#include "support/catch.hpp"
#include "support/faulty_syscalls.hpp"
#include "support/random_points.hpp"
#include "support/temporary_directory.hpp"

using namespace std::chrono_literals;
using tickertape::JsonLines;
using tickertape::Point;
using tickertape::Series;
using tickertape::WallTime;

namespace {

const WallTime noon{1700000000s};

std::vector<Point> point_of(int value) { return {Point{Series{"m", {{"a", "1"}}}, noon, value}}; }

std::string line_of(int value) {
    return R"({"name":"m","value":)" + std::to_string(value) + R"(,"timestamp":1700000000,"tags":{"a":"1"}})" + "\n";
}

class FileSyscalls final : public tickertape::base::Syscalls {
public:
    int fail_with = 0;
    std::size_t most = static_cast<std::size_t>(-1);
    int flags = 0;
    int fail_open_with = 0;
    int opened = -1; // the last one
    int closed = -1;

    ssize_t write(int fd, const void* data, std::size_t size) override {
        if (fail_with != 0 && most == 0) {
            errno = fail_with;
            return -1;
        }
        const ssize_t count = Syscalls::write(fd, data, std::min(size, most));
        most -= static_cast<std::size_t>(count);
        return count;
    }
    int open(const char* path, int open_flags, mode_t mode) override {
        flags = open_flags;
        if (fail_open_with != 0) {
            errno = fail_open_with;
            return -1;
        }
        return opened = Syscalls::open(path, open_flags, mode);
    }
    int close(int fd) override {
        closed = fd;
        return Syscalls::close(fd);
    }
};

} // namespace

TEST_CASE("A point is a JSON object on a line, with whole seconds, or three decimals where the series is finer") {
    const test::TemporaryDirectory directory;
    const auto path = directory.path() / "points.json";
    JsonLines lines{path};
    const std::vector<Point> points{
        {Series{"a.b", {{"host", "web-1"}, {"x", "y/z"}}}, noon + 999ms, 42},
        {Series{"none"}, noon, -0.25},
        {Series{"fine", {{"k", "v"}}, {.step = 10ms}}, noon + 7ms, 1e300},
        {Series{"old", {}, {.step = 1ms}}, WallTime{-1500ms}, 0},
        {Series{"event"}, noon + 1us, 1},
        {Series{"event"}, noon + 10ns, 1},
        {Series{"first"}, WallTime::min(), 1},
    };
    CHECK(lines.publish(points).accepted() == 7);
    CHECK(test::contents_of(path) ==
          R"({"name":"a.b","value":42,"timestamp":1700000000.999,"tags":{"host":"web-1","x":"y/z"}})"
          "\n"
          R"({"name":"none","value":-0.25,"timestamp":1700000000,"tags":{}})"
          "\n"
          R"({"name":"fine","value":1e+300,"timestamp":1700000000.007,"tags":{"k":"v"}})"
          "\n"
          R"({"name":"old","value":0,"timestamp":-1.500,"tags":{}})"
          "\n"
          R"({"name":"event","value":1,"timestamp":1700000000.000001,"tags":{}})"
          "\n"
          R"({"name":"event","value":1,"timestamp":1700000000.000000010,"tags":{}})"
          "\n"
          R"({"name":"first","value":1,"timestamp":-9223372036.854775808,"tags":{}})"
          "\n");
}

TEST_CASE("The longest series have JSON lines, too") {
    const test::TemporaryDirectory directory;
    const auto path = directory.path() / "points.json";
    JsonLines lines{path};
    tickertape::Tags tags;
    for (const char* key : {"a", "b", "c", "d", "e", "f", "g", "h"}) {
        tags.set(key, std::string(96, 'v'));
    }
    const Series series{"m", tags, {.step = 1ms, .reserve_host_tag = false}};
    CHECK(series.text().size() >= 785);
    const std::vector<Point> points(200, Point{series, noon, -1.7976931348623157e308});
    CHECK(lines.publish(points).accepted() == 200);
    const std::string text = test::contents_of(path);
    CHECK(std::count(text.begin(), text.end(), '\n') == 200);
    CHECK(text.size() / 200 < 1024);
}

TEST_CASE("A file that is there is appended to, and not inherited by children") {
    const test::TemporaryDirectory directory;
    directory.write("points.json", "before\n");
    FileSyscalls calls;
    JsonLines lines = tickertape::output::JsonLinesAccess::make(directory.path() / "points.json", calls);
    CHECK((calls.flags & O_APPEND) != 0);
    CHECK((calls.flags & O_CLOEXEC) != 0);
    (void)lines.publish(point_of(1));
    CHECK(test::contents_of(directory.path() / "points.json") == "before\n" + line_of(1));
}

TEST_CASE("A file that is renamed away or deleted is created again") {
    const test::TemporaryDirectory directory;
    const auto path = directory.path() / "points.json";
    JsonLines lines{path};
    (void)lines.publish(point_of(1));
    std::filesystem::rename(path, directory.path() / "points.json.1");
    (void)lines.publish(point_of(2));
    CHECK(test::contents_of(directory.path() / "points.json.1") == line_of(1));
    CHECK(test::contents_of(path) == line_of(2));
    std::filesystem::remove(path);
    (void)lines.publish(point_of(3));
    CHECK(test::contents_of(path) == line_of(3));
    directory.write("new", "other\n");
    std::filesystem::rename(directory.path() / "new", path);
    (void)lines.publish(point_of(4));
    CHECK(test::contents_of(path) == "other\n" + line_of(4));
}

TEST_CASE("A half-written JSON line is finished in the file where it began") {
    const test::TemporaryDirectory directory;
    const auto path = directory.path() / "points.json";
    FileSyscalls calls;
    JsonLines lines = tickertape::output::JsonLinesAccess::make(path, calls);
    calls.fail_with = ENOSPC;
    calls.most = line_of(1).size() + 5;
    std::vector<Point> points = point_of(1);
    points.push_back(point_of(2).front());
    points.push_back(point_of(3).front());
    CHECK(lines.publish(points).retry_from == 2);
    std::filesystem::rename(path, directory.path() / "full");
    CHECK_THROWS_WITH(lines.publish(point_of(3)), "cannot write to '" + path.string() + "': No space left on device");
    CHECK_FALSE(lines.flush({}));
    calls.most = static_cast<std::size_t>(-1);
    CHECK(lines.flush({}));
    CHECK(lines.publish(point_of(3)).accepted() == 1);
    CHECK(test::contents_of(directory.path() / "full") == line_of(1) + line_of(2));
    CHECK(test::contents_of(path) == line_of(3));
}

TEST_CASE("Points after a half-written JSON line go to the file that has the path now") {
    const test::TemporaryDirectory directory;
    const auto path = directory.path() / "points.json";
    FileSyscalls calls;
    JsonLines lines = tickertape::output::JsonLinesAccess::make(path, calls);
    calls.fail_with = ENOSPC;
    calls.most = 5;
    CHECK(lines.publish(point_of(1)).accepted() == 1);
    std::filesystem::rename(path, directory.path() / "full");
    calls.most = static_cast<std::size_t>(-1);
    CHECK(lines.publish(point_of(2)).accepted() == 1);
    CHECK(test::contents_of(directory.path() / "full") == line_of(1));
    CHECK(test::contents_of(path) == line_of(2));
}

TEST_CASE("A full disk has room again when the file is deleted, half-written line or not") {
    const test::TemporaryDirectory directory;
    const auto path = directory.path() / "points.json";
    FileSyscalls calls;
    JsonLines lines = tickertape::output::JsonLinesAccess::make(path, calls);
    calls.fail_with = ENOSPC;
    calls.most = 5;
    CHECK(lines.publish(point_of(1)).accepted() == 1);
    const int descriptor = calls.opened;
    std::filesystem::remove(path);
    CHECK_THROWS(lines.publish(point_of(2))); // the disk is still full, but no more of this file
    CHECK(calls.closed == descriptor);
    calls.most = static_cast<std::size_t>(-1);
    CHECK(lines.publish(point_of(2)).accepted() == 1);
    CHECK(test::contents_of(path) == line_of(2));
}

TEST_CASE("A file that is truncated goes on from its new end") {
    const test::TemporaryDirectory directory;
    const auto path = directory.path() / "points.json";
    JsonLines lines{path};
    (void)lines.publish(point_of(1));
    std::filesystem::resize_file(path, 0);
    (void)lines.publish(point_of(2));
    CHECK(test::contents_of(path) == line_of(2));
}

TEST_CASE("Without its directory, or the right to make a file, nothing is taken until it is there again") {
    const test::TemporaryDirectory directory;
    const auto path = directory.path() / "logs" / "points.json";
    std::filesystem::create_directory(path.parent_path());
    FileSyscalls calls;
    JsonLines lines = tickertape::output::JsonLinesAccess::make(path, calls);
    (void)lines.publish(point_of(1));
    std::filesystem::rename(path.parent_path(), directory.path() / "old");
    CHECK_THROWS_WITH(lines.publish(point_of(2)), "cannot open '" + path.string() + "': No such file or directory");
    directory.write("logs", "a file in its place");
    CHECK_THROWS_WITH(lines.publish(point_of(2)), "cannot open '" + path.string() + "': Not a directory");
    std::filesystem::remove(directory.path() / "logs");
    std::filesystem::create_directory(path.parent_path());
    calls.fail_open_with = EACCES;
    CHECK_THROWS_WITH(lines.publish(point_of(2)), "cannot open '" + path.string() + "': Permission denied");
    calls.fail_open_with = 0;
    CHECK(lines.publish(point_of(2)).accepted() == 1);
    CHECK(test::contents_of(directory.path() / "old" / "points.json") == line_of(1));
    CHECK(test::contents_of(path) == line_of(2));
}

TEST_CASE("Processes that append to one file leave each other's lines whole") {
    constexpr int processes = 4;
    constexpr int each = 200;
    const test::TemporaryDirectory directory;
    const auto path = directory.path() / "points.json";
    std::vector<pid_t> children;
    for (int i = 0; i < processes; ++i) {
        children.push_back(fork());
        REQUIRE(children.back() >= 0);
        if (children.back() == 0) {
            bool is_all = true;
            JsonLines lines{path};
            const std::vector<Point> points(30, point_of(i).front());
            for (int n = 0; n < each; ++n) {
                is_all = is_all && lines.publish(points).accepted() == points.size();
            }
            _exit(is_all ? 0 : 1);
        }
    }
    for (const pid_t child : children) {
        int status = -1;
        waitpid(child, &status, 0);
        CHECK(status == 0);
    }
    std::map<std::string, int> lines;
    std::ifstream file{path};
    for (std::string line; std::getline(file, line);) {
        ++lines[line + "\n"];
    }
    std::map<std::string, int> expected;
    for (int i = 0; i < processes; ++i) {
        expected[line_of(i)] = each * 30;
    }
    CHECK(lines == expected);
}

TEST_CASE("A path that cannot be opened is named in the error") {
    CHECK_THROWS_WITH(JsonLines{"/nonexistent/points.json"},
                      "cannot open '/nonexistent/points.json': No such file or directory");
}
