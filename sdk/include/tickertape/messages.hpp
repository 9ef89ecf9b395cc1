// SPDX-License-Identifier: MIT
/// \file
/// set_message_function: where the library's messages go.
#pragma once

#include <string_view>

namespace tickertape {

/// From now on messages go to `function` instead of stderr; null: to stderr again. Returns the function before, or null. A
/// call of that one may still be under way. The limits stay: the same sentence at most once a minute.
///
/// The function gets one message: a sentence of printable ASCII, without a newline and without the word `tickertape: ` in front.
/// Any thread may call it, several at once, also with locks of the library held. So it returns soon, and calls nothing of the
/// library. What it throws is caught, and the message is lost then.
///
/// Thread safety: any thread.
auto set_message_function(void (*function)(std::string_view sentence)) noexcept -> void (*)(std::string_view);

} // namespace tickertape
