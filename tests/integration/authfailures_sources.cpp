// SPDX-License-Identifier: MIT
// The real authfailures on sources other than regular files: a FIFO whose writers come and go, and a journal.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/journal_file.hpp"
#include "support/line_sums.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

using test::at_some_time;
using test::exit_0;

namespace {

/// authfailures with short buckets, and its counts.
class Counting {
public:
    explicit Counting(std::vector<std::string> arguments)
        : process_{{.program = test::collector("authfailures"), .arguments = with_common(std::move(arguments))}} {}

    /// Waits for a line, which shows that it has opened its source.
    void wait_until_it_reads() { REQUIRE(next_line()); }
    void wait_for(double sum) {
        while (this->sum() < sum) {
            REQUIRE(next_line());
        }
    }
    [[nodiscard]] double sum() const {
        double sum = 0;
        for (const auto& [series, points] : test::points_in(out_, true)) {
            CHECK(points.stamps_increase());
            sum += points.sum();
        }
        return sum;
    }
    /// Ends it. Returns everything that it has counted.
    double end() {
        process_.signal(SIGTERM);
        out_ += process_.out.read_to_end(at_some_time);
        CHECK(process_.wait(at_some_time) == exit_0);
        CHECK(process_.err.read_to_end(at_some_time).empty());
        return sum();
    }

private:
    static std::vector<std::string> with_common(std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"--granularity", "100ms", "--timespan", "100ms", "--dedup", "0"});
        return arguments;
    }
    bool next_line() {
        const auto line = process_.out.read_line(at_some_time);
        out_ += line ? *line + "\n" : "";
        return line.has_value();
    }

    test::Process process_;
    std::string out_;
};

/// A writer of a FIFO, which opens it, writes and closes it.
void write_into(const std::filesystem::path& fifo, const std::string& text) {
    const int fd = open(fifo.c_str(), O_WRONLY | O_CLOEXEC);
    REQUIRE(fd >= 0);
    CHECK(write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    close(fd);
}

const std::string failure = "sshd[1]: authentication failure; uid=0";

} // namespace

TEST_CASE("A FIFO is followed from one writer to the next, and nothing is counted twice") {
    const test::TemporaryDirectory folder;
    const std::filesystem::path fifo = folder.path() / "log";
    REQUIRE(mkfifo(fifo.c_str(), 0644) == 0);
    Counting counting{{"--file", fifo.string()}};
    counting.wait_until_it_reads(); // zeros: the source is open, and nothing is written
    write_into(fifo, failure + "\nother\n" + failure + "\n");
    counting.wait_for(2);
    write_into(fifo, "other\n" + failure + "\n");
    write_into(fifo, failure); // a writer that ends within a line
    counting.wait_for(4);
    CHECK(counting.end() == 4);
}

TEST_CASE("TERM ends authfailures while it waits for a writer of a FIFO") {
    const test::TemporaryDirectory folder;
    const std::filesystem::path fifo = folder.path() / "log";
    REQUIRE(mkfifo(fifo.c_str(), 0644) == 0);
    Counting counting{{"--file", fifo.string()}};
    counting.wait_until_it_reads();
    CHECK(counting.end() == 0);
}

TEST_CASE("A journal is followed from now on, as a whole or one unit of it") {
    if (dlopen("libsystemd.so.0", RTLD_NOW) == nullptr) {
        WARN("skipped: there is no libsystemd here");
        return;
    }
    const test::TemporaryDirectory folder;
    test::JournalFile journal{folder.path() / "system.journal"};
    journal.append({"MESSAGE=" + failure, "_SYSTEMD_UNIT=ssh.service"}); // before the start
    Counting all{{"--journal-directory", folder.path().string()}};
    Counting ssh{{"--journal-directory", folder.path().string(), "--journal", "ssh"}};
    all.wait_until_it_reads();
    ssh.wait_until_it_reads();
    journal.append({"MESSAGE=" + failure, "_SYSTEMD_UNIT=ssh.service"});
    journal.append({"MESSAGE=" + failure + " 2", "_SYSTEMD_UNIT=cron.service"});
    journal.append({"MESSAGE=session opened", "_SYSTEMD_UNIT=ssh.service"});
    journal.append({"_SYSTEMD_UNIT=ssh.service"}); // without a message
    journal.append({"MESSAGE=" + failure + " 3", "_SYSTEMD_UNIT=ssh.service"});
    all.wait_for(3);
    ssh.wait_for(2);
    CHECK(all.end() == 3);
    CHECK(ssh.end() == 2);
}
