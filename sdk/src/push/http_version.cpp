// SPDX-License-Identifier: MIT
// HttpEngine: asks a target whether it is an OpenTSDB.
#include "push/http_engine.hpp"
#include "push/version_answer.hpp"

namespace tickertape::push {

namespace {

// A target that did not answer is asked again later: it may have been about to stop.
constexpr std::chrono::minutes between_questions{1};

/// Returns whether the target may answer differently later: it is overloaded, or needs other credentials.
bool is_passing(unsigned status) noexcept {
    constexpr unsigned unauthorized = 401;
    constexpr unsigned forbidden = 403;
    constexpr unsigned timed_out = 408;
    constexpr unsigned too_many = 429;
    return status == unauthorized || status == forbidden || status == timed_out || status == too_many || status >= 500;
}

} // namespace

/// Asks for the version, as the first request on a connection. Points wait for the answer for a short time. Then they take
/// another connection, and the answer may still come. Returns false if there is nothing to ask.
bool HttpEngine::ask_version(Lane& lane) {
    Version& version = versions_[lane.target];
    const SteadyTime now = std::chrono::steady_clock::now();
    if (!options_.asks_version || version.is_known || now < version.ask_from) {
        return false;
    }
    std::string request = version_request(dialer_.target(lane.target), options_.request.credentials);
    if (request.empty()) {
        return false;
    }
    version.ask_from = now + between_questions;
    lane.awaits_version = true;
    lane.connection->send({request.begin(), request.end()}, options_.version_patience);
    is_held_for_version_ = true;
    version_timer_.expires_after(options_.version_hold);
    version_timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error) {
            is_held_for_version_ = false;
            pump();
        }
    });
    return true;
}

void HttpEngine::version_answered(Lane& lane, const HttpAnswer& answer) {
    Version& version = versions_[lane.target];
    version.is_known = !is_passing(answer.status);
    version.is_opentsdb = is_version_of_opentsdb(answer);
    heads_[lane.target] = head_of(lane.target);
    lane.is_retired = lane.is_retired || !answer.keeps_connection;
    lane.has_told_version = true;
    version_settled(lane);
}

/// Ends the wait of points: there is an answer, or the connection is over.
void HttpEngine::version_settled(Lane& lane) {
    lane.awaits_version = false;
    is_held_for_version_ = false;
    version_timer_.cancel();
    sweep();
    pump();
}

} // namespace tickertape::push
