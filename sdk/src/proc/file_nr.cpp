// SPDX-License-Identifier: MIT
#include <tickertape/proc/file_nr.hpp>

#include <algorithm>
#include <array>

#include <tickertape/proc/tokens.hpp>

namespace tickertape::proc {

FileNr parse_file_nr(std::string_view text, std::string_view file) {
    Tokens tokens{next_line(text), file, 1};
    const auto allocated = tokens.number<std::uint64_t>();
    const auto unused = tokens.number<std::uint64_t>();
    return {.allocated = allocated - std::min(unused, allocated), .maximum = tokens.number<std::uint64_t>()};
}

std::optional<FileNr> read_file_nr(const Root& root) {
    constexpr const char* name = "sys/fs/file-nr";
    std::array<char, 128> buffer; // NOLINT(*-member-init): read fills the bytes that are used
    const auto text = root.read(name, buffer);
    return text ? std::optional{parse_file_nr(*text, root.path_of(name))} : std::nullopt;
}

} // namespace tickertape::proc
