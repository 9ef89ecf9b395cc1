// SPDX-License-Identifier: MIT
/// \file
/// WatchSession: `tickertape watch` without a terminal: the effects of lines, keys and time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tickertape/time.hpp>

#include "cli/terminal/keys.hpp"
#include "cli/terminal/screen_line.hpp"
#include "cli/watch/model.hpp"
#include "cli/watch/picture.hpp"
#include "cli/watch/view.hpp"

namespace tickertape::cli::watch {

/// A model, the user's view of it, and the picture.
///
/// Thread safety: one thread at a time.
class WatchSession {
public:
    enum class Request : std::uint8_t { nothing, redraw, quit };

    WatchSession(WatchOptions options, WatchView view);

    /// See WatchModel. Lines are accepted while the picture is paused, too.
    void set_time(SteadyTime now, WallTime wall);
    void add(std::string_view line) { model_.add(line); }
    void end_input() noexcept { has_ended_ = true; }

    /// Handles a key. Returns the request that only the terminal can fulfil.
    [[nodiscard]] Request press(terminal::Key key);

    /// Returns the screen: as many lines as the screen has rows, none wider than the screen. Rows change places at most once a
    /// second.
    [[nodiscard]] std::vector<terminal::ScreenLine> frame(terminal::Size size, const terminal::Style& style);

    [[nodiscard]] const WatchModel& model() const noexcept { return model_; }
    [[nodiscard]] const WatchView& view() const noexcept { return view_; }
    [[nodiscard]] bool is_paused() const noexcept { return paused_.has_value(); }

private:
    [[nodiscard]] const WatchModel& shown() const noexcept { return paused_ ? *paused_ : model_; }
    [[nodiscard]] Grid grid() const;
    Request type(terminal::Key key);
    void zoom(int by);
    void scroll(std::int64_t by);
    void put_in_order(terminal::Size size);
    [[nodiscard]] std::vector<std::string> status() const;
    [[nodiscard]] terminal::ScreenLine footer(terminal::Size size, const terminal::Style& style) const;
    [[nodiscard]] std::vector<std::string> help_text() const;

    WatchModel model_;
    std::optional<WatchModel> paused_{}; // a copy of the model at the time of the pause
    WatchView view_;
    bool has_help_ = false;
    bool has_ended_ = false;
    SteadyTime now_{};

    // The results of the last call of `frame`.
    std::vector<std::size_t> order_;
    TableNames names_;
    TableWidths widths_;
    std::optional<SteadyTime> ordered_at_{}; // nothing: the order must be made anew
    std::uint64_t generation_ = 0;
    std::size_t series_ = 0;
    terminal::Size size_{};
    std::size_t rows_ = 1; // the rows of the table, or of the help
};

} // namespace tickertape::cli::watch
