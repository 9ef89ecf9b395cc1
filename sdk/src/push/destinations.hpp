// SPDX-License-Identifier: MIT
/// \file
/// Destinations: a queue and a push end for each destination. Every destination gets every point.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tickertape/buffered.hpp>
#include <tickertape/push_options.hpp>
#include <tickertape/push_status.hpp>
#include <tickertape/target.hpp>
#include <tickertape/transmitter.hpp>

namespace tickertape::push {

/// Parses a value of `--copy-to`: `new:4242`, or `new1:4242,new2:4242`, the second for fail-over. Throws UsageError.
[[nodiscard]] Targets copy_of(std::string_view text);

/// Throws UsageError for a target in two destinations, because it would get each point twice.
void check_distinct(const Targets& first, std::span<const Targets> copies);

/// Returns the targets of a destination as the value of a tag: `tsd1_4242`, or `tsd1_4242_2` if `used` contains that; of a Unix
/// socket its path. Adds the value to `used`.
[[nodiscard]] std::string tag_of(const Targets& targets, std::set<std::string>& used);

/// The settings of one destination.
struct Destination {
    Targets targets;
    PushOptions push{};
    BufferedOptions queue{}; ///< a spool without a name is named after the targets
};

/// A queue for each destination, with its push end behind it, and the status of each.
struct Destinations {
    struct Each {
        Targets targets;
        std::shared_ptr<stage::Ledger> accounts;
        std::function<PushStatus()> status; ///< valid while the transmitter lives; may be called from any thread
    };

    AnyTransmitter transmitter; ///< accepts at once; a Tee if there are several
    std::vector<Each> all;      ///< in the given order
};

/// Throws UsageError if there is no destination, if options do not fit, and if one of several queues has Overflow::block.
[[nodiscard]] Destinations make_destinations(std::vector<Destination> wanted);

} // namespace tickertape::push
