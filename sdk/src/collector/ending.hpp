// SPDX-License-Identifier: MIT
/// \file
/// Ending: the message and the exit code for an exception that ends a collector.
#pragma once

#include <string>
#include <string_view>

#include <tickertape/collector.hpp>

#include "base/log.hpp"

namespace tickertape::collector {

struct Ending {
    Collector::ExitCode code = Collector::ExitCode::again;
    std::string sentence{}; ///< empty without an exception
};

/// Returns the ending for the exception that is being handled.
[[nodiscard]] Ending ending_of_current_exception();

/// Writes `NAME: SENTENCE` to stderr, in one line, unless messages of this level are left out.
void say(base::Level level, std::string_view name, std::string_view sentence);

} // namespace tickertape::collector
