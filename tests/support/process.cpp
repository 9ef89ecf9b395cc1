// SPDX-License-Identifier: MIT
#include "support/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>
#include <ostream>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

namespace test {

namespace {

using std::chrono::steady_clock;

[[noreturn]] void fail(const std::string& what, int error = errno) {
    throw std::system_error{error, std::generic_category(), what};
}

/// The descriptors for one posix_spawn. The child gets only these three.
class Actions {
public:
    Actions() { posix_spawn_file_actions_init(&actions_); }
    Actions(const Actions&) = delete;
    Actions& operator=(const Actions&) = delete;
    ~Actions() {
        posix_spawn_file_actions_destroy(&actions_);
        for (const int fd : theirs_) {
            ::close(fd);
        }
    }

    /// Gives `stream` to the child as `fd`. Returns the test's end, if there is one.
    PipeEnd connect(const Stream& stream, int fd) {
        const bool for_input = fd == STDIN_FILENO;
        if (const auto* const path = std::get_if<std::filesystem::path>(&stream)) {
            const int flags = for_input ? O_RDONLY : O_WRONLY | O_CREAT | O_APPEND;
            check(posix_spawn_file_actions_addopen(&actions_, fd, path->c_str(), flags, 0644));
            return PipeEnd{};
        }
        if (const auto* const device = std::get_if<Device>(&stream)) {
            check(posix_spawn_file_actions_addopen(&actions_, fd, device->path.c_str(), O_RDWR, 0));
            return PipeEnd{};
        }
        if (const int* const borrowed = std::get_if<int>(&stream)) {
            check(posix_spawn_file_actions_adddup2(&actions_, *borrowed, fd));
            return PipeEnd{};
        }
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
            fail("pipe2");
        }
        if (const int capacity = std::get<Pipe>(stream).capacity; capacity > 0) {
            ::fcntl(ends[1], F_SETPIPE_SZ, capacity);
        }
        theirs_.push_back(ends[for_input ? 0 : 1]);
        check(posix_spawn_file_actions_adddup2(&actions_, theirs_.back(), fd));
        return PipeEnd{ends[for_input ? 1 : 0]};
    }

    void change_directory(const std::filesystem::path& directory) {
        check(posix_spawn_file_actions_addchdir_np(&actions_, directory.c_str()));
    }

    [[nodiscard]] const posix_spawn_file_actions_t* get() const noexcept { return &actions_; }

private:
    static void check(int error) {
        if (error != 0) {
            fail("posix_spawn_file_actions", error);
        }
    }

    posix_spawn_file_actions_t actions_{};
    std::vector<int> theirs_;
};

/// All signals have their default action and none is blocked, as with programs that tcollector and shells start.
class Attributes {
public:
    explicit Attributes(bool own_session) {
        posix_spawnattr_init(&attributes_);
        sigset_t set;
        sigemptyset(&set);
        posix_spawnattr_setsigmask(&attributes_, &set);
        sigfillset(&set);
        posix_spawnattr_setsigdefault(&attributes_, &set);
        int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
        flags |= own_session ? POSIX_SPAWN_SETSID : 0;
        posix_spawnattr_setflags(&attributes_, static_cast<short>(flags));
    }
    Attributes(const Attributes&) = delete;
    Attributes& operator=(const Attributes&) = delete;
    ~Attributes() { posix_spawnattr_destroy(&attributes_); }
    [[nodiscard]] const posix_spawnattr_t* get() const noexcept { return &attributes_; }

private:
    posix_spawnattr_t attributes_{};
};

std::vector<char*> pointers_to(std::vector<std::string>& words) {
    std::vector<char*> pointers;
    for (std::string& word : words) {
        pointers.push_back(word.data());
    }
    pointers.push_back(nullptr);
    return pointers;
}

std::vector<std::string> environment_with(const std::map<std::string, std::string>& added) {
    std::vector<std::string> environment;
    for (char* const* entry = environ; *entry != nullptr; ++entry) {
        const std::string text{*entry};
        if (!added.contains(text.substr(0, text.find('=')))) {
            environment.push_back(text);
        }
    }
    for (const auto& [name, value] : added) {
        environment.push_back(name + "=" + value);
    }
    return environment;
}

Ended from_status(int status) {
    return WIFEXITED(status) ? Ended{.code = WEXITSTATUS(status)} : Ended{.signal = WTERMSIG(status)};
}

} // namespace

