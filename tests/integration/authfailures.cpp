// SPDX-License-Identifier: MIT
// The real authfailures on logs that are written, rotated, truncated, removed and forbidden while it reads.
#include <grp.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/line_sums.hpp"
#include "support/process.hpp"
#include "support/seed.hpp"
#include "support/temporary_directory.hpp"

using namespace std::chrono_literals;
using test::at_some_time;
using test::eventually;
using test::exit_0;

namespace {

const std::string failure = "Nov 21 08:00:00 h sshd[1]: pam_unix(sshd:auth): authentication failure; logname= uid=0\n";
const std::string other = "Nov 21 08:00:00 h sshd[1]: Accepted publickey for x\n";

std::string times(std::size_t number, const std::string& text) {
    std::string all;
    for (; number > 0; --number) {
        all += text;
    }
    return all;
}

/// authfailures with short buckets, following `path`.
class Following {
public:
    explicit Following(const std::filesystem::path& path, const std::vector<std::string>& more = {})
        : process_{command(path, more)} {}

    /// Waits until it has `path` open, so that it counts all text that is appended from now on.
    void wait_for(const std::filesystem::path& path) {
        REQUIRE(eventually([&] { return has_open(path); }));
    }
    /// Waits until it has counted `sum`, because a busy one may not count everything before it ends. Then ends it. Returns its
    /// count from the start.
    double sum_at_end(double sum) {
        CHECK(eventually([&] {
            if (auto line = process_.out.read_line(at_some_time)) {
                out += *line + "\n";
            }
            return this->sum() >= sum || process_.out.at_end();
        }));
        return sum_at_end();
    }
    /// Ends it, and returns its count from the start.
    double sum_at_end() {
        process_.signal(SIGTERM);
        out += process_.out.read_to_end(at_some_time);
        CHECK(process_.wait(at_some_time) == exit_0);
        err += process_.err.read_to_end(at_some_time);
        return sum();
    }
    /// Returns the sum of the counts that it has written.
    [[nodiscard]] double sum() const {
        double sum = 0;
        for (const auto& [series, points] : test::points_in(out, true)) {
            CHECK(points.stamps_increase());
            sum += points.sum();
        }
        return sum;
    }
    [[nodiscard]] bool has_open(const std::filesystem::path& path) const {
        struct stat wanted{};
        if (::stat(path.c_str(), &wanted) != 0) {
            return false;
        }
        std::error_code ended; // the process may end during the iteration
        for (std::filesystem::directory_iterator fd{"/proc/" + std::to_string(process_.id()) + "/fd", ended}, end;
             !ended && fd != end; fd.increment(ended)) {
            struct stat open{};
            if (::stat(fd->path().c_str(), &open) == 0 && open.st_ino == wanted.st_ino &&
                open.st_dev == wanted.st_dev) {
                return true;
            }
        }
        return false;
    }
    test::Process& process() { return process_; }

    std::string out;
    std::string err;

private:
    static test::Command command(const std::filesystem::path& path, const std::vector<std::string>& more) {
        test::Command command{
            .program = test::collector("authfailures"),
            .arguments = {"--file", path.string(), "--granularity", "100ms", "--timespan", "100ms", "--dedup", "0"}};
        command.arguments.insert(command.arguments.end(), more.begin(), more.end());
        return command;
    }

