// SPDX-License-Identifier: MIT
/// \file
/// Makes the engine of TsdHttp. `tickertape push` uses such an engine directly.
#pragma once

#include <tickertape/push_options.hpp>
#include <tickertape/target.hpp>

#include "push/http_engine.hpp"

namespace tickertape::push {

/// Throws UsageError like TsdHttp.
[[nodiscard]] Targets check_tsd_http(Targets targets, const PushOptions& options);
[[nodiscard]] HttpOptions http_options(const PushOptions& options);

} // namespace tickertape::push
