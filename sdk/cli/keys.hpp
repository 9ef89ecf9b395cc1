// SPDX-License-Identifier: MIT
/// \file
/// From the bytes that a terminal sends to keys.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace tickertape::cli {

struct Key {
    enum Kind : std::uint8_t {
        character, ///< printable ASCII
        up,
        down,
        page_up,
        page_down,
        home,
        end,
        enter,
        escape,
        backspace,
        clear_line, ///< Ctrl-U
        redraw,     ///< Ctrl-L
    };
    Kind kind = character;
    char text = 0;

    friend bool operator==(const Key&, const Key&) = default;
};

/// Takes bytes as they come. A key that it does not know, and what is no ASCII, is passed over, with all of its bytes.
///
/// Thread safety: one thread at a time.
class KeyReader {
public:
    using Take = std::function<void(Key)>;

    void feed(std::string_view bytes, const Take& take);
    /// Whether an escape was read that may be a key of its own, or the beginning of one.
    [[nodiscard]] bool is_waiting() const noexcept { return !begun_.empty(); }
    /// Nothing came behind it for a while: it was the key.
    void finish(const Take& take);

private:
    void feed(char byte, const Take& take);

    std::string begun_; // `ESC`, `ESC [ 5`, …
};

} // namespace tickertape::cli
