// SPDX-License-Identifier: MIT
/// \file
/// `/api/put` and `/api/version`, as each personality answers them.
#pragma once

#include <memory>

#include <testkit/fake_tsd_session.hpp>

namespace tickertape::testkit {

[[nodiscard]] std::unique_ptr<Protocol> make_http(Personality personality);

} // namespace tickertape::testkit
