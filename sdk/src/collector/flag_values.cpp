// SPDX-License-Identifier: MIT
#include <tickertape/flag_values.hpp>

#include "collector/setting_values.hpp"

namespace tickertape {

std::chrono::milliseconds positive_duration(const std::string& text) {
    return collector::duration_of(text, std::chrono::milliseconds{1});
}

} // namespace tickertape
