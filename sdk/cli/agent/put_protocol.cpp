// SPDX-License-Identifier: MIT
#include "cli/agent/put_protocol.hpp"

#include <algorithm>

#include "base/concat.hpp"
#include "collector/version.hpp"

namespace tickertape::cli::agent {

namespace {

constexpr std::string_view help_answer = "available commands: put version help exit \n";
constexpr std::string_view http_answer =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 30\r\nConnection: close\r\n\r\n"
    "This port takes put lines only";

/// Clients recognize the answer by two lines: `… built at revision …` and `Built on …`.
std::string version_answer() {
    return base::concat("tickertape agent built at revision ", collector::version_text(),
                        "\nBuilt on Tickertape: all lines before this are queued or spooled\n");
}

} // namespace

std::string not_queued(std::uint64_t points) {
    return base::concat("put: Please throttle writes: ", points, " points could not be queued\n");
}

std::size_t PutProtocol::feed(std::string_view bytes, const Take& take) {
    begun_at_ = answers_.size();
    if (is_first_ && !bytes.empty()) {
        is_first_ = false;
        is_http_ = bytes.front() >= 'A' && bytes.front() <= 'Z'; // a TSD decides so, too
        is_over_ = is_http_;
        answers_.append(is_http_ ? http_answer : "");
    }
    std::size_t used = 0;
    while (!is_over_ && has_room() && used < bytes.size()) {
        const std::string_view rest = bytes.substr(used);
        const std::size_t end = rest.find('\n');
        const bool is_whole = end != std::string_view::npos;
        const std::string_view line = rest.substr(0, end);
        if (!is_whole && line.size() <= longest_line && !is_skipping_) {
            break;
        }
        if (!is_skipping_) {
            handle(line.substr(0, longest_line + 1), take);
        }
        is_skipping_ = !is_whole;
        used += line.size() + (is_whole ? 1 : 0);
    }
    return is_over_ ? bytes.size() : used;
}

void PutProtocol::handle(std::string_view line, const Take& take) {
    ++lines_;
    if (line.ends_with('\r')) {
        line.remove_suffix(1);
    }
    const std::string_view command = line.substr(0, line.find(' '));
    if (command == "put") {
        if (const std::string error = take(line); !error.empty()) {
            add_error(base::concat("put: ", error));
        }
    } else if (command == "version") {
        answers_.append(version_answer());
    } else if (command == "help") {
        answers_.append(help_answer);
    } else if (command == "exit") {
        is_over_ = true;
    } else if (command != "diediedie") { // it would end a TSD
        constexpr std::size_t longest_quote = 100;
        add_error(base::concat("unknown command: ", command.substr(0, longest_quote), ".  Try `help'."));
    }
}

void PutProtocol::cannot_queue(std::size_t points) {
    answers_.insert(std::min(begun_at_, answers_.size()), not_queued(points));
}

void PutProtocol::cut_off() {
    ++lines_;
    add_error("put: illegal argument: a last line without an end");
}

void PutProtocol::add_error(std::string_view error) {
    if (answers_.size() >= most_errors) {
        ++left_out_;
        return;
    }
    answers_.append(error).append("\n");
}

} // namespace tickertape::cli::agent
