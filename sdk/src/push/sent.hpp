// SPDX-License-Identifier: MIT
/// \file
/// Sent: the state of points that were sent.
#pragma once

#include <cstdint>

namespace tickertape::push {

/// Whether a receiver may have received points.
enum class Sent : std::uint8_t {
    never,    ///< not sent, or the receiver answered that it does not accept them
    answered, ///< the receiver answered, and did not acknowledge them
    in_doubt, ///< the receiver did not answer
};

} // namespace tickertape::push
