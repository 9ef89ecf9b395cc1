// SPDX-License-Identifier: MIT
#include <tickertape/tsd_http.hpp>

#include <random>
#include <string>
#include <utility>

#include <tickertape/name.hpp>

#include "base/concat.hpp"
#include "base/forks.hpp"
#include "push/http_sender.hpp"
#include "push/tls_targets.hpp"
#include "push/tsd_http_engine.hpp"

namespace tickertape {

push::HttpOptions push::http_options(const PushOptions& options) {
    return {.points_per_second = options.mps,
            .connections = options.connections,
            .request = {.sync = options.sync.value_or(false), .gzip = options.gzip, .credentials = options.credentials},
            .asks_version = !options.sync,
            .patience = options.answer_within,
            .dialer = {.make_stream = stream_factory(options.tls), .seed = std::random_device{}()}};
}

Targets push::check_tsd_http(Targets targets, const PushOptions& options) {
    check_http_options("TsdHttp", options);
    if (targets.protocol() != Target::Protocol::http) {
        throw UsageError{base::concat("TsdHttp cannot push to ", targets.all().front().text(),
                                      "; its targets look like http://host:4242/api/put")};
    }
    check_tls("TsdHttp", targets, options.tls, options.credentials);
    return targets;
}

struct TsdHttp::State : push::HttpSender<push::PutFormatter> {
    using HttpSender::HttpSender;
};

TsdHttp::TsdHttp(Targets targets, const PushOptions& options)
    : state_{std::make_unique<State>(push::PutFormatter{options.host_tag.resolve()},
                                     push::check_tsd_http(std::move(targets), options), push::http_options(options),
                                     options.patience)} {}
TsdHttp::TsdHttp(TsdHttp&&) noexcept = default;
TsdHttp& TsdHttp::operator=(TsdHttp&& other) noexcept {
    TsdHttp{std::move(other)}.state_.swap(state_);
    return *this;
}
TsdHttp::~TsdHttp() { base::let_go(std::move(state_)); }

Outcome TsdHttp::publish(std::span<const Point> points) { return state_->publish(points); }

bool TsdHttp::flush(SteadyTime deadline) { return state_->flush(deadline); }

Account TsdHttp::account() const { return state_->accounts()->now(); }

std::shared_ptr<stage::Ledger> TsdHttp::accounts() const { return state_->accounts(); }

PushStatus TsdHttp::status() const { return state_->status(); }

} // namespace tickertape
