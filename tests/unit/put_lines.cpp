// SPDX-License-Identifier: MIT
#include <tickertape/put_lines.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include <output/access.hpp>

#include "point/line_formatter.hpp"
#include "support/catch.hpp"
#include "support/faulty_syscalls.hpp"
#include "support/random_points.hpp"

using namespace std::chrono_literals;
using tickertape::Form;
using tickertape::HostTag;
using tickertape::Outcome;
using tickertape::Point;
using tickertape::PutLines;
using tickertape::PutLinesOptions;
using tickertape::SteadyTime;
using tickertape::UsageError;
using tickertape::point::LineFormatter;

namespace {

const PutLinesOptions plain{.fd = 9, .form = Form::put, .host_tag = HostTag::named("h"), .patience = 200ms};

// Returns the lines of the points. A refused point has none.
std::string rendered(std::span<const Point> points) {
    LineFormatter formatter{{.host_tag = "h"}};
    std::string text;
    char line[tickertape::max_line + 1];
    for (const Point& point : points) {
        text.append(line, formatter.write(point, line).size);
    }
    return text;
}

// Returns points that have lines of about the same length.
std::vector<Point> numbered_points(std::size_t count) {
    std::vector<Point> points;
    points.reserve(count);
    const tickertape::Series series{"a.metric", {{"k", "v"}}};
    for (std::size_t i = 0; i < count; ++i) {
        points.emplace_back(series, tickertape::WallTime{1700000000s}, i);
    }
    return points;
}

// Publishes all points repeatedly, as a stage does, and appends the accepted ones to `accepted`.
struct Publisher {
    PutLines& lines;
    std::string accepted = {};
    std::size_t exceptions = 0;
    std::size_t retries = 0;
    bool closed = false;

    // Calls publish once. Returns how many points are settled.
    std::size_t publish(std::span<const Point> points) {
        Outcome outcome;
        try {
            outcome = lines.publish(points);
        } catch (const std::system_error&) {
            ++exceptions;
            return 0;
        }
        REQUIRE(outcome.retry_from <= points.size());
        REQUIRE(std::is_sorted(outcome.rejected.begin(), outcome.rejected.end(),
                               [](const auto& a, const auto& b) { return a.index < b.index; }));
        REQUIRE((outcome.rejected.empty() || outcome.rejected.back().index < outcome.retry_from));
        REQUIRE((outcome.closed || outcome.retry_from == points.size() || ++retries > 0));
        closed = outcome.closed;
        accepted += rendered(points.first(outcome.retry_from)); // lines of refused ones are empty
        return outcome.retry_from;
    }

    void publish_all(std::span<const Point> points) {
        while (!points.empty() && !closed) {
            points = points.subspan(publish(points));
        }
    }
};

std::string read_all(int fd) {
    std::string text;
    char part[4096];
    while (true) {
        const ssize_t count = ::read(fd, part, sizeof part);
        if (count <= 0) {
            return text;
        }
        text.append(part, static_cast<std::size_t>(count));
    }
}

struct Pipe {
    Pipe() { REQUIRE(::pipe2(ends, O_CLOEXEC) == 0); }
    ~Pipe() {
        close_reader();
        close_writer();
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    void close_reader() { close(ends[0]); }
    void close_writer() { close(ends[1]); }
    [[nodiscard]] int reader() const { return ends[0]; }
    [[nodiscard]] int writer() const { return ends[1]; }
    int ends[2] = {-1, -1};

private:
    static void close(int& fd) {
        if (fd >= 0) {
            ::close(fd);
            fd = -1;
        }
    }
};

bool sigpipe_is(int (*query)(sigset_t*)) {
    sigset_t set;
    REQUIRE(query(&set) == 0);
    return sigismember(&set, SIGPIPE) == 1;
}

bool sigpipe_is_blocked() {
    return sigpipe_is([](sigset_t* set) { return pthread_sigmask(SIG_BLOCK, nullptr, set); });
}

} // namespace

TEST_CASE("After any failure the bytes written are the lines of the accepted points") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    std::size_t exceptions = 0;
    std::size_t retries = 0;
    for (int round = 0; round < 300; ++round) {
        const mode_t kinds[] = {S_IFIFO, S_IFSOCK, S_IFREG, S_IFCHR};
        const mode_t kind = kinds[test::up_to(random, 3)];
        const auto rate = [&] { return test::once_in(random, 3) ? 0 : 2 + test::up_to(random, 8); };
        test::FaultySyscalls calls{
            kind, random, {.interrupted = rate(), .short_write = rate(), .no_room = rate(), .disk_full = rate()}};
        PutLines lines = tickertape::output::PutLinesAccess::make(plain, calls);
        Publisher publisher{lines};
        for (int batch = 0; batch < 5; ++batch) {
            const auto points = test::random_points(random, test::up_to(random, test::once_in(random, 5) ? 1000 : 50));
            std::span<const Point> rest{points};
            while (!rest.empty()) {
                rest = rest.subspan(publisher.publish(rest));
                // A started line counts as accepted; at most its rest is kept.
                REQUIRE(publisher.accepted.starts_with(calls.written));
                const std::string_view owed = std::string_view{publisher.accepted}.substr(calls.written.size());
                REQUIRE(owed.size() < 1024);
                REQUIRE(std::count(owed.begin(), owed.end(), '\n') <= 1);
            }
        }
        calls.set({});
        REQUIRE(lines.flush(calls.now()));
        REQUIRE(calls.written == publisher.accepted);
        exceptions += publisher.exceptions;
        retries += publisher.retries;
    }
    CHECK(exceptions > 0); // the schedules caused faults
    CHECK(retries > 0);
}

