// SPDX-License-Identifier: MIT
/// \file
/// KeyReader: turns the bytes that a terminal sends into keys.
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

/// Takes bytes as they come. It skips unknown keys and characters beyond ASCII, with all their bytes.
///
/// Thread safety: one thread at a time.
class KeyReader {
public:
    using Take = std::function<void(Key)>;
    using Time = std::chrono::steady_clock::time_point;

    static constexpr std::chrono::milliseconds patience{50}; ///< the bytes of one key come within this time

    void feed(std::string_view bytes, Time now, const Take& take);
    /// Returns the time from which the last ESC byte counts as the Escape key, unless another byte comes first; nothing if there
    /// is no such byte.
    [[nodiscard]] std::optional<Time> due() const noexcept;
    /// Reports the Escape key if that time has come. Feed the bytes that have come meanwhile first.
    void finish(Time now, const Take& take);

private:
    void feed(char byte, const Take& take);
    void finish(const Take& take);

    std::string begun_; // `ESC`, `ESC [ 5`, …
    Time last_byte_{};
};

} // namespace tickertape::cli::terminal
