// SPDX-License-Identifier: MIT
#include "push/http_engine.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <iterator>
#include <utility>

#include "base/threads.hpp"
#include "push/run_for_good.hpp"
#include "stage/ledger.hpp"

namespace tickertape::push {

using boost::system::error_code;

namespace {

// Smaller bodies show too little of how well points can be compressed.
constexpr std::size_t telling_text = 4096;
constexpr double first_guess = 0.25;

bool is_on_this_machine(const Target& target) {
    error_code error;
    const auto address = boost::asio::ip::make_address(target.host(), error);
    return error ? target.host() == "localhost" : address.is_loopback();
}

} // namespace

HttpEngine::HttpEngine(Targets targets, HttpOptions options, std::shared_ptr<stage::Ledger> accounts)
    : options_{std::move(options)}, most_points_{RateLimit{options_.points_per_second}.most_at_once()},
      accounts_{std::move(accounts)}, dialer_{context_, std::move(targets), options_.dialer},
      rate_{options_.points_per_second}, rate_timer_{context_}, body_sizes_(dialer_.size()), acks_(dialer_.size()),
      zips_(dialer_.size(), options_.request.gzip ? Zip::as_asked : Zip::never), versions_(dialer_.size()),
      version_timer_{context_}, packer_{options_.request.gzip, options_.request.dialect},
      plain_packer_{false, options_.request.dialect}, wire_per_text_{options_.request.gzip ? first_guess : 1},
      outbox_{context_,
              {.window = options_.window,
               .quarantine = options_.quarantine,
               .pump = [this] { pump(); },
               .wants_look = [this] { return !suspended_.empty(); }},
              accounts_} {
    for (std::size_t i = 0; i < dialer_.size(); ++i) {
        if (options_.request.gzip && options_.spares_gzip && is_on_this_machine(dialer_.target(i))) {
            zips_[i] = Zip::spared;
            wire_per_text_ = 1;
        }
        heads_.push_back(head_of(i));
    }
    dialer_.on_away([this] { pump(); });
    thread_ = base::make_quiet_thread("tt-push-http", [this] { run_for_good(context_); });
}

HttpEngine::~HttpEngine() {
    boost::asio::post(context_, [this] {
        dialer_.cancel();
        accounts_->drop(refusals_.held(), Account::Loss::shutdown);
        for (const auto& lane : lanes_) {
            if (lane->connection->is_waiting() && lane->work.is_probe()) {
                accounts_->reject(1, Reason::refused); // the series of this probe was in quarantine
            } else if (lane->connection->is_waiting() && lane->work.sent == Sent::answered) {
                accounts_->drop(lane->work.points.size(),
                                Account::Loss::shutdown); // the server answered that it does not accept them
            } else if (lane->connection->is_waiting()) {
                accounts_->unconfirm(lane->work.points.size());
            }
            lane->connection->close();
        }
        lanes_.clear();
        outbox_.reject_all();
        for (const auto* list : {&waiting_, &suspended_}) {
            for (const PutWork& work : *list) {
                if (work.is_probe()) {
                    accounts_->reject(1, Reason::refused);
                } else if (work.sent == Sent::in_doubt) {
                    accounts_->unconfirm(work.points.size());
                } else {
                    accounts_->drop(work.points.size(), Account::Loss::shutdown);
                }
            }
        }
        for (const PutPoints& points : outbox_.take_given()) {
            accounts_->drop(points.size(), Account::Loss::shutdown);
        }
        context_.stop();
    });
    thread_.join();
}

void HttpEngine::give(PutPoints points) {
    const std::size_t number = points.size();
    const std::size_t bytes = points.text.size() + 1; // one more for a separator, so that the sizes of parts add up
    outbox_.give(std::move(points), number, bytes);
}

PushStatus HttpEngine::status() const {
    PushStatus status{.targets = dialer_.status(), .tried_again = tried_again_};
    status.first_refused = outbox_.first_refused();
    const std::lock_guard lock{mutex_};
    for (const auto& [kind, reply] : replies_) {
        status.replies.push_back(reply);
    }
    return status;
}

void HttpEngine::fetch() {
    std::deque<PutPoints> given = outbox_.take_given();
    for (PutPoints& points : given) {
        if (!outbox_.quarantine().empty()) {
            set_aside_held(points);
        }
        if (!points.empty()) {
            waiting_.push_back({.points = std::move(points)});
        }
    }
}

/// Puts work that is due at the front of `waiting_`. Returns whether there is any.
bool HttpEngine::find_work() {
    probe_is_next_ = !probe_is_next_;
    if ((probe_is_next_ || waiting_.empty()) && add_probe()) {
        return true;
    }
    if (waiting_.empty() && !suspended_.empty() && scout_at_ <= std::chrono::steady_clock::now()) {
        // One point is enough to see whether the target accepts points again.
        PutWork& first = suspended_.front();
        waiting_.push_back({.points = first.points.take_front(1), .sent = first.sent});
        if (first.points.empty()) {
            suspended_.pop_front();
        }
        scout_at_ = SteadyTime::max(); // until the answer
    } else if (!suspended_.empty() && waiting_.size() > 1) {
        // Starts with the newest points: they show best whether the target accepts any.
        waiting_.push_front(std::move(waiting_.back()));
        waiting_.pop_back();
    }
    return !waiting_.empty();
}

/// Does everything that can be done now.
void HttpEngine::pump() {
    const bool has_lane = std::any_of(lanes_.begin(), lanes_.end(), [](const auto& lane) { return !lane->is_retired; });
    outbox_.set_connected(has_lane || !dialer_.is_failing());
    if (!has_lane && outbox_.is_awaited()) {
        dial_if_useful();
    }
    fetch();
    if (!has_lane && dialer_.is_away()) {
        give_back();
    }
    while (!is_held_for_version_ && find_work()) {
        Lane* const lane = idle_lane();
        if (lane == nullptr) {
            dial_if_useful();
            return;
        }
        const std::size_t points = points_at_once();
        if (!may_send_now(points)) {
            return;
        }
        send(*lane, points);
    }
}

/// Gives points back that are in a spool. Points that failed stay, because their number of failures would be lost.
void HttpEngine::give_back() {
    std::erase_if(waiting_, [this](const PutWork& work) {
        const bool may_go = !work.is_probe() && work.kind == PutWork::Kind::fresh && work.trouble.failures() == 0 &&
                            work.points.receipts.may_be_given_back();
        if (may_go) {
            outbox_.give_back(work.points.size(), work.points.text.size() + 1, work.points.receipts, work.sent);
        }
        return may_go;
    });
}

/// Returns the most points of the next request. The rate limit is asked for the same number.
std::size_t HttpEngine::points_at_once() const {
    if (rate_.unlimited()) {
        return most_points_;
    }
    std::size_t points = 0;
    for (auto next = waiting_.begin(); next != waiting_.end() && points < most_points_; ++next) {
        points += next->points.size();
    }
    return std::min(points, most_points_);
}

HttpEngine::Lane* HttpEngine::idle_lane() {
    const SteadyTime now = std::chrono::steady_clock::now();
    for (const auto& lane : lanes_) {
        if (!lane->is_retired && !lane->connection->is_waiting() && now - lane->born > options_.connection_age) {
            lane->is_retired = true;
        }
    }
    sweep();
    const auto found = std::find_if(lanes_.begin(), lanes_.end(), [](const auto& lane) {
        return !lane->is_retired && !lane->connection->is_waiting();
    });
    return found == lanes_.end() ? nullptr : found->get();
}

void HttpEngine::dial_if_useful() {
    const auto usable = static_cast<std::size_t>(std::count_if(
        lanes_.begin(), lanes_.end(), [](const auto& lane) { return !lane->is_retired && !lane->awaits_version; }));
    if (dialer_.dialing() || usable >= options_.connections) {
        return;
    }
    const SteadyTime now = std::chrono::steady_clock::now();
    if (usable > 0 && now < more_lanes_from_) {
        return; // the lanes there call pump when they are idle
    }
    dialer_.dial([this](std::shared_ptr<Stream> stream, std::size_t target) { connected(std::move(stream), target); });
}

void HttpEngine::connected(std::shared_ptr<Stream> stream, std::size_t target) {
    if (std::exchange(last_target_, target) != target) {
        outbox_.all_due(); // this target may accept points that the other one refused
    }
    if (dialer_.has_lost_one()) {
        accounts_->note_outage();
    }
    renew_credentials();
    const auto other = std::find_if(lanes_.begin(), lanes_.end(),
                                    [target](const auto& lane) { return !lane->is_retired && lane->target != target; });
    if (other != lanes_.end()) {
        // A further connection ended up at another target. The present target works, so the new connection is closed.
        stream->close();
        dialer_.closed(target);
        more_lanes_from_ = std::chrono::steady_clock::now() + without_more_lanes;
        return;
    }
    Lane& lane = *lanes_.emplace_back(std::make_unique<Lane>());
    lane.target = target;
    lane.born = std::chrono::steady_clock::now();
    lane.connection = std::make_shared<HttpConnection>(context_, std::move(stream), options_.patience);
    lane.connection->start({.answered = [this, &lane](const HttpAnswer& answer) { answered(lane, answer); },
                            .ended = [this, &lane](HttpEnd end, std::string_view why) { ended(lane, end, why); }});
    if (!ask_version(lane)) {
        pump();
    }
}

bool HttpEngine::may_send_now(std::size_t points) {
    if (rate_.unlimited()) {
        return true;
    }
    const SteadyTime now = std::chrono::steady_clock::now();
    const SteadyTime when = rate_.when(static_cast<std::uint32_t>(points), now);
    if (when <= now) {
        return true;
    }
    rate_timer_.expires_at(when);
    rate_timer_.async_wait([this](const error_code& error) {
        if (!error) {
            pump();
        }
    });
    return false;
}

/// Takes as many of the first points as belong together and probably fit into a body.
PutWork HttpEngine::take_work(std::size_t target, std::size_t most_points) {
    const auto limit = static_cast<double>(body_sizes_[target].limit());
    const std::size_t most_text = std::min(BodySize::most, static_cast<std::size_t>(limit / wire_per_text_));
    const PutWork& first = waiting_.front();
    // This request has only these points, so the answer is about them.
    if (first.is_probe() || first.trouble.failures() > 0 || !suspended_.empty()) {
        PutWork alone = std::move(waiting_.front());
        waiting_.pop_front();
        return alone;
    }
    PutWork work{.sent = first.sent, .kind = first.kind, .trial = first.trial};
    while (true) {
        PutWork& next = waiting_.front();
        const std::size_t fitting = next.points.how_many_fit(most_text - work.points.text.size());
        work.points.append(next.points.take_front(std::min(fitting, most_points - work.points.size())));
        if (!next.points.empty()) {
            break;
        }
        waiting_.pop_front();
        if (work.kind != PutWork::Kind::fresh || waiting_.empty() || waiting_.front().kind != work.kind ||
            waiting_.front().sent != work.sent || waiting_.front().is_probe() ||
            waiting_.front().trouble.failures() > 0 || work.points.size() == most_points ||
            work.points.text.size() + waiting_.front().points.object(0).size() >= most_text) {
            break;
        }
    }
    return work;
}

/// Returns the body for the work. Shortens the work if it does not fit.
base::PageString HttpEngine::pack(PutWork& work, std::size_t target) {
    const std::size_t limit = body_sizes_[target].limit();
    while (true) {
        base::PageString body = (is_zipped(target) ? packer_ : plain_packer_).pack(work.points);
        const double share = static_cast<double>(body.size()) / static_cast<double>(work.points.text.size() + 2);
        if (work.points.text.size() >= telling_text) {
            wire_per_text_ = (wire_per_text_ + share) / 2;
        }
        const std::size_t points = work.points.size();
        if (body.size() <= limit || points == 1) {
            return body;
        }
        const std::size_t fitting = points * limit / body.size();
        PutWork rest{.sent = work.sent, .kind = work.kind, .trial = work.trial, .trouble = work.trouble};
        PutPoints kept = work.points.take_front(std::clamp(fitting * 9 / 10, std::size_t{1}, points - 1));
        rest.points = std::exchange(work.points, std::move(kept));
        waiting_.push_front(std::move(rest));
    }
}

void HttpEngine::reconsider_zip(std::size_t target) {
    if (zips_[target] == Zip::spared && body_sizes_[target].is_tight()) {
        zips_[target] = Zip::as_asked;
        heads_[target] = head_of(target);
    }
}

void HttpEngine::send(Lane& lane, std::size_t most_points) {
    reconsider_zip(lane.target);
    lane.work = take_work(lane.target, most_points);
    const base::PageString body = pack(lane.work, lane.target);
    lane.wire = body.size();
    lane.is_zipped = is_zipped(lane.target);
    rate_.sent(static_cast<std::uint32_t>(lane.work.points.size()), std::chrono::steady_clock::now());
    if (lane.work.sent == Sent::in_doubt) {
        accounts_->resend(lane.work.points.size());
    } else if (lane.work.sent == Sent::answered) {
        tried_again_ += lane.work.points.size();
    }
    lane.connection->send(put_request(heads_[lane.target], body));
}

} // namespace tickertape::push