    test::Process process_;
};

class LogDirectory {
public:
    [[nodiscard]] std::filesystem::path path(const std::string& name = "log") const { return directory_.path() / name; }
    void append(const std::string& text, const std::string& name = "log") const {
        std::ofstream{path(name), std::ios::app | std::ios::binary} << text;
    }
    void rename(const std::string& from, const std::string& to) const { std::filesystem::rename(path(from), path(to)); }

private:
    test::TemporaryDirectory directory_;
};

/// Returns the lines of /proc/PID/status, by name.
std::map<std::string, std::vector<std::string>> status_of(const test::Process& process) {
    std::ifstream file{"/proc/" + std::to_string(process.id()) + "/status"};
    std::map<std::string, std::vector<std::string>> status;
    for (std::string line; std::getline(file, line);) {
        std::istringstream words{line.substr(line.find(':') + 1)};
        status[line.substr(0, line.find(':'))] = {std::istream_iterator<std::string>{words}, {}};
    }
    return status;
}

std::uint64_t cpu_ticks(const test::Process& process) {
    const std::string text = test::contents_of("/proc/" + std::to_string(process.id()) + "/stat");
    std::istringstream fields{text.substr(text.rfind(')') + 1)};
    const std::vector<std::string> words{std::istream_iterator<std::string>{fields}, {}};
    return std::stoull(words.at(11)) + std::stoull(words.at(12));
}

const std::vector<std::string> ids_of_nobody(4, "65534");

} // namespace

TEST_CASE("Failed logins that are appended are counted, once each, and other lines are not") {
    const LogDirectory log;
    log.append(times(5, failure));
    Following it{log.path()};
    it.wait_for(log.path());
    log.append(times(3, failure + other));
    CHECK(it.sum_at_end(3) == 3);
    CHECK(it.err.empty());
}

TEST_CASE("A rotation with late writes to the old log loses nothing") {
    const LogDirectory log;
    log.append("");
    Following it{log.path()};
    it.wait_for(log.path());
    log.append(failure);
    log.rename("log", "log.1");
    log.append(failure, "log.1");
    log.append(failure);
    it.wait_for(log.path());
    log.append(failure, "log.1");
    log.append(failure);
    CHECK(it.sum_at_end(5) == 5);
}

TEST_CASE("A log that is copied and truncated is read on from its start") {
    const LogDirectory log;
    log.append(times(100, other));
    Following it{log.path()};
    it.wait_for(log.path());
    std::filesystem::copy(log.path(), log.path("log.1"));
    std::filesystem::resize_file(log.path(), 0);
    log.append(failure);
    std::filesystem::resize_file(log.path(), 0); // shorter again, whether it has seen the line or not
    log.append(failure);
    const double sum = it.sum_at_end(1);
    CHECK(sum >= 1);
    CHECK(sum <= 2);
}

TEST_CASE("A missing log is reported once, and is read from its start when it appears") {
    const LogDirectory log;
    Following it{log.path()};
    REQUIRE(it.process().err.read_line(at_some_time) ==
            "tickertape: there is no " + log.path().string() + " (yet): nothing is reported until it can be read");
    it.out += it.process().out.read_for(700ms);
    CHECK(it.out.empty());
    log.append(times(2, failure));
    it.wait_for(log.path());
    for (int line = 0; line < 2; ++line) {
        it.out += it.process().out.read_line(at_some_time).value_or("the end") + "\n";
    }
    std::filesystem::remove(log.path());
    CHECK(eventually([&] { // again no line, and no 0
        const std::string more = it.process().out.read_for(700ms);
        it.out += more;
        return more.empty();
    }));
    log.append(times(3, failure));
    it.wait_for(log.path());
    CHECK(it.sum_at_end(5) == 5);
    CHECK(it.err.empty());
}

TEST_CASE("Zeros are written while the log is there and nobody fails") {
    const LogDirectory log;
    log.append(failure);
    Following it{log.path()};
    it.wait_for(log.path());
    for (int number = 0; number < 5; ++number) {
        const std::string line = it.process().out.read_line(at_some_time).value_or("the end");
        CHECK(line.find(" 0 ") != std::string::npos);
    }
}

TEST_CASE("A symlinked log is followed through the rotation of its target") {
    const LogDirectory log;
    const test::TemporaryDirectory elsewhere;
    const std::filesystem::path target = elsewhere.path() / "real";
    elsewhere.write("real", "");
    std::filesystem::create_symlink(target, log.path());
    Following it{log.path()};
    it.wait_for(target);
    std::ofstream{target, std::ios::app} << failure;
    std::filesystem::rename(target, elsewhere.path() / "real.1");
    std::ofstream{target, std::ios::app} << failure;
    it.wait_for(target);
    CHECK(it.sum_at_end(2) == 2);
}

