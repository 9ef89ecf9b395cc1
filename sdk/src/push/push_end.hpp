// SPDX-License-Identifier: MIT
/// \file
/// PushEnd: the transmitter for a target's protocol.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include <tickertape/push_options.hpp>
#include <tickertape/push_status.hpp>
#include <tickertape/spool_options.hpp>
#include <tickertape/target.hpp>
#include <tickertape/transmitter.hpp>

namespace tickertape::push {

/// A transmitter with accounts, and a function for its status.
struct PushEnd {
    std::unique_ptr<Transmitter> transmitter;
    std::function<PushStatus()> status; ///< of the transmitter; may be called from any thread
};

/// Throws UsageError when the targets need TLS and `options` have none.
[[nodiscard]] PushEnd make_push_end(Targets targets, const PushOptions& options);

/// Returns the options with defaults that follow from the targets.
[[nodiscard]] SpoolOptions spool_for(SpoolOptions options, const Targets& targets);

/// The error when no target answers.
struct Unreachable {
    std::string sentence;  ///< all targets with their reasons
    std::error_code error; ///< the error of the last target
};

/// Tries to connect to one of the targets, each for at most `patience`. Returns nothing if one answers.
[[nodiscard]] std::optional<Unreachable> find_unreachable(const Targets& targets, std::chrono::milliseconds patience);

} // namespace tickertape::push
