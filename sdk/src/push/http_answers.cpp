// SPDX-License-Identifier: MIT
// HttpEngine: what follows from answers, and from connections that end.
#include <algorithm>
#include <iterator>
#include <utility>

#include "push/http_engine.hpp"

namespace tickertape::push {

void HttpEngine::answered(Lane& lane, const HttpAnswer& as_it_came) {
    HttpAnswer answer = as_it_came;
    if (const Credentials& credentials = options_.request.credentials; !credentials.empty()) {
        answer.body = credentials.censor(std::move(answer.body));
        answer.location = credentials.censor(std::move(answer.location));
    }
    PutWork work = std::exchange(lane.work, {});
    work.sent = Sent::answered;
    PutAnswer verdict = judge(answer, work.points, std::chrono::system_clock::now(), options_.request.dialect);
    BodySize& size = body_sizes_[lane.target];
    const bool is_vague = verdict.count(Fate::unsure) == work.points.size();
    if (verdict.verdict == Verdict::too_large && (lane.wire <= BodySize::least || work.points.size() == 1)) {
        // Nobody means that: it is something about these points.
        verdict.verdict = Verdict::judged;
        verdict.fates.assign(work.points.size(), Fate::unsure);
    } else if (verdict.verdict == Verdict::judged && is_vague && size.is_probe(lane.wire)) {
        verdict.verdict = Verdict::too_large; // perhaps, in words that are not known here
        size.unanswered(lane.wire);
    } else if (verdict.verdict == Verdict::too_large) {
        size.refused(lane.wire);
    } else if (verdict.verdict == Verdict::judged && !is_vague) {
        size.accepted(lane.wire);
    }
    if (verdict.verdict != Verdict::too_large) { // which is how a size is found out
        note(verdict.replies);
    }
    switch (verdict.verdict) {
    case Verdict::judged: judged(lane, std::move(work), verdict); break;
    case Verdict::too_large: waiting_.push_front(std::move(work)); break;
    case Verdict::later:
    case Verdict::refuses_all:
        waiting_.push_front(std::move(work));
        fail(lane, verdict.why, verdict.wish);
        break;
    }
    lane.is_retired = lane.is_retired || !answer.keeps_connection;
    sweep();
    pump();
}

void HttpEngine::judged(Lane& lane, PutWork work, const PutAnswer& answer) {
    const bool some_failed = answer.count(Fate::again) > 0;
    Ruling ruling = refusals_.rule(std::move(work), answer.fates);
    if (ruling.stored > 0) {
        dialer_.accepted(lane.target);
        const bool is_stored = options_.request.sync && answer.is_summary;
        dialer_.set_confirmation(lane.target, is_stored ? Confirmation::stored : Confirmation::parsed);
    }
    accounts_->ack(ruling.stored);
    std::size_t bytes = ruling.stored_bytes;
    if (!ruling.rejected.empty()) {
        accounts_->reject(ruling.rejected.size(), Reason::refused);
        bytes += ruling.rejected.text.size() + 1;
    }
    leave_room(bytes);
    waiting_.insert(waiting_.begin(), std::make_move_iterator(ruling.again.begin()),
                    std::make_move_iterator(ruling.again.end()));
    if (ruling.is_wholesale) {
        fail(lane, std::string{Refusals::wholesale()}.append("; ").append(answer.why));
    } else if (some_failed) {
        fail(lane, answer.why);
    }
}

void HttpEngine::ended(Lane& lane, HttpEnd end, std::string_view why) {
    lane.is_over = true;
    if (end != HttpEnd::idle) {
        lane.work.sent = end == HttpEnd::foreign ? Sent::answered : Sent::in_doubt;
        waiting_.push_front(std::exchange(lane.work, {}));
        BodySize& size = body_sizes_[lane.target];
        const bool said_nothing = end == HttpEnd::closed;
        if (said_nothing && size.is_probe(lane.wire)) {
            size.unanswered(lane.wire);
        } else if (said_nothing && lane.connection->answers() > 0) {
            // It had been open for long enough, as servers see it, when the request was on the way.
        } else if (end != HttpEnd::silent && has_proven_lane(lane.target)) {
            more_lanes_from_ = std::chrono::steady_clock::now() + without_more_lanes;
        } else {
            fail(lane, why);
        }
    }
    sweep();
    pump();
}

/// All lanes to its target get nothing more to do, and the target is left alone for a while.
void HttpEngine::fail(const Lane& lane, std::string_view why, std::optional<std::chrono::seconds> wish) {
    if (lane.is_retired) {
        return; // that has been said
    }
    const std::size_t target = lane.target;
    for (const auto& each : lanes_) {
        each->is_retired = each->is_retired || each->target == target;
    }
    dialer_.cancel(); // it may be on its way there, for one more connection
    dialer_.failed(target, why, wish);
}

bool HttpEngine::has_proven_lane(std::size_t target) const {
    return std::any_of(lanes_.begin(), lanes_.end(), [target](const auto& lane) {
        return !lane->is_over && !lane->is_retired && lane->target == target && lane->connection->answers() > 0;
    });
}

/// Removes lanes that are over.
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

void HttpEngine::note(const std::vector<ReplyCount>& replies) {
    if (replies.empty()) {
        return;
    }
    const std::lock_guard lock{mutex_};
    for (const ReplyCount& reply : replies) {
        const auto [known, is_new] = replies_.try_emplace(reply.kind, reply);
        known->second.count += is_new ? 0 : reply.count;
    }
}

void HttpEngine::leave_room(std::size_t bytes) {
    if (bytes > 0) {
        const std::lock_guard lock{mutex_};
        held_bytes_ -= bytes;
        changed_.notify_all();
    }
}

} // namespace tickertape::push
