// SPDX-License-Identifier: MIT
#include <tickertape/proc/process_states.hpp>

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <string>
#include <system_error>

#include <tickertape/proc/pid_stat.hpp>
#include <tickertape/proc/tokens.hpp>

namespace tickertape::proc {

namespace {

/// The letters in /proc/PID/stat, in the order of process_states.
constexpr std::array<std::string_view, process_states.size() - 1> letters{"R", "S", "D", "T", "t", "Z", "Xx", "I"};

std::size_t index_of(char letter) {
    const auto known = std::find_if(letters.begin(), letters.end(), [letter](std::string_view some) {
        return some.find(letter) != std::string_view::npos;
    });
    return static_cast<std::size_t>(known - letters.begin());
}

} // namespace

ProcessCount count_processes(const Root& root, std::vector<int>& pids) {
    ProcessCount count{};
    root.list_pids(pids);
    for (const int pid : pids) {
        try {
            if (const auto stat = read_pid_stat(root, pid)) {
                ++count[index_of(stat->state)];
            }
        } catch (const std::system_error& error) { // an unreadable process costs only itself
            const bool is_forbidden =
                error.code() == std::errc::permission_denied || error.code() == std::errc::operation_not_permitted;
            root.skipped().add("PID/stat", error.code().message(), 0,
                               is_forbidden ? "processes of other users cannot be read here and count as unknown"
                                            : error.what());
            ++count.back();
        } catch (const ParseError& error) {
            root.skipped().add("PID/stat", std::to_string(pid), 0, error.what());
            ++count.back();
        }
    }
    return count;
}

bool hides_processes(const Root& root) {
    struct stat status{};
    std::string text;
    if (root.has("1/stat") || ::stat(root.path().c_str(), &status) != 0) {
        return false;
    }
    const std::string device =
        std::to_string(major(status.st_dev)).append(":").append(std::to_string(minor(status.st_dev)));
    const Root own{"/proc"};
    std::string_view lines = own.read_all("self/mountinfo", text).value_or("");
    while (!lines.empty()) {
        const std::string_view line = next_line(lines);
        Tokens tokens{line, "mountinfo", 1};
        static_cast<void>(tokens.next());
        static_cast<void>(tokens.next());
        const std::size_t option = line.rfind("hidepid=");
        if (tokens.next() == device && option != std::string_view::npos && line.substr(option + 8, 1) != "0" &&
            line.substr(option + 8, 3) != "off") {
            return true;
        }
    }
    return false;
}

} // namespace tickertape::proc
