// SPDX-License-Identifier: MIT
/// \file
/// Destinations: queues and push ends of all who get every point.
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

/// What `--copy-to` takes: `new:4242`, or `new1:4242,new2:4242`, the second for fail-over. Throws UsageError.
[[nodiscard]] Targets copy_of(std::string_view text);

/// Throws UsageError for a target that belongs to two destinations, as it would get each point twice.
void check_distinct(const Targets& first, std::span<const Targets> copies);

/// The targets of a destination as the value of a tag: `tsd1_4242`, or `tsd1_4242_2` if `used` has that. Adds it there.
[[nodiscard]] std::string tag_of(const Targets& targets, std::set<std::string>& used);

/// One of those who get every point.
struct Destination {
    Targets targets;
    PushOptions push{};
    BufferedOptions queue{}; ///< with a spool, named after the targets unless it has a name
};

/// A queue for each destination, with its push end behind it, and how each is doing.
struct Destinations {
    struct Each {
        Targets targets;
        std::shared_ptr<stage::Ledger> accounts;
        std::function<PushStatus()> status; ///< while the transmitter lives; from any thread
    };

    AnyTransmitter transmitter; ///< takes at once; a Tee if there are several
    std::vector<Each> all;      ///< in the order in which they were given
};

/// Throws UsageError if there is none, options do not fit, or a queue of several has Overflow::block.
[[nodiscard]] Destinations make_destinations(std::vector<Destination> wanted);

} // namespace tickertape::push