TEST_CASE("Lines in halves, huge, binary and without an end do no harm") {
    const LogDirectory log;
    log.append("");
    Following it{log.path()};
    it.wait_for(log.path());
    log.append(failure.substr(0, 70));
    log.append(failure.substr(70));
    log.append(failure.substr(0, failure.size() - 1) + std::string(10U << 20U, 'x') + "\n");
    log.append(std::string(10U << 20U, '(') + "\n");
    log.append(std::string("\0\xff\xfe\x1b", 4) + failure);
    log.append("authentication fail\nure\n");
    log.append(failure.substr(0, failure.size() - 1)); // a line without an end is not counted while it may continue
    CHECK(it.sum_at_end(3) == 3);
    CHECK(it.err.empty());
}

TEST_CASE("A storm of writes and rotations loses no line and counts none twice") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    const LogDirectory log;
    log.append("");
    Following it{log.path()};
    it.wait_for(log.path());
    std::size_t written = 0;
    const auto write = [&](const std::string& name) {
        const std::size_t number = test::up_to(random, 20);
        std::string text;
        for (std::size_t i = 0; i < number; ++i) {
            const bool matches = test::once_in(random, 2);
            written += matches ? 1 : 0;
            text += matches ? failure : other;
        }
        // In pieces through one open file, as loggers write.
        std::ofstream file{log.path(name), std::ios::app | std::ios::binary};
        while (!text.empty()) {
            const std::string piece = text.substr(0, 1 + test::up_to(random, 300));
            file << piece << std::flush;
            text.erase(0, piece.size());
        }
    };
    int rotations = 0;
    for (int step = 0; step < 600; ++step) {
        if (!test::once_in(random, 15)) {
            write("log");
            continue;
        }
        const std::string old = "log." + std::to_string(++rotations);
        if (test::once_in(random, 3)) { // the new file is made first, and gets the name at once
            std::filesystem::create_hard_link(log.path(), log.path(old));
            log.append("", "log.new");
            write(old);
            log.rename("log.new", "log");
        } else {
            log.rename("log", old);
            write(old);
            log.append("");
        }
        write(old);
        it.wait_for(log.path()); // two rotations between two checks would hide a file
        write(old);
    }
    CHECK(it.sum_at_end(static_cast<double>(written)) == static_cast<double>(written));
    CHECK(rotations > 10);
    CHECK(it.err.find("tickertape: there is no ") == it.err.rfind("tickertape: there is no "));
}

TEST_CASE("Standard input is counted up to its end, with a last line that has no newline") {
    test::Process it{{.program = test::collector("authfailures"),
                      .arguments = {"--file", "-", "--granularity", "100ms", "--timespan", "100ms"},
                      .in = test::Pipe{}}};
    it.in.write(times(3, failure + other) + failure.substr(0, 30));
    it.in.write(failure.substr(30) + failure.substr(0, failure.size() - 1));
    it.in.close();
    const auto points = test::points_in(it.out.read_to_end(at_some_time), true);
    CHECK(it.wait(at_some_time) == exit_0);
    REQUIRE(points.size() == 1);
    CHECK(points.begin()->second.sum() == 5);
    CHECK(it.err.read_to_end(at_some_time).empty());
}

TEST_CASE("A standard input that cannot be read is reported") {
    const test::Result result =
        test::run({.program = test::collector("authfailures"), .arguments = {"--file", "-"}, .in = "/tmp"});
    CHECK(result.ended == test::Ended{.code = 1});
    CHECK(result.err == "authfailures: cannot read standard input: Is a directory\n");
}

