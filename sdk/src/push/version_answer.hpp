// SPDX-License-Identifier: MIT
/// \file
/// What the answer at /api/version says of a target.
#pragma once

#include "push/put_answer.hpp"

namespace tickertape::push {

/// Whether it is what an OpenTSDB says there. Never throws for what is in the answer.
[[nodiscard]] bool is_version_of_opentsdb(const HttpAnswer& answer);

} // namespace tickertape::push
