// SPDX-License-Identifier: MIT
/// \file
/// Recognizes an OpenTSDB by its answer at /api/version.
#pragma once

#include "push/put_answer.hpp"

namespace tickertape::push {

/// Returns whether the answer comes from an OpenTSDB. Never throws, whatever the answer contains.
[[nodiscard]] bool is_version_of_opentsdb(const HttpAnswer& answer);

} // namespace tickertape::push