TEST_CASE("A reader that goes away closes the output for good, and only begun lines were accepted") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    std::size_t closed = 0;
    for (const mode_t kind : std::initializer_list<mode_t>{S_IFIFO, S_IFSOCK}) {
        for (int round = 0; round < 50; ++round) {
            test::FaultySyscalls calls{kind, random, {.short_write = 3, .broken = 10}};
            PutLines lines = tickertape::output::PutLinesAccess::make(plain, calls);
            Publisher publisher{lines};
            const auto points = test::random_points(random, 2000);
            std::span<const Point> rest{points};
            while (!rest.empty() && !publisher.closed) {
                rest = rest.subspan(publisher.publish(rest));
            }
            REQUIRE(publisher.accepted.starts_with(calls.written));
            REQUIRE(publisher.accepted.size() - calls.written.size() < 1024);
            REQUIRE(publisher.exceptions == 0);
            if (publisher.closed) {
                ++closed;
                const std::size_t writes = calls.writes;
                REQUIRE(lines.publish(points).closed);
                REQUIRE(lines.publish(points).retry_from == 0);
                REQUIRE(calls.writes == writes);
            }
        }
    }
    CHECK(closed > 0);
}

TEST_CASE("Interrupted calls are repeated, without an effect on the caller") {
    test::Random random{test::seed()};
    const auto points = numbered_points(20'000);
    for (const mode_t kind : std::initializer_list<mode_t>{S_IFIFO, S_IFSOCK, S_IFREG}) {
        test::FaultySyscalls calls{kind, random, {.interrupted = 2}};
        PutLines lines = tickertape::output::PutLinesAccess::make(plain, calls);
        CHECK(lines.publish(points).accepted() == points.size());
        CHECK(calls.written == rendered(points));
    }
}

TEST_CASE("A pipe in blocking mode never gets more than it has room for") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    test::BlockingPipe pipe{random};
    PutLines lines = tickertape::output::PutLinesAccess::make(plain, pipe);
    Publisher publisher{lines};
    for (int round = 0; round < 200; ++round) {
        pipe.read = test::once_in(random, 2);
        const auto points = test::random_points(random, test::up_to(random, 600));
        publisher.publish(points);
        REQUIRE_FALSE(pipe.stuck);
        REQUIRE(pipe.written == publisher.accepted); // cut only between lines
    }
    CHECK(publisher.retries > 0);
    CHECK(pipe.largest_write > 4096);
}

