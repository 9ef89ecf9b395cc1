// SPDX-License-Identifier: MIT
#include <tickertape/tsd_http.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <random>
#include <string>
#include <utility>

#include <tickertape/name.hpp>

#include "push/http_engine.hpp"
#include "push/tls_streams.hpp"

namespace tickertape {

namespace {

constexpr std::uint32_t most_connections = 64;

detail::StreamFactory stream_factory(const TlsLayer& tls) {
    return [streams = tls.streams()](boost::asio::ip::tcp::socket socket, const Target& target) {
        return target.protocol() == Protocol::https ? streams->make(std::move(socket), target)
                                                    : detail::make_plain_stream(std::move(socket), target);
    };
}

detail::HttpOptions engine_options(const TsdHttpOptions& options) {
    if (options.patience < std::chrono::milliseconds{0}) {
        throw UsageError{"the patience of TsdHttp is negative; it is to be 0 or more"};
    }
    if (options.answer_within <= std::chrono::milliseconds{0}) {
        throw UsageError{"answer_within of TsdHttp is not positive"};
    }
    if (options.connections == 0 || options.connections > most_connections) {
        throw UsageError{"the connections of TsdHttp are to be 1 to 64"};
    }
    return {.points_per_second = options.mps,
            .connections = options.connections,
            .request = {.sync = options.sync, .gzip = options.gzip, .credentials = options.credentials},
            .patience = options.answer_within,
            .dialer = {.make_stream = stream_factory(options.tls), .seed = std::random_device{}()}};
}

Targets check(Targets targets, const TsdHttpOptions& options) {
    const auto is_https = [](const Target& target) { return target.protocol() == Protocol::https; };
    const auto& all = targets.all();
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

struct TsdHttp::State {
    State(Targets targets, const TsdHttpOptions& options)
        : patience{options.patience}, formatter{options.host_tag.resolve()},
          engine{check(std::move(targets), options), engine_options(options), accounts} {}

    /// Renders from `points` on until a batch is full. Returns how many points were looked at.
    std::size_t render(std::span<const Point> points, std::size_t first, detail::PutPoints& batch, Outcome& outcome);

    std::chrono::milliseconds patience;
    std::shared_ptr<Accounts> accounts = std::make_shared<Accounts>();
    detail::PutFormatter formatter;
    detail::HttpEngine engine;
};

std::size_t TsdHttp::State::render(std::span<const Point> points, std::size_t first, detail::PutPoints& batch,
                                   Outcome& outcome) {
    constexpr std::size_t most = detail::HttpEngine::most_bytes();
    std::array<char, detail::max_put_object> object; // NOLINT(*-member-init): filled by the formatter
    std::size_t next = first;
    for (; next < points.size() && batch.text.size() + detail::max_put_object < most; ++next) {
        const LineResult written = formatter.write(points[next], object.data());
        if (written.refused) {
            accounts->refuse(1, *written.refused);
            outcome.rejected.push_back({next, *written.refused});
        } else {
            batch.add({object.data(), written.size});
        }
    }
    return next - first;
}

TsdHttp::TsdHttp(Targets targets, const TsdHttpOptions& options)
    : state_{std::make_unique<State>(std::move(targets), options)} {}
TsdHttp::TsdHttp(TsdHttp&&) noexcept = default;
TsdHttp& TsdHttp::operator=(TsdHttp&&) noexcept = default;
TsdHttp::~TsdHttp() = default;

Outcome TsdHttp::publish(std::span<const Point> points) {
    Outcome outcome;
    const SteadyTime deadline = std::chrono::steady_clock::now() + state_->patience;
    while (outcome.retry_from < points.size() &&
           state_->engine.wait_for_room(detail::HttpEngine::most_bytes(), deadline)) {
        detail::PutPoints batch;
        outcome.retry_from += state_->render(points, outcome.retry_from, batch, outcome);
        if (!batch.empty()) {
            state_->engine.give(std::move(batch));
        }
    }
    return outcome;
}

bool TsdHttp::flush(SteadyTime deadline) { return state_->engine.flush(deadline); }

std::shared_ptr<Accounts> TsdHttp::accounts() const { return state_->accounts; }

PushStatus TsdHttp::status() const { return state_->engine.status(); }

} // namespace tickertape
