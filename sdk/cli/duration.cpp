// SPDX-License-Identifier: MIT
#include "cli/duration.hpp"

#include <optional>
#include <string>

#include <tickertape/name.hpp>

#include "base/concat.hpp"
#include "base/duration.hpp"
#include "base/quote.hpp"

namespace tickertape::cli {

using std::chrono::milliseconds;

milliseconds duration_of(std::string_view flag, std::string_view text) {
    const std::optional<milliseconds> time = base::parse_duration(text);
    if (!time) {
        throw UsageError{base::concat(flag, " ", base::quote(text), " ", base::no_duration)};
    }
    return *time;
}

} // namespace tickertape::cli
