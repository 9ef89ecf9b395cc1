// SPDX-License-Identifier: MIT
/// \file
/// Sent: the state of points that were sent.
#pragma once

#include <cstdint>

namespace tickertape::push {

/// Whether a receiver may have got points.
enum class Sent : std::uint8_t {
    never,    ///< not sent, or it said that it did not take them
    answered, ///< it answered, and did not acknowledge them
    in_doubt, ///< it did not answer
};

} // namespace tickertape::push
