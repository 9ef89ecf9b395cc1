// SPDX-License-Identifier: MIT
#include <tickertape/tsd_http.hpp>

#include <algorithm>
#include <random>
#include <string>
#include <utility>

#include <tickertape/name.hpp>

#include "push/http_sender.hpp"
#include "push/tls_streams.hpp"

namespace tickertape {

namespace {

detail::StreamFactory stream_factory(const TlsLayer& tls) {
    return [streams = tls.streams()](boost::asio::ip::tcp::socket socket, const Target& target) {
        return target.protocol() == Protocol::https ? streams->make(std::move(socket), target)
                                                    : detail::make_plain_stream(std::move(socket), target);
    };
}

detail::HttpOptions engine_options(const TsdHttpOptions& options) {
    return {.points_per_second = options.mps,
            .connections = options.connections,
            .request = {.sync = options.sync, .gzip = options.gzip, .credentials = options.credentials},
            .patience = options.answer_within,
            .dialer = {.make_stream = stream_factory(options.tls), .seed = std::random_device{}()}};
}

Targets check(Targets targets, const TsdHttpOptions& options) {
    const auto is_https = [](const Target& target) { return target.protocol() == Protocol::https; };
    const auto& all = targets.all();
    detail::check_http_options("TsdHttp", options);
    if (targets.protocol() != Protocol::http && targets.protocol() != Protocol::https) {
        std::string sentence{"TsdHttp cannot push to "};
        throw UsageError{
            sentence.append(all.front().text()).append("; its targets look like http://host:4242/api/put")};
    }
    const auto https = std::find_if(all.begin(), all.end(), is_https);
    if (https != all.end() && options.tls.empty()) {
        std::string sentence{"the target "};
        throw UsageError{
            sentence.append(https->text())
                .append(" needs TLS: link tickertape::tls and give TsdHttp its tls(), as in {.tls = tls()}")};
    }
    if (!options.credentials.empty() && https != all.end() && !std::all_of(all.begin(), all.end(), is_https)) {
        throw UsageError{
            "there are credentials for targets of https and of http, and what is meant for the one would be "
            "sent in the clear to the other"};
    }
    return targets;
}

} // namespace

struct TsdHttp::State : detail::HttpSender<detail::PutFormatter> {
    using HttpSender::HttpSender;
};

TsdHttp::TsdHttp(Targets targets, const TsdHttpOptions& options)
    : state_{std::make_unique<State>(detail::PutFormatter{options.host_tag.resolve()},
                                     check(std::move(targets), options), engine_options(options), options.patience)} {}
TsdHttp::TsdHttp(TsdHttp&&) noexcept = default;
TsdHttp& TsdHttp::operator=(TsdHttp&&) noexcept = default;
TsdHttp::~TsdHttp() = default;

Outcome TsdHttp::publish(std::span<const Point> points) { return state_->publish(points); }

bool TsdHttp::flush(SteadyTime deadline) { return state_->flush(deadline); }

std::shared_ptr<Accounts> TsdHttp::accounts() const { return state_->accounts(); }

PushStatus TsdHttp::status() const { return state_->status(); }

} // namespace tickertape
