// SPDX-License-Identifier: MIT
/// \file
/// The telnet form of the put protocol, with the behaviour of each personality.
#pragma once

#include <memory>
#include <string_view>

#include <testkit/fake_tsd_session.hpp>

namespace tickertape::testkit {

enum class Spoken : std::uint8_t { unknown, telnet, http };

/// Returns the protocol of a connection that begins with these bytes; `unknown` if there are too few bytes.
[[nodiscard]] Spoken protocol_of(std::string_view begin, Personality personality);

[[nodiscard]] std::unique_ptr<Protocol> make_telnet(Personality personality);

} // namespace tickertape::testkit