TEST_CASE("TERM ends authfailures while standard input is open, and its counts are written") {
    test::Process it{{.program = test::collector("authfailures"), .arguments = {"--file", "-"}, .in = test::Pipe{}}};
    it.in.write(failure);
    REQUIRE(eventually([&] { // it has read the line, and continues to read
        int unread = 0;
        return ::ioctl(it.in.fd(), FIONREAD, &unread) == 0 && unread == 0 && it.state() == 'S';
    }));
    it.signal(SIGTERM);
    const auto points = test::points_in(it.out.read_to_end(at_some_time), true);
    CHECK(it.wait(at_some_time) == exit_0);
    REQUIRE(points.size() == 1);
    CHECK(points.begin()->second.sum() == 1);
}

TEST_CASE("The flag --match is a regular expression of ECMAScript, and any other text is named, with exit code 2") {
    const LogDirectory log;
    log.append("");
    Following it{log.path(), {"--match", "^[FW]ailed (password|none)\\b"}};
    it.wait_for(log.path());
    log.append("Failed password for x\nfailed password\nWailed none\n Failed password\nFailed nonesuch\n");
    CHECK(it.sum_at_end(2) == 2);

    for (const std::string wrong : {"(", "[z-a]", "a{2,1}", "*", "\n("}) {
        CAPTURE(wrong);
        const test::Result result = test::run({.program = test::collector("authfailures"),
                                               .arguments = {"--file", log.path().string(), "--match", wrong}});
        CHECK(result.ended == test::Ended{.code = 2});
        CHECK(result.out.empty());
        CHECK(test::complete_lines(result.err).size() == 1);
        CHECK(result.err.starts_with("authfailures: --match: '" + (wrong == "\n(" ? "\\n(" : wrong) +
                                     "' is no regular "));
    }
}

TEST_CASE(
    "The flag --once counts for one interval and writes one line, a 0 if nobody failed, and nothing without a log") {
    const LogDirectory log;
    const auto once = [&] {
        return test::run({.program = test::collector("authfailures"),
                          .arguments = {"--once", "--file", log.path().string(), "--interval", "1"}});
    };
    CHECK(once().out.empty());
    log.append(failure);
    const auto points = test::points_in(once().out, true);
    REQUIRE(points.size() == 1);
    CHECK(points.begin()->second.values == std::vector<double>{0});
}

TEST_CASE("A log that is there is not polled, nor is one that is not") {
    const LogDirectory log;
    Following without{log.path("none")};
    log.append("");
    Following with{log.path()};
    with.wait_for(log.path());
    static_cast<void>(without.process().err.read_line(at_some_time));
    const auto start = std::chrono::steady_clock::now();
    const std::uint64_t before = cpu_ticks(with.process()) + cpu_ticks(without.process());
    std::this_thread::sleep_for(3s);
    const std::uint64_t used = cpu_ticks(with.process()) + cpu_ticks(without.process()) - before;
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
    CHECK(static_cast<double>(used) < 10 * passed.count()); // 200 a second, in ten buckets
}

TEST_CASE("A log that may not be read ends authfailures with exit code 13 and one sentence") {
    if (::geteuid() != 0) {
        WARN("skipped: only root can make a file that nobody may not read");
        return;
    }
    const LogDirectory log;
    log.append(failure);
    ::chmod(log.path().c_str(), 0600);
    const test::Result result =
        test::run({.program = test::collector("authfailures"), .arguments = {"--file", log.path().string()}});
    CHECK(result.ended == test::Ended{.code = 13});
    CHECK(result.out.empty());
    CHECK(result.err == "authfailures: cannot open " + log.path().string() + ": Permission denied\n");
    SECTION("but by root with --user root it may") {
        Following it{log.path(), {"--user", "root"}};
        it.wait_for(log.path());
        log.append(failure);
        CHECK(it.sum_at_end(1) == 1);
    }
}

