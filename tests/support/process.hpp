// SPDX-License-Identifier: MIT
/// \file
/// Real programs, started with the descriptors, session and environment that a test wants, and never left behind.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "support/eventually.hpp"

namespace test {

using std::chrono::milliseconds;

/// Ours holds the other end of a pipe.
struct Pipe {
    int capacity = 0; ///< bytes, rounded up to a page by the kernel; 0: the usual 64 KiB
};

/// Opened for reading and writing, as terminals are: a session without one is then controlled by it.
struct Device {
    std::filesystem::path path;
};

/// A descriptor: a pipe to the test, a path that is opened (to append, made if missing), a device, or a descriptor of
/// the test's.
using Stream = std::variant<Pipe, std::filesystem::path, Device, int>;

/// The program to start, and its surroundings.
struct Command {
    std::filesystem::path program;
    std::vector<std::string> arguments = {};
    Stream in = std::filesystem::path{"/dev/null"};
    Stream out = Pipe{};
    Stream err = Pipe{};
    bool own_session = false;                            ///< setsid
    std::map<std::string, std::string> environment = {}; ///< beside the test's own
    std::filesystem::path directory = {};                ///< where it starts; empty: the test's
};

/// How a process ended.
struct Ended {
    int code = -1;  ///< its exit code, -1 if a signal ended it
    int signal = 0; ///< the signal that ended it

    friend bool operator==(const Ended&, const Ended&) = default;
    friend std::ostream& operator<<(std::ostream& out, const Ended& ended);
};

inline constexpr Ended exit_0{.code = 0};

/// The end of a pipe that the test holds.
class PipeEnd {
public:
    explicit PipeEnd(int fd = -1) noexcept : fd_{fd} {}
    PipeEnd(PipeEnd&& other) noexcept;
    PipeEnd& operator=(PipeEnd&& other) noexcept;
    ~PipeEnd();

    void close() noexcept;
    [[nodiscard]] int fd() const noexcept { return fd_; }

    /// The next line without its newline; nothing at the end or when it has not come `within`.
    std::optional<std::string> read_line(milliseconds within);
    /// All up to the end of the file. Throws std::runtime_error if that does not come `within`.
    std::string read_to_end(milliseconds within);
    /// Returns the text that comes in this time; less at the end of the file.
    std::string read_for(milliseconds time);
    /// Returns the text that has come. Waits at most `within` for it; empty if none came.
    std::string read_some(milliseconds within);
    /// Throws std::runtime_error if it cannot write all.
    void write(std::string_view text);
    [[nodiscard]] bool at_end() const noexcept { return at_end_; }

private:
    /// Reads what there is, waiting until `deadline` for the first byte. Returns whether there was something.
    bool read_more(std::chrono::steady_clock::time_point deadline);

    int fd_;
    std::string buffer_;
    bool at_end_ = false;
};

/// A child of the test, or a child of one of its children that has lost its parent: this test program takes those in. Ended by
/// SIGKILL, with its session if it has one of its own, if that is still needed in the end.
class Process {
public:
    /// Throws std::system_error if it cannot be started.
    explicit Process(const Command& command);
    /// Takes on a process that a child of ours has started.
    [[nodiscard]] static Process adopt(pid_t id);
    Process(Process&& other) noexcept;
    Process& operator=(Process&&) = delete;
    ~Process();

    [[nodiscard]] pid_t id() const noexcept { return id_; }
    void signal(int signal) const;
    /// How it ended, or nothing if it has not `within` this time.
    [[nodiscard]] std::optional<Ended> wait(milliseconds within);
    /// The letter of its state: `S` asleep, `Z` ended but not waited for, … Nothing if there is no such process.
    [[nodiscard]] std::optional<char> state() const;

    PipeEnd in;  ///< if Command::in was a Pipe; we write
    PipeEnd out; ///< and so on; we read
    PipeEnd err;

private:
    Process() = default;

    pid_t id_ = -1;
    bool own_session_ = false;
    std::optional<Ended> ended_;
};

/// The result of a program that ran to its end.
struct Result {
    Ended ended;
    std::string out; ///< empty if it was no pipe
    std::string err;
};

/// Reads all that a program still writes, and waits for its end. Throws std::runtime_error if that does not come `within`.
Result finish(Process& process, milliseconds within = at_some_time);
/// Runs a program with `input` on its standard input, if that is a Pipe. Throws as `finish` does.
Result run(const Command& command, std::string_view input, milliseconds within = at_some_time);
Result run(const Command& command, milliseconds within = at_some_time);

/// A program of this build: a collector, or one of tests/support/programs.
[[nodiscard]] std::filesystem::path collector(std::string_view name);
[[nodiscard]] std::filesystem::path test_program(std::string_view name);

/// `text` at its newlines. Throws std::runtime_error if the last line has none.
[[nodiscard]] std::vector<std::string> complete_lines(std::string_view text);

} // namespace test
