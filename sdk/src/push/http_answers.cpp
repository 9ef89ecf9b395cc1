// SPDX-License-Identifier: MIT
// HttpEngine: the answers, and connections that end.
#include <algorithm>
#include <iterator>
#include <utility>

#include "base/concat.hpp"
#include "push/http_engine.hpp"
#include "stage/ledger.hpp"

namespace tickertape::push {

namespace {

// After this number of refused single points in a row, without an accepted one, a target's refusals are not trusted any more. It
// is treated like a target that has accepted nothing so far.
constexpr unsigned believed_in_a_row = 100;
// The wait between two tries of new points at a target that has refused everything.
constexpr std::chrono::seconds a_second{1};
// The first wait before a credentials file is read again.
constexpr std::chrono::seconds first_auth_wait{1};
constexpr std::chrono::seconds last_auth_wait{15};

} // namespace

void HttpEngine::answered(Lane& lane, const HttpAnswer& as_it_came) {
    if (lane.awaits_version) {
        version_answered(lane, as_it_came);
        return;
    }
    HttpAnswer answer = as_it_came;
    if (const Credentials& credentials = options_.request.credentials; !credentials.empty()) {
        answer.body = credentials.censor(std::move(answer.body));
        answer.location = credentials.censor(std::move(answer.location));
    }
    PutWork work = std::exchange(lane.work, {});
    work.sent = Sent::answered;
    PutAnswer parsed = read_answer(answer, work.points, std::chrono::system_clock::now(), options_.request.dialect);
    BodySize& size = body_sizes_[lane.target];
    const bool is_vague = parsed.count(PointResult::unsure) == work.points.size();
    if (parsed.kind == AnswerKind::too_large && (lane.wire <= BodySize::least || work.points.size() == 1)) {
        // A wait for these points alone makes no sense, so the answer is about them.
        parsed.kind = AnswerKind::per_point;
        parsed.results.assign(work.points.size(), PointResult::unsure);
    } else if (parsed.kind == AnswerKind::per_point && is_vague && size.is_probe(lane.wire)) {
        parsed.kind = AnswerKind::too_large; // the server may report the size in unknown words
        size.unanswered(lane.wire);
    } else if (parsed.kind == AnswerKind::too_large) {
        size.refused(lane.wire);
    } else if (parsed.kind == AnswerKind::per_point && !is_vague) {
        size.accepted(lane.wire);
    }
    if (asks_without_zip(lane, work, parsed, answer.status)) {
        waiting_.push_front(std::move(work));
        lane.is_retired = lane.is_retired || !answer.keeps_connection;
        sweep();
        pump();
        return;
    }
    if (parsed.kind != AnswerKind::too_large) { // the size of a body is found by such answers
        note(parsed.replies);
    }
    switch (parsed.kind) {
    case AnswerKind::per_point: judged(lane, std::move(work), parsed); break;
    case AnswerKind::too_large: waiting_.push_front(std::move(work)); break;
    case AnswerKind::later:
    case AnswerKind::refuses_all: failed(lane, std::move(work), parsed); break;
    }
    lane.is_retired = lane.is_retired || !answer.keeps_connection;
    sweep();
    pump();
}

/// Returns whether to send the work again uncompressed, because the target may not support compression. That is tried once, at a
/// target that has accepted nothing so far.
bool HttpEngine::asks_without_zip(const Lane& lane, const PutWork& work, const PutAnswer& answer, unsigned status) {
    constexpr unsigned unsupported = 415;
    Zip& zip = zips_[lane.target];
    const bool names_none = answer.kind == AnswerKind::per_point && !answer.is_summary && !answer.is_from_storage &&
                            answer.count(PointResult::unsure) == work.points.size();
    const bool is_vague = status == unsupported || names_none;
    const bool was_zipped = lane.is_zipped;
    const Zip before = zip;
    if (zip == Zip::as_asked && is_vague && acks_[lane.target] == 0) {
        zip = Zip::asked_without;
    } else if (zip == Zip::asked_without && !was_zipped && (is_vague || answer.kind == AnswerKind::per_point)) {
        zip = is_vague ? Zip::always : Zip::never; // compression was not the reason; or it was
    }
    if (zip != before) {
        heads_[lane.target] = head_of(lane.target);
    }
    return was_zipped && is_vague && zip == Zip::asked_without;
}

std::string HttpEngine::head_of(std::size_t target) const {
    PutRequestOptions options = options_.request;
    options.gzip = is_zipped(target);
    options.sync = is_synced(target);
    return put_request_head(dialer_.target(target), options);
}

/// Handles an answer by which the target accepts nothing now, accepts nothing from us, or fails.
void HttpEngine::failed(Lane& lane, PutWork work, const PutAnswer& answer) {
    bool is_of_the_points = false;
    if (answer.is_own_error) {
        work.trouble.failed(acks_[lane.target]);
        is_of_the_points = work.trouble.is_of_the_points() || (work.is_probe() && acks_[lane.target] > 0);
    }
    if (work.is_probe()) {
        put_back(work, true);
    } else if (work.trouble.failures() > 1) {
        repeat_later(std::move(work), lane.target);
    } else {
        waiting_.push_front(std::move(work));
    }
    if (is_of_the_points) {
        return;
    }
    std::optional<std::chrono::seconds> retry_after = answer.retry_after;
    if (answer.is_unauthorized && options_.request.credentials.is_from_file()) {
        // The credentials file may be replaced at any time.
        is_unauthorized_ = true;
        auth_wait_ = std::min(std::max(auth_wait_ * 2, first_auth_wait), last_auth_wait);
        retry_after = auth_wait_;
    }
    fail(lane, answer.why, retry_after);
}

void HttpEngine::renew_credentials() {
    if (std::exchange(is_unauthorized_, false)) {
        options_.request.credentials = options_.request.credentials.read_again();
        for (std::size_t i = 0; i < heads_.size(); ++i) {
            heads_[i] = head_of(i);
        }
    }
}

void HttpEngine::judged(Lane& lane, PutWork work, const PutAnswer& answer) {
    const bool some_failed = answer.count(PointResult::again) > 0;
    const bool is_proven = answer.is_from_storage || (acks_[lane.target] > 0 && refused_in_a_row_ < believed_in_a_row);
    if (work.is_probe()) {
        settle_probe(work, answer.results.front(), lane.target);
        if (some_failed) {
            fail(lane, answer.why);
        }
        return;
    }
    if (answer.count(PointResult::stored) > 0) {
        took_some(lane.target, work.points, answer.results);
        const bool is_stored = is_synced(lane.target) && answer.is_summary;
        dialer_.set_confirmation(lane.target,
                                 is_stored ? PushStatus::Confirmation::stored : PushStatus::Confirmation::parsed);
        const bool is_influx = options_.request.dialect == HttpDialect::influx;
        accounts_->set_may_lose_acked(
            is_influx || (answer.is_summary && !is_stored)); // true for an InfluxDB, and for an OpenTSDB without sync
    } else if (work.points.size() == 1) {
        ++refused_in_a_row_;
    }
    Settlement settlement = refusals_.settle(std::move(work), answer.results, is_proven);
    accounts_->ack(settlement.stored);
    outbox_.leave_room(settlement.stored_bytes);
    reject(std::move(settlement.rejected));
    set_all_aside(settlement.unknown);
    if (settlement.is_wholesale) {
        suspend(std::move(settlement.again));
        fail(lane, base::concat(Refusals::wholesale(), "; ", answer.why), a_second);
        return;
    }
    if (!suspended_.empty()) {
        scout_at_ = std::chrono::steady_clock::now(); // the last scout was not refused
    }
    waiting_.insert(waiting_.begin(), std::make_move_iterator(settlement.again.begin()),
                    std::make_move_iterator(settlement.again.end()));
    if (some_failed) {
        fail(lane, answer.why);
    }
}

void HttpEngine::ended(Lane& lane, HttpEnd end, std::string_view why) {
    lane.is_over = true;
    if (lane.awaits_version) {
        version_settled(lane);
        return;
    }
    if (end != HttpEnd::idle) {
        PutWork work = std::exchange(lane.work, {});
        work.sent = end == HttpEnd::foreign ? Sent::answered : Sent::in_doubt;
        work.trouble.failed(acks_[lane.target]);
        const Trouble trouble = work.trouble;
        const bool is_of_the_points = trouble.is_of_the_points() || (work.is_probe() && acks_[lane.target] > 0);
        BodySize& size = body_sizes_[lane.target];
        const bool said_nothing = end == HttpEnd::closed;
        const bool is_probe_of_size = said_nothing && size.is_probe(lane.wire);
        if (!is_probe_of_size && trouble.failures() > 1 && !trouble.is_of_the_points()) {
            size.hung_up();
        }
        if (work.is_probe()) {
            put_back(work, true);
        } else if (trouble.failures() > 1) {
            repeat_later(std::move(work), lane.target);
        } else {
            waiting_.push_front(std::move(work));
        }
        if (is_probe_of_size) {
            size.unanswered(lane.wire);
        } else if (is_of_the_points || (said_nothing && lane.is_proven())) {
            // The target accepts other requests; or this connection was old enough for the server to close it while the request
            // was on its way.
        } else if (end != HttpEnd::silent && has_proven_lane(lane.target)) {
            more_lanes_from_ = std::chrono::steady_clock::now() + without_more_lanes;
        } else {
            fail(lane, why);
        }
    }
    sweep();
    pump();
}

/// Gives no more work to the lanes of this target, and does not try the target for a while.
void HttpEngine::fail(const Lane& lane, std::string_view why, std::optional<std::chrono::seconds> retry_after) {
    if (lane.is_retired) {
        return; // this failure is reported already
    }
    const std::size_t target = lane.target;
    for (const auto& each : lanes_) {
        each->is_retired = each->is_retired || each->target == target;
    }
    dialer_.cancel(); // a dial for one more connection to this target may be in progress
    dialer_.failed(target, why, retry_after);
}

bool HttpEngine::has_proven_lane(std::size_t target) const {
    return std::any_of(lanes_.begin(), lanes_.end(), [target](const auto& lane) {
        return !lane->is_over && !lane->is_retired && lane->target == target && lane->is_proven();
    });
}

/// Removes the lanes that are over.
void HttpEngine::sweep() {
    for (std::size_t i = lanes_.size(); i-- > 0;) {
        const Lane& lane = *lanes_[i];
        if (!lane.is_over && (!lane.is_retired || lane.connection->is_waiting())) {
            continue;
        }
        lane.connection->close();
        const std::size_t target = lane.target;
        lanes_.erase(lanes_.begin() + static_cast<std::ptrdiff_t>(i));
        if (std::none_of(lanes_.begin(), lanes_.end(),
                         [target](const auto& other) { return other->target == target; })) {
            dialer_.closed(target);
        }
    }
}

void HttpEngine::note(const std::vector<PushStatus::Reply>& replies) {
    if (replies.empty()) {
        return;
    }
    const std::lock_guard lock{mutex_};
    for (const PushStatus::Reply& reply : replies) {
        const auto [known, is_new] = replies_.try_emplace(reply.kind, reply);
        known->second.count += is_new ? 0 : reply.count;
    }
}

} // namespace tickertape::push
