// SPDX-License-Identifier: MIT
/// \file
/// From the bytes that a terminal sends to keys.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tickertape::cli::terminal {

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
    using Time = std::chrono::steady_clock::time_point;

    static constexpr std::chrono::milliseconds patience{50}; ///< a key's bytes come together

    void feed(std::string_view bytes, Time now, const Take& take);
    /// When an escape that was read is a key of its own, unless more comes before; nothing if there is none.
    [[nodiscard]] std::optional<Time> due() const noexcept;
    /// Takes it for the key if that time has come. What has come meanwhile is to be fed before.
    void finish(Time now, const Take& take);

private:
    void feed(char byte, const Take& take);
    void finish(const Take& take);

    std::string begun_; // `ESC`, `ESC [ 5`, …
    Time last_byte_{};
};

} // namespace tickertape::cli::terminal
