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

namespace {

/// Returns whether two targets are the same server. An OpenTSDB accepts put lines and /api/put on one port; different paths may
/// be tenants.
bool is_same_server(const Target& one, const Target& other) {
    if (one.is_unix_socket() || other.is_unix_socket()) {
        return one == other;
    }
    const auto is_telnet = [](const Target& target) { return target.protocol() == Target::Protocol::telnet; };
    const auto is_tsd = [&](const Target& target) {
        return is_telnet(target) || target.protocol() == Target::Protocol::http ||
               target.protocol() == Target::Protocol::https;
    };
    return one == other || (is_tsd(one) && is_tsd(other) && one.host() == other.host() && one.port() == other.port() &&
                            (is_telnet(one) || is_telnet(other) || one.path() == other.path()));
}

} // namespace

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
            if (std::any_of(known.begin(), known.end(),
                            [&](const Target& other) { return is_same_server(target, other); })) {
                throw UsageError{base::concat("the target ", base::quote(target.text()),
                                              " belongs to two destinations, and would get each point twice")};
            }
        }
        known.insert(known.end(), copy.all().begin(), copy.all().end());
    }
}

std::string tag_of(const Targets& targets, std::set<std::string>& used) {
    const Target& first = targets.all().front();
    const std::string name =
        sanitize(first.is_unix_socket() ? first.path() : base::concat(first.host(), "_", first.port()));
    std::string tag = name;
    for (unsigned number = 2; !used.insert(tag).second; ++number) {
        tag = base::concat(name, "_", number);
    }
    return tag;
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
