// SPDX-License-Identifier: MIT
#include "push/destinations.hpp"

#include <algorithm>
#include <utility>

#include <tickertape/name.hpp>
#include <tickertape/tee.hpp>

#include "base/concat.hpp"
#include "base/quote.hpp"
#include "push/push_end.hpp"

namespace tickertape::push {

Targets copy_of(std::string_view text) {
    std::vector<Target> targets;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(',', at), text.size());
        targets.emplace_back(text.substr(at, end - at));
        at = end + 1;
    }
    return Targets{std::move(targets)};
}

void check_distinct(const Targets& first, std::span<const Targets> copies) {
    std::vector<Target> known = first.all();
    for (const Targets& copy : copies) {
        for (const Target& target : copy.all()) {
            if (std::find(known.begin(), known.end(), target) != known.end()) {
                throw UsageError{base::concat("the target ", base::quote(target.text()),
                                              " belongs to two destinations, and would get each point twice")};
            }
        }
        known.insert(known.end(), copy.all().begin(), copy.all().end());
    }
}

std::string tag_of(const Targets& targets) {
    const Target& first = targets.all().front();
    return sanitize(base::concat(first.host(), "_", first.port()));
}

Destinations make_destinations(std::vector<Destination> wanted) {
    std::vector<AnyTransmitter> queues;
    std::vector<Destinations::Each> all;
    for (Destination& each : wanted) {
        each.queue.spool = spool_for(std::move(each.queue.spool), each.targets);
        PushEnd end = make_push_end(each.targets, each.push);
        queues.emplace_back(Buffered{AnyTransmitter{std::move(end.transmitter)}, each.queue});
        all.push_back({.targets = std::move(each.targets),
                       .accounts = queues.back().accounts(),
                       .status = std::move(end.status)});
    }
    AnyTransmitter transmitter =
        queues.size() == 1 ? std::move(queues.front()) : AnyTransmitter{Tee{std::move(queues)}};
    return {.transmitter = std::move(transmitter), .all = std::move(all)};
}

} // namespace tickertape::push
