// SPDX-License-Identifier: MIT
#include <tickertape/flag_values.hpp>

#include <tickertape/name.hpp>

#include "base/quote.hpp"
#include "collector/setting_values.hpp"

namespace tickertape {

std::chrono::milliseconds positive_duration(const std::string& text) {
    const auto time = collector::parse_duration(text);
    if (!time || *time <= std::chrono::milliseconds::zero()) {
        throw UsageError{base::quote(text).append(" is no time above 0; write 2, 0.5 or 500ms")};
    }
    return *time;
}

} // namespace tickertape