TEST_CASE("A batch is one write where the pipe has the room, and no write is larger than 64 KiB") {
    test::Random random{1};
    const auto points = numbered_points(1000);
    test::BlockingPipe pipe{random};
    PutLines lines = tickertape::output::PutLinesAccess::make(plain, pipe);
    CHECK(lines.publish(points).accepted() == 1000);
    CHECK(pipe.largest_write == rendered(points).size());

    const std::size_t most = 65536;
    test::FaultySyscalls file{S_IFREG, random, {}};
    PutLines to_file = tickertape::output::PutLinesAccess::make(plain, file);
    const auto many = numbered_points(10'000);
    CHECK(to_file.publish(many).accepted() == 10'000);
    CHECK(file.writes == (rendered(many).size() + most - 1) / most);
}

TEST_CASE("One publish waits no longer for room than its patience, in all") {
    test::Random random{1};
    const auto points = numbered_points(100);
    for (const mode_t kind : std::initializer_list<mode_t>{S_IFIFO, S_IFSOCK}) {
        test::FaultySyscalls calls{kind, random, {.no_room = 1}};
        PutLines lines = tickertape::output::PutLinesAccess::make(plain, calls);
        const Outcome outcome = lines.publish(points);
        CHECK(outcome.retry_from == 0);
        CHECK_FALSE(outcome.closed);
        CHECK(calls.waited == 200ms);
        CHECK(calls.written.empty());
    }
}

TEST_CASE("Several short waits count together") {
    test::Random random{1};
    test::BlockingPipe pipe{random};
    pipe.each_wait = 60ms;
    PutLines lines = tickertape::output::PutLinesAccess::make(plain, pipe);
    const auto points = numbered_points(100'000);
    CHECK(lines.publish(points).retry_from < points.size());
    CHECK(pipe.now() == SteadyTime{240ms}); // the fourth wait began with 20 ms left
}

TEST_CASE("Refused points are named by index and reason, and the others go out") {
    test::Random random{1};
    test::FaultySyscalls calls{S_IFREG, random, {}};
    PutLines lines = tickertape::output::PutLinesAccess::make({.form = Form::put, .host_tag = HostTag::none()}, calls);
    const tickertape::Series good{"m", {{"a", "1"}}};
    const tickertape::WallTime noon{1700000000s};
    const Outcome outcome = lines.publish(
        std::vector<Point>{{good, noon, 1}, {tickertape::Series{"m"}, noon, 2}, {good, noon, 3}, {good, {}, 4}});
    CHECK(outcome.retry_from == 4);
    CHECK(outcome.accepted() == 2);
    CHECK(outcome.rejected == std::vector<tickertape::Outcome::Rejection>{{1, tickertape::Reason::no_tag},
                                                                          {3, tickertape::Reason::bad_time}});
    CHECK(calls.written == "put m 1700000000 1 a=1\nput m 1700000000 3 a=1\n");
}

TEST_CASE("A full disk is an error that names the descriptor, and later all points go out") {
    test::Random random{1};
    test::FaultySyscalls calls{S_IFREG, random, {.disk_full = 1}};
    PutLines lines = tickertape::output::PutLinesAccess::make(plain, calls);
    const auto points = numbered_points(3);
    CHECK_THROWS_WITH(lines.publish(points), "cannot write to file descriptor 9: No space left on device");
    CHECK(calls.written.empty());
    calls.set({});
    CHECK(lines.publish(points).accepted() == 3);
    CHECK(calls.written == rendered(points));
}

TEST_CASE("A descriptor that is not open is named in the error of the first publish") {
    PutLines lines{{.fd = 1'000'000, .form = Form::put}};
    CHECK_THROWS_WITH(lines.publish(numbered_points(1)),
                      "cannot write to file descriptor 1000000: Bad file descriptor");
}

TEST_CASE("A negative patience is refused") { CHECK_THROWS_AS(PutLines{{.patience = -1ms}}, UsageError); }

TEST_CASE("A real pipe that is full hands the points back, and all lines arrive once it is read") {
    Pipe pipe;
    PutLines lines{{.fd = pipe.writer(), .form = Form::put, .host_tag = HostTag::named("h"), .patience = 0ms}};
    const auto points = numbered_points(20'000);
    std::span<const Point> rest{points};
    rest = rest.subspan(lines.publish(rest).retry_from);
    CHECK(rest.size() > 15'000);
    CHECK(lines.publish(rest).retry_from == 0);

    std::string text;
    std::thread reader{[&] { text = read_all(pipe.reader()); }};
    PutLines patient{{.fd = pipe.writer(), .form = Form::put, .host_tag = HostTag::named("h"), .patience = 20s}};
    rest = rest.subspan(patient.publish(rest).retry_from);
    pipe.close_writer();
    reader.join();
    CHECK(rest.empty());
    CHECK(text == rendered(points));
}

TEST_CASE("A real pipe without a reader closes the output, and SIGPIPE leaves no trace") {
    Pipe pipe;
    pipe.close_reader();
    PutLines lines{{.fd = pipe.writer(), .form = Form::put, .host_tag = HostTag::named("h")}};
    const Outcome outcome = lines.publish(numbered_points(10));
    CHECK(outcome.closed);
    CHECK(outcome.retry_from == 0);
    CHECK_FALSE(sigpipe_is_blocked());
    CHECK_FALSE(sigpipe_is(&sigpending));
}

TEST_CASE("A real socket without a reader closes the output") {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    PutLines lines{{.fd = ends[1], .form = Form::put, .host_tag = HostTag::named("h"), .patience = 0ms}};
    CHECK(lines.publish(numbered_points(10)).accepted() == 10);
    const auto many = numbered_points(100'000);
    CHECK(lines.publish(many).retry_from < many.size()); // full, and not stuck
    ::close(ends[0]);
    CHECK(lines.publish(many).closed);
    ::close(ends[1]);
}

TEST_CASE(
    "Started by hand, lines have put and this machine's name, and neither under tcollector, unless a name is given") {
    char name[256] = {};
    REQUIRE(::gethostname(name, sizeof name - 1) == 0);
    const auto line_with = [](PutLinesOptions options) {
        int ends[2];
        REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
        options.fd = ends[1];
        const Point point{tickertape::Series{"m", {{"a", "b"}}}, tickertape::WallTime{1'500'000'000s}, 1};
        CHECK(PutLines{options}.publish({&point, 1}).accepted() == 1);
        ::close(ends[1]);
        char text[2000];
        const ssize_t size = ::read(ends[0], text, sizeof text);
        ::close(ends[0]);
        return std::string(text, static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    };
    CHECK(line_with({.form = Form::put}) == "put m 1500000000 1 a=b host=" + tickertape::sanitize(name) + "\n");
    CHECK(line_with({.form = Form::put, .host_tag = HostTag::none()}) == "put m 1500000000 1 a=b\n");
    CHECK(line_with({.form = Form::tcollector}) == "m 1500000000 1 a=b\n");
    CHECK(line_with({.form = Form::tcollector, .host_tag = HostTag::named("web1")}) ==
          "m 1500000000 1 a=b host=web1\n");
}
