// SPDX-License-Identifier: MIT
/// \file
/// set_message_function and set_message_level: where the library's messages go, and how serious a message must be.
#pragma once

#include <string_view>

namespace tickertape {

/// From now on messages go to `function` instead of stderr; null: to stderr again. Returns the previous function, or null. A
/// call of the previous function may still be under way. The limits stay: the same sentence at most once a minute.
///
/// The function gets one message: its priority as in <syslog.h>, and a sentence of printable ASCII, without a newline and without
/// the word `tickertape: ` in front. Priorities: LOG_ERR: points are lost. LOG_WARNING: something is wrong, and the program goes on.
/// LOG_NOTICE: a normal event that matters, such as the end of trouble. LOG_INFO: other normal events.
/// Any thread may call it, several at once, also with locks of the library held. So it must return soon, and must not call the
/// library. If it throws, the exception is caught and the message is lost.
///
/// On stderr, a message has its priority in front (`<4>`) if stderr is systemd's journal.
///
/// Thread safety: any thread.
auto set_message_function(void (*function)(int priority, std::string_view sentence)) noexcept
    -> void (*)(int priority, std::string_view sentence);

/// Drops messages less serious than this priority: LOG_ERR, LOG_WARNING, LOG_NOTICE (the default) or LOG_INFO of <syslog.h>. Another
/// number counts as the nearest of these.
///
/// Thread safety: any thread.
void set_message_level(int least) noexcept;

} // namespace tickertape