std::ostream& operator<<(std::ostream& out, const Ended& ended) {
    return ended.signal != 0 ? out << "signal " << ended.signal : out << "exit code " << ended.code;
}

PipeEnd::PipeEnd(PipeEnd&& other) noexcept
    : fd_{std::exchange(other.fd_, -1)}, buffer_{std::move(other.buffer_)}, at_end_{other.at_end_} {}

PipeEnd& PipeEnd::operator=(PipeEnd&& other) noexcept {
    if (this != &other) {
        close();
        fd_ = std::exchange(other.fd_, -1);
        buffer_ = std::move(other.buffer_);
        at_end_ = other.at_end_;
    }
    return *this;
}

PipeEnd::~PipeEnd() { close(); }

void PipeEnd::close() noexcept {
    if (fd_ >= 0) {
        ::close(std::exchange(fd_, -1));
    }
}

bool PipeEnd::read_more(steady_clock::time_point deadline) {
    while (fd_ >= 0 && !at_end_) {
        const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
        pollfd request{.fd = fd_, .events = POLLIN, .revents = 0};
        const int ready = ::poll(&request, 1, static_cast<int>(std::max<milliseconds::rep>(left.count(), 0)));
        if (ready == 0) {
            return false;
        }
        std::array<char, 65536> chunk; // NOLINT(*-member-init): read fills the bytes that are used
        const ssize_t got = ready < 0 ? -1 : ::read(fd_, chunk.data(), chunk.size());
        if (got > 0) {
            buffer_.append(chunk.data(), static_cast<std::size_t>(got));
            return true;
        }
        if (got < 0 && errno != EINTR) {
            fail("cannot read from a pipe");
        }
        at_end_ = got == 0;
    }
    return false;
}

std::optional<std::string> PipeEnd::read_line(milliseconds within) {
    const auto deadline = steady_clock::now() + within;
    std::size_t newline = 0;
    while ((newline = buffer_.find('\n')) == std::string::npos) {
        if (!read_more(deadline)) {
            return std::nullopt;
        }
    }
    std::string line = buffer_.substr(0, newline);
    buffer_.erase(0, newline + 1);
    return line;
}

std::string PipeEnd::read_to_end(milliseconds within) {
    std::string text = read_for(within);
    if (fd_ >= 0 && !at_end_) {
        throw std::runtime_error{"a pipe was not closed in " + std::to_string(within.count()) +
                                 " ms; what came is: " + text};
    }
    return text;
}

std::string PipeEnd::read_for(milliseconds time) {
    const auto deadline = steady_clock::now() + time;
    while (read_more(deadline)) {
    }
    return std::exchange(buffer_, {});
}

std::string PipeEnd::read_some(milliseconds within) {
    if (buffer_.empty()) {
        read_more(steady_clock::now() + within);
    }
    return std::exchange(buffer_, {});
}

void PipeEnd::write(std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd_, text.data(), text.size());
        if (written < 0 && errno != EINTR) {
            fail("cannot write to a pipe");
        }
        text.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
    }
}

