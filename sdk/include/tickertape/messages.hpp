// SPDX-License-Identifier: MIT
/// \file
/// set_message_function: sends the library's messages to a function of yours.
#pragma once

#include <string_view>

namespace tickertape {

/// From now on messages go to `function` instead of stderr; null: to stderr again. Returns the previous function, or null. A
/// call of the previous function may still be under way. The limits stay: the same sentence at most once a minute.
///
/// The function gets one message: a sentence of printable ASCII, without a newline and without the word `tickertape: ` in front.
/// Any thread may call it, several at once, also with locks of the library held. So it must return soon, and must not call the
/// library. If it throws, the exception is caught and the message is lost.
///
/// Thread safety: any thread.
auto set_message_function(void (*function)(std::string_view sentence)) noexcept -> void (*)(std::string_view);

} // namespace tickertape
