// SPDX-License-Identifier: MIT
#include <tickertape/influx.hpp>

#include <random>
#include <utility>

#include <tickertape/name.hpp>

#include "base/concat.hpp"
#include "base/forks.hpp"
#include "point/influx_formatter.hpp"
#include "push/http_sender.hpp"
#include "push/tls_targets.hpp"

namespace tickertape {

namespace {

Targets check(Targets targets, const PushOptions& options) {
    push::check_http_options("Influx", options);
    if (targets.protocol() != Target::Protocol::influx) {
        throw UsageError{base::concat("Influx cannot push to ", targets.all().front().text(),
                                      "; its targets look like influx://host:8086/database")};
    }
    push::check_tls("Influx", targets, options.tls, options.credentials);
    return targets;
}

push::HttpOptions engine_options(const PushOptions& options) {
    return {.points_per_second = options.mps,
            .connections = options.connections,
            .request = {.dialect = push::HttpDialect::influx, .gzip = options.gzip, .credentials = options.credentials},
            .patience = options.answer_within,
            .dialer = {.make_stream = push::stream_factory(options.tls), .seed = std::random_device{}()}};
}

} // namespace

struct Influx::State : push::HttpSender<point::InfluxFormatter> {
    using HttpSender::HttpSender;
};

Targets Influx::with_database(std::string_view target, const PushOptions& options) {
    const bool is_whole = target.find("://") != std::string_view::npos;
    if (is_whole) {
        if (!options.database.empty()) {
            throw UsageError{"Influx has a target with a database, and another database in its options"};
        }
        return Targets{target};
    }
    if (options.database.empty()) {
        throw UsageError{"Influx needs the name of a database, as in {.database = \"metrics\"}"};
    }
    if (options.database.find_first_of("/:") != std::string::npos) {
        throw UsageError{"the database of Influx has a '/' or a ':', which are written %2F and %3A in a name"};
    }
    if (options.port == 0) {
        throw UsageError{"the port of Influx is 0; it is from 1 to 65535"};
    }
    const bool is_address = target.find(':') != std::string_view::npos && !target.starts_with('[');
    std::string text = base::concat("influx://", is_address ? "[" : "", target, is_address ? "]" : "");
    text.append(":").append(std::to_string(options.port)).append("/").append(options.database);
    return Targets{text};
}

Influx::Influx(Targets targets, const PushOptions& options)
    : state_{std::make_unique<State>(point::InfluxFormatter{options.host_tag.resolve()},
                                     check(std::move(targets), options), engine_options(options), options.patience)} {}
Influx::Influx(Influx&&) noexcept = default;
Influx& Influx::operator=(Influx&& other) noexcept {
    Influx{std::move(other)}.state_.swap(state_);
    return *this;
}
Influx::~Influx() { base::let_go(std::move(state_)); }

Outcome Influx::publish(std::span<const Point> points) { return state_->publish(points); }

bool Influx::flush(SteadyTime deadline) { return state_->flush(deadline); }

Account Influx::account() const { return state_->accounts()->now(); }

std::shared_ptr<stage::Ledger> Influx::accounts() const { return state_->accounts(); }

PushStatus Influx::status() const { return state_->status(); }

} // namespace tickertape
