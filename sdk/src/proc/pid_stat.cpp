// SPDX-License-Identifier: MIT
#include <tickertape/proc/pid_stat.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <string>

#include "base/quote.hpp"
#include "base/whole_number.hpp"

namespace tickertape::proc {

namespace {

[[noreturn]] void refuse(std::string_view file, const std::string& what) {
    throw ParseError{std::string{file} + ":1: " + what};
}

/// Returns the text up to the next blank, in quotes and shortened for a message.
std::string token(std::string_view text) {
    return base::quote(text.substr(0, std::min<std::size_t>(text.find_first_of(" \n"), 20)));
}

bool is_letter(char c) noexcept { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

} // namespace

PidStat parse_pid_stat(std::string_view text, std::string_view file) {
    PidStat stat{};
    std::string_view behind = text;
    const auto pid = base::take_whole_number<decltype(stat.pid)>(behind);
    if (!pid || !behind.starts_with(" (")) {
        refuse(file, "field 1 " + token(text) + " is not a process id followed by a name in parentheses");
    }
    stat.pid = *pid;
    const std::size_t close = text.rfind(')');
    if (close == std::string_view::npos) {
        refuse(file, "field 2 has no closing parenthesis");
    }
    const std::string_view rest = text.substr(close + 1);
    // The state is one letter. The rest is not used, but a line that ends here was cut.
    if (rest.size() < 3 || rest[0] != ' ' || !is_letter(rest[1]) || rest[2] != ' ') {
        refuse(file, "field 3 " + token(rest.substr(rest.empty() ? 0 : 1)) + " is not the letter of a state");
    }
    stat.state = rest[1];
    return stat;
}

std::optional<PidStat> read_pid_stat(const Root& root, int pid) {
    // Room for "PID/stat". The name of a process (at most 16 bytes; for some kernel threads 64) is near the start.
    std::array<char, 24> name{};
    char* const end = std::to_chars(name.data(), name.data() + 12, pid).ptr;
    std::memcpy(end, "/stat", 6);
    std::array<char, 1024> buffer; // NOLINT(*-member-init): read fills the bytes that are used
    const std::optional<std::string_view> text = root.read_begin(name.data(), buffer);
    if (!text || text->empty()) {
        return std::nullopt;
    }
    try {
        return parse_pid_stat(*text, "");
    } catch (const ParseError& error) {
        throw ParseError{(root.path() / name.data()).string() + error.what()};
    }
}

} // namespace tickertape::proc
