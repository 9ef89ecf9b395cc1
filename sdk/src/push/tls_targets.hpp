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

/// Throws UsageError for a target that needs TLS if there is none, and for credentials that would go encrypted to one target and
/// unencrypted to another. `name` is that of the transmitter.
void check_tls(std::string_view name, const Targets& targets, const TlsLayer& tls, const Credentials& credentials);

/// Returns a factory of streams: with TLS for targets that use it, else plain ones.
[[nodiscard]] StreamFactory stream_factory(const TlsLayer& tls);

} // namespace tickertape::push