Process::Process(const Command& command) : own_session_{command.own_session} {
    // Orphans of our children become our children, so that we can wait for them.
    static const int subreaper = ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    static_cast<void>(subreaper);

    Actions actions;
    if (!command.directory.empty()) {
        actions.change_directory(command.directory);
    }
    in = actions.connect(command.in, STDIN_FILENO);
    out = actions.connect(command.out, STDOUT_FILENO);
    err = actions.connect(command.err, STDERR_FILENO);
    const Attributes attributes{command.own_session};
    std::vector<std::string> words{command.program.string()};
    words.insert(words.end(), command.arguments.begin(), command.arguments.end());
    std::vector<std::string> environment = environment_with(command.environment);
    const int error = ::posix_spawn(&id_, command.program.c_str(), actions.get(), attributes.get(),
                                    pointers_to(words).data(), pointers_to(environment).data());
    if (error != 0) {
        fail("cannot start " + command.program.string(), error);
    }
}

Process Process::adopt(pid_t id) {
    Process process;
    process.id_ = id;
    return process;
}

Process::Process(Process&& other) noexcept
    : in{std::move(other.in)}, out{std::move(other.out)}, err{std::move(other.err)}, id_{std::exchange(other.id_, -1)},
      own_session_{other.own_session_}, ended_{other.ended_} {}

Process::~Process() {
    if (id_ <= 0) {
        return;
    }
    if (!ended_ && ::kill(id_, SIGKILL) == 0) {
        try {
            static_cast<void>(wait(std::chrono::seconds{5}));
        } catch (const std::system_error&) { // its parent has waited for it
        }
    }
    if (own_session_) {
        ::kill(-id_, SIGKILL); // the remaining processes of its group
    }
}

void Process::signal(int signal) const {
    if (!ended_ && ::kill(id_, signal) != 0) {
        fail("cannot signal process " + std::to_string(id_));
    }
}

std::optional<Ended> Process::wait(milliseconds within) {
    const auto deadline = steady_clock::now() + within;
    while (!ended_) {
        int status = 0;
        const pid_t got = ::waitpid(id_, &status, WNOHANG);
        if (got == id_) {
            ended_ = from_status(status);
        } else if (got < 0 && errno == ECHILD && ::kill(id_, 0) == 0) {
            // Its parent still lives, so it is not our child yet.
        } else if (got < 0 && errno != EINTR) {
            fail("cannot wait for process " + std::to_string(id_));
        }
        if (!ended_ && steady_clock::now() >= deadline) {
            return std::nullopt;
        }
        if (!ended_) {
            std::this_thread::sleep_for(milliseconds{2});
        }
    }
    return ended_;
}

std::optional<char> Process::state() const {
    std::ifstream file{"/proc/" + std::to_string(id_) + "/stat"};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    const std::size_t name_end = text.rfind(')');
    return name_end == std::string::npos ? std::nullopt : std::optional{text.at(name_end + 2)};
}

Result finish(Process& process, milliseconds within) {
    const auto deadline = steady_clock::now() + within;
    const auto left = [deadline] { return std::chrono::ceil<milliseconds>(deadline - steady_clock::now()); };
    Result result;
    result.out = process.out.read_to_end(left()); // stderr gets far less than a pipe holds
    result.err = process.err.read_to_end(left());
    const std::optional<Ended> ended = process.wait(left());
    if (!ended) {
        throw std::runtime_error{"process " + std::to_string(process.id()) + " did not end in time"};
    }
    result.ended = *ended;
    return result;
}

Result run(const Command& command, std::string_view input, milliseconds within) {
    Process process{command};
    if (!input.empty()) {
        process.in.write(input);
    }
    process.in.close();
    return finish(process, within);
}

Result run(const Command& command, milliseconds within) { return run(command, {}, within); }

std::filesystem::path collector(std::string_view name) { return std::filesystem::path{TICKERTAPE_BIN_DIR} / name; }

std::filesystem::path test_program(std::string_view name) {
    return std::filesystem::path{TICKERTAPE_TEST_PROGRAM_DIR} / name;
}

std::vector<std::string> complete_lines(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t newline = text.find('\n');
        if (newline == std::string_view::npos) {
            throw std::runtime_error{"the last line has no newline: " + std::string{text}};
        }
        lines.emplace_back(text.substr(0, newline));
        text.remove_prefix(newline + 1);
    }
    return lines;
}

} // namespace test
