// SPDX-License-Identifier: MIT
/// \file
/// The common part of transmitters to targets with and without TLS.
#pragma once

#include <string_view>

#include <tickertape/credentials.hpp>
#include <tickertape/target.hpp>
#include <tickertape/tls_layer.hpp>

#include "push/stream.hpp"

namespace tickertape::push {

/// Refuses targets that need TLS where there is none, and credentials that would be sent in the clear to one of the targets
/// and not to another. `name` is the transmitter's.
void check_tls(std::string_view name, const Targets& targets, const TlsLayer& tls, const Credentials& credentials);

/// Streams with TLS to the targets that use it, plain ones to the others.
[[nodiscard]] StreamFactory stream_factory(const TlsLayer& tls);

} // namespace tickertape::push
