// SPDX-License-Identifier: MIT
/// \file
/// Real programs, started with descriptors, session and environment of the test's choice, and always ended.
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

/// A pipe whose other end the test holds.
struct Pipe {
    int capacity = 0; ///< bytes, rounded up to a page by the kernel; 0: the usual 64 KiB
};

/// Opened for reading and writing, like terminals. It becomes the controlling terminal of a session without one.
struct Device {
    std::filesystem::path path;
};

/// A descriptor: a pipe to the test, a path (opened for appending, created if missing), a device, or a descriptor of the test.
using Stream = std::variant<Pipe, std::filesystem::path, Device, int>;

/// The program to start, and its environment.
struct Command {
    std::filesystem::path program;
    std::vector<std::string> arguments = {};
    Stream in = std::filesystem::path{"/dev/null"};
    Stream out = Pipe{};
    Stream err = Pipe{};
    bool own_session = false;                            ///< setsid
    std::map<std::string, std::string> environment = {}; ///< in addition to the test's own
    std::filesystem::path directory = {};                ///< the working directory; empty: that of the test
};

/// The end of a process: its exit code or a signal.
struct Ended {
    int code = -1;  ///< its exit code; -1 if a signal ended it
    int signal = 0; ///< the signal that ended it

    friend bool operator==(const Ended&, const Ended&) = default;
    friend std::ostream& operator<<(std::ostream& out, const Ended& ended);
};

inline constexpr Ended exit_0{.code = 0};

/// The test's end of a pipe.
class PipeEnd {
public:
    explicit PipeEnd(int fd = -1) noexcept : fd_{fd} {}
    PipeEnd(PipeEnd&& other) noexcept;
    PipeEnd& operator=(PipeEnd&& other) noexcept;
    ~PipeEnd();

    void close() noexcept;
    [[nodiscard]] int fd() const noexcept { return fd_; }

    /// Returns the next line without its newline; nothing at the end, or if it does not come `within`.
    std::optional<std::string> read_line(milliseconds within);
    /// Returns everything up to the end of the file. Throws std::runtime_error if the end does not come `within`.
    std::string read_to_end(milliseconds within);
    /// Returns the text that comes in this time; less at the end of the file.
    std::string read_for(milliseconds time);
    /// Returns the text that has come. Waits at most `within` for it; empty if none came.
    std::string read_some(milliseconds within);
    /// Throws std::runtime_error if it cannot write everything.
    void write(std::string_view text);
    [[nodiscard]] bool at_end() const noexcept { return at_end_; }

private:
    /// Reads the available bytes; waits until `deadline` for the first one. Returns whether there were any.
    bool read_more(std::chrono::steady_clock::time_point deadline);

    int fd_;
    std::string buffer_;
    bool at_end_ = false;
};

/// A child of the test, or an orphan of one of its children, which this program adopts. At the end it is killed by SIGKILL, with
/// its session if it leads one, unless it has ended.
class Process {
public:
    /// Throws std::system_error if it cannot be started.
    explicit Process(const Command& command);
    /// Adopts a process that our child has started.
    [[nodiscard]] static Process adopt(pid_t id);
    Process(Process&& other) noexcept;
    Process& operator=(Process&&) = delete;
    ~Process();

    [[nodiscard]] pid_t id() const noexcept { return id_; }
    void signal(int signal) const;
    /// Returns how it ended; nothing if it does not end `within` this time.
    [[nodiscard]] std::optional<Ended> wait(milliseconds within);
    /// Returns the letter of its state: `S` asleep, `Z` a zombie, … Nothing if it does not exist.
    [[nodiscard]] std::optional<char> state() const;

    PipeEnd in;  ///< if Command::in was a Pipe; the test writes
    PipeEnd out; ///< the test reads this one and the next
    PipeEnd err;

private:
    Process() = default;

    pid_t id_ = -1;
    bool own_session_ = false;
    std::optional<Ended> ended_;
};

/// The result of a program that has ended.
struct Result {
    Ended ended;
    std::string out; ///< empty if it was not a pipe
    std::string err;
};

/// Reads everything that a program still writes, and waits for its end. Throws std::runtime_error if the end does not come
/// `within`.
Result finish(Process& process, milliseconds within = at_some_time);
/// Runs a program with `input` on its standard input, if that is a Pipe. Throws as `finish` does.
Result run(const Command& command, std::string_view input, milliseconds within = at_some_time);
Result run(const Command& command, milliseconds within = at_some_time);

/// Returns the path of a program of this build: a collector, or one of tests/support/programs.
[[nodiscard]] std::filesystem::path collector(std::string_view name);
[[nodiscard]] std::filesystem::path test_program(std::string_view name);

/// Splits `text` into lines. Throws std::runtime_error if the last line has no newline.
[[nodiscard]] std::vector<std::string> complete_lines(std::string_view text);

} // namespace test