TEST_CASE(
    "A log that is unreadable for a while after its rotation is read afterwards, and no 0 is reported meanwhile") {
    if (::geteuid() != 0) {
        WARN("skipped: only root can make a file that nobody may not read");
        return;
    }
    const LogDirectory log;
    log.append("");
    Following it{log.path()};
    it.wait_for(log.path());
    log.append("", "log.new");
    ::chmod(log.path("log.new").c_str(), 0600);
    log.append(failure, "log.new");
    log.rename("log.new", "log");
    CHECK(it.process().err.read_line(at_some_time) ==
          "tickertape: cannot open " + log.path().string() +
              ": Permission denied: nothing is reported until it can be read");
    CHECK(eventually([&] { // no 0 for a time in which it could not read
        const std::string more = it.process().out.read_for(700ms);
        it.out += more;
        return more.empty();
    }));
    ::chmod(log.path().c_str(), 0644);
    it.wait_for(log.path());
    log.append(failure);
    CHECK(it.sum_at_end(2) == 2);
    CHECK(it.err.empty());
}

TEST_CASE("Started by root it becomes nobody, and keeps only the log's group, if that may read it and others may not") {
    if (::geteuid() != 0) {
        WARN("skipped: only root can become nobody");
        return;
    }
    const group* const adm = ::getgrnam("adm");
    REQUIRE(adm != nullptr);
    const std::string adm_id = std::to_string(adm->gr_gid);
    const LogDirectory log;
    log.append("");
    using Groups = std::vector<std::string>;
    const auto groups_with = [&](const std::vector<std::string>& more, const std::vector<std::string>& ids) {
        Following it{log.path(), more};
        it.wait_for(log.path());
        auto status = status_of(it.process());
        CHECK(status["Uid"] == ids);
        CHECK(status["Gid"] == ids);
        CHECK(status["CapEff"] == std::vector<std::string>{"0000000000000000"});
        return status["Groups"];
    };
    SECTION("as Debian makes logs") {
        REQUIRE(::chown(log.path().c_str(), 0, adm->gr_gid) == 0);
        ::chmod(log.path().c_str(), 0640);
        CHECK(groups_with({}, ids_of_nobody) == Groups{adm_id});
        CHECK(groups_with({"--user", "daemon"}, std::vector<std::string>(4, "1")) == Groups{adm_id});
    }
    SECTION("a log that all may read") {
        REQUIRE(::chown(log.path().c_str(), 0, 0) == 0);
        ::chmod(log.path().c_str(), 0644);
        CHECK(groups_with({}, ids_of_nobody) == Groups{});
    }
    SECTION("a log that appears later, for its group") {
        std::filesystem::remove(log.path());
        Following it{log.path()};
        REQUIRE(it.process().err.read_line(at_some_time).has_value());
        CHECK(status_of(it.process())["Groups"] == Groups{adm_id});
        log.append("", "new");
        REQUIRE(::chown(log.path("new").c_str(), 0, adm->gr_gid) == 0);
        ::chmod(log.path("new").c_str(), 0640);
        log.append(failure, "new");
        log.rename("new", "log");
        it.wait_for(log.path());
        CHECK(it.sum_at_end(1) == 1);
    }
}

TEST_CASE("A user that does not exist is named, with exit code 2") {
    if (::geteuid() != 0) {
        WARN("skipped: only root becomes somebody");
        return;
    }
    for (const char* const name : {"authfailures", "numprocesses", "sarcpu", "uptime"}) {
        const test::Result result = test::run({.program = test::collector(name), .arguments = {"--user", "nosuch"}});
        CHECK(result.ended == test::Ended{.code = 2});
        CHECK(result.out.empty());
        CHECK(result.err == std::string{name} + ": --user: there is no user 'nosuch'\n");
    }
}

TEST_CASE("Other collectors that root starts become nobody, without any group") {
    if (::geteuid() != 0) {
        WARN("skipped: only root can become nobody");
        return;
    }
    for (const char* const name : {"numprocesses", "sarcpu", "uptime"}) {
        test::Process it{{.program = test::collector(name)}};
        REQUIRE(eventually([&] { return status_of(it)["Uid"] == ids_of_nobody; }));
        CHECK(status_of(it)["Gid"] == ids_of_nobody);
        CHECK(status_of(it)["Groups"].empty());
    }
}
