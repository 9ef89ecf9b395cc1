// SPDX-License-Identifier: MIT
/// \file
/// Messages with a level.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tickertape::base {

/// The numbers are the priorities of <syslog.h>.
enum class Level : std::uint8_t {
    error = 3,   ///< points are lost, or the program ends
    warning = 4, ///< something is wrong, and the program goes on
    notice = 5,  ///< a normal event that matters: trouble is over, settings were read, a final account
    info = 6,    ///< other normal events
};

/// `report` of diagnostics.hpp with another level than warning. Does nothing if messages of this level are not written.
void log(Level level, std::string_view sentence) noexcept;
/// The same without a limit.
void log_always(Level level, std::string_view sentence) noexcept;

/// From now on only messages of this level and more serious ones are written. At first: notice.
void set_level(Level least) noexcept;
[[nodiscard]] bool is_written(Level level) noexcept;
/// Reads `error`, `warning`, `notice` or `info`; nothing for another text.
[[nodiscard]] std::optional<Level> level_of(std::string_view name) noexcept;

/// The priority for a line on stderr: `<4>` if stderr is systemd's journal, else nothing. systemd names the device and the inode of
/// the journal's socket in the variable JOURNAL_STREAM; stderr may have been redirected since.
[[nodiscard]] std::string_view journal_prefix(Level level) noexcept;
/// Returns whether `stream`, a value of JOURNAL_STREAM, names this file.
[[nodiscard]] bool is_journal(std::string_view stream, std::uint64_t device, std::uint64_t inode) noexcept;

} // namespace tickertape::base
