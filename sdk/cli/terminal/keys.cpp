// SPDX-License-Identifier: MIT
#include "cli/terminal/keys.hpp"

#include <array>
#include <utility>

namespace tickertape::cli::terminal {

namespace {

constexpr char escape_byte = '\x1b';
constexpr std::size_t longest = 32; // longer than the bytes of any key

// The bytes after `ESC [` or `ESC O`.
constexpr std::array<std::pair<std::string_view, Key::Kind>, 11> sequences{{{"A", Key::up},
                                                                            {"B", Key::down},
                                                                            {"H", Key::home},
                                                                            {"F", Key::end},
                                                                            {"5~", Key::page_up},
                                                                            {"6~", Key::page_down},
                                                                            {"1~", Key::home},
                                                                            {"7~", Key::home},
                                                                            {"4~", Key::end},
                                                                            {"8~", Key::end},
                                                                            {"M", Key::enter}}};

bool ends_sequence(char byte) noexcept { return byte >= '@' && byte <= '~'; }

} // namespace

void KeyReader::feed(std::string_view bytes, Time now, const Take& take) {
    if (!bytes.empty()) {
        last_byte_ = now;
    }
    for (const char byte : bytes) {
        feed(byte, take);
    }
}

void KeyReader::feed(char byte, const Take& take) {
    if (byte == escape_byte) {
        finish(take);
        begun_ = byte;
    } else if (begun_.size() == 1) {
        if (byte == '[' || byte == 'O') {
            begun_.push_back(byte);
        } else {
            begun_.clear(); // a key with Alt
        }
    } else if (begun_.size() > 1) {
        begun_.push_back(byte);
        if (ends_sequence(byte) || begun_.size() > longest) {
            const std::string sequence = std::exchange(begun_, {}).substr(2);
            for (const auto& [text, kind] : sequences) {
                if (sequence == text) {
                    take({.kind = kind});
                }
            }
        }
    } else if (byte == '\r' || byte == '\n') {
        take({.kind = Key::enter});
    } else if (byte == '\x7f' || byte == '\b') {
        take({.kind = Key::backspace});
    } else if (byte == '\x15') {
        take({.kind = Key::clear_line});
    } else if (byte == '\x0c') {
        take({.kind = Key::redraw});
    } else if (byte >= ' ' && byte <= '~') {
        take({.kind = Key::character, .text = byte});
    }
}

std::optional<KeyReader::Time> KeyReader::due() const noexcept {
    return begun_.empty() ? std::nullopt : std::optional{last_byte_ + patience};
}

void KeyReader::finish(Time now, const Take& take) {
    if (const auto at = due(); at && now >= *at) {
        finish(take);
    }
}

void KeyReader::finish(const Take& take) {
    const std::string begun = std::exchange(begun_, {});
    if (begun.size() == 1) {
        take({.kind = Key::escape});
    }
}

} // namespace tickertape::cli::terminal
