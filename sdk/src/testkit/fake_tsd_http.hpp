// SPDX-License-Identifier: MIT
/// \file
/// `/api/put` and `/api/version`, with the answers of each personality.
#pragma once

#include <memory>

#include <testkit/fake_tsd_session.hpp>

namespace tickertape::testkit {

[[nodiscard]] std::unique_ptr<Protocol> make_http(Personality personality);

} // namespace tickertape::testkit
