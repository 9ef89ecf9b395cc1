// SPDX-License-Identifier: MIT
#include <tickertape/proc/number_file.hpp>

#include <array>

#include <tickertape/proc/tokens.hpp>

namespace tickertape::proc {

std::int64_t parse_number_file(std::string_view text, std::string_view file) {
    return Tokens{next_line(text), file, 1}.number<std::int64_t>();
}

std::optional<std::int64_t> read_number_file(const Root& root, const char* name) {
    std::array<char, 128> buffer; // NOLINT(*-member-init): read fills the bytes that are used
    const auto text = root.read(name, buffer);
    if (!text) {
        return std::nullopt;
    }
    return parse_number_file(*text, root.path_of(name));
}

} // namespace tickertape::proc
