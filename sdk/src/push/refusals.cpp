// SPDX-License-Identifier: MIT
#include "push/refusals.hpp"

#include <algorithm>
#include <utility>

namespace tickertape::push {

/// The state of points with bad ones among them.
struct PutWork::Trial {
    std::size_t samples = 0;
    std::size_t open = 0; // samples without an answer
    PutPoints refused{};
    PutPoints others{};
    Sent sent = Sent::answered;
};

namespace {

/// Returns the halves, the first one first.
void halve(const PutWork& work, PutPoints points, PutWork::Kind kind, std::vector<PutWork>& out) {
    PutWork first{.points = points.take_front((points.size() + 1) / 2),
                  .sent = std::max(work.sent, Sent::answered),
                  .kind = kind};
    PutWork second{.points = std::move(points), .sent = first.sent, .kind = kind};
    out.push_back(std::move(first));
    if (!second.points.empty()) {
        out.push_back(std::move(second));
    }
}

} // namespace

Settlement Refusals::settle(PutWork work, const std::vector<PointResult>& results, bool is_proven) {
    Settlement settlement;
    const bool is_single = work.points.size() == 1;
    if (work.kind != PutWork::Kind::sample &&
        std::all_of(results.begin(), results.end(), [](PointResult result) { return result == PointResult::stored; })) {
        settlement.stored = results.size();
        settlement.stored_bytes = work.points.text.size() + 1;
        refused_ = 0;
        return settlement;
    }
    PutPoints refused{.receipts = work.points.receipts};
    PutPoints unsure{.receipts = work.points.receipts};
    PutPoints again{.receipts = work.points.receipts};
    settlement.unknown.receipts = work.points.receipts;
    bool is_named = true;
    for (std::size_t i = 0; i < results.size(); ++i) {
        switch (results[i]) {
        case PointResult::stored:
            ++settlement.stored;
            settlement.stored_bytes += work.points.object(i).size() + 1;
            break;
        case PointResult::again: again.add(work.points.object(i)); break;
        case PointResult::refused: refused.add(work.points.object(i)); break;
        case PointResult::unknown: settlement.unknown.add(work.points.object(i)); break;
        case PointResult::unsure:
            (is_single ? refused : unsure).add(work.points.object(i));
            is_named = false;
            break;
        }
    }
    is_proven = is_proven || settlement.stored > 0;
    refused_ = is_proven ? 0 : refused_;
    if (!again.empty()) {
        settlement.again.push_back({.points = std::move(again),
                                    .sent = work.sent,
                                    .kind = work.kind,
                                    .trial = work.trial,
                                    .trouble = work.trouble,
                                    .asks_for = work.asks_for});
    } else if (work.kind == PutWork::Kind::sample) {
        settle_sample(std::move(work), !refused.empty(), settlement);
        return settlement;
    }
    if (is_single && !is_named && !is_proven && work.kind != PutWork::Kind::part) {
        settlement.is_wholesale = true; // it is not known whether this point is the reason
        settlement.again.push_back({.points = std::move(refused), .sent = work.sent});
        return settlement;
    }
    settle_refused(work, std::move(refused), is_proven, settlement);
    settle_unsure(work, std::move(unsure), is_proven, settlement);
    return settlement;
}

void Refusals::settle_sample(PutWork work, bool is_refused, Settlement& settlement) {
    PutWork::Trial& trial = *work.trial;
    --trial.open;
    if (is_refused) {
        trial.refused.append(work.points);
    }
    if (trial.open > 0) {
        return;
    }
    if (trial.refused.size() == trial.samples) {
        settlement.is_wholesale = true;
        PutPoints all = std::exchange(trial.refused, {});
        all.append(std::exchange(trial.others, {}));
        settlement.again.push_back({.points = std::move(all), .sent = trial.sent});
        return;
    }
    // Tries once more: the server may have begun to accept points while the samples were sent.
    PutPoints refused = std::exchange(trial.refused, {});
    const bool is_among_others = refused.empty();
    while (!refused.empty()) {
        settlement.again.push_back({.points = refused.take_front(1), .sent = trial.sent, .kind = PutWork::Kind::part});
    }
    PutWork others{.points = std::exchange(trial.others, {}), .sent = trial.sent, .kind = PutWork::Kind::part};
    if (is_among_others && !others.points.empty()) {
        PutPoints points = std::exchange(others.points, {});
        halve(others, std::move(points), others.kind, settlement.again);
    } else if (!others.points.empty()) {
        settlement.again.push_back(std::move(others));
    }
}

void Refusals::settle_refused(const PutWork& work, PutPoints refused, bool is_proven, Settlement& settlement) {
    const bool is_judged = work.kind == PutWork::Kind::fresh || work.kind == PutWork::Kind::half;
    if (is_judged && !is_proven && refused_ + refused.size() >= enough_to_judge) {
        settlement.is_wholesale = true;
        refused_ = enough_to_judge - 1; // the next refusal exceeds the limit again
        settlement.again.push_back({.points = std::move(refused), .sent = work.sent});
    } else {
        refused_ += is_proven ? 0 : refused.size();
        settlement.rejected = std::move(refused);
    }
}

void Refusals::settle_unsure(const PutWork& work, PutPoints unsure, bool is_proven, Settlement& settlement) {
    if (unsure.empty()) {
        return;
    }
    if (work.kind == PutWork::Kind::fresh && !is_proven && unsure.size() >= enough_to_judge) {
        begin_trial(work, std::move(unsure), settlement);
    } else {
        const bool is_part = work.kind == PutWork::Kind::part;
        halve(work, std::move(unsure), is_part ? PutWork::Kind::part : PutWork::Kind::half, settlement.again);
    }
}

void Refusals::begin_trial(const PutWork& work, PutPoints unsure, Settlement& settlement) {
    auto trial = std::make_shared<PutWork::Trial>();
    trial->sent = std::max(work.sent, Sent::answered);
    trial->others.receipts = unsure.receipts;
    const std::size_t all = unsure.size();
    for (std::size_t i = 0, next = 0; i < all; ++i) {
        // Takes the middle point of each tenth.
        if (next < enough_to_judge && i == (2 * next + 1) * all / (2 * enough_to_judge)) {
            PutWork sample{.sent = trial->sent, .kind = PutWork::Kind::sample, .trial = trial};
            sample.points.add(unsure.object(i));
            sample.points.receipts = unsure.receipts;
            settlement.again.push_back(std::move(sample));
            ++next;
        } else {
            trial->others.add(unsure.object(i));
        }
    }
    trial->samples = enough_to_judge;
    trial->open = trial->samples;
    std::erase_if(trials_, [](const auto& known) { return known.expired(); });
    trials_.push_back(trial);
}

std::size_t Refusals::held() const noexcept {
    std::size_t points = 0;
    for (const auto& known : trials_) {
        if (const auto trial = known.lock()) {
            points += trial->refused.size() + trial->others.size();
        }
    }
    return points;
}

} // namespace tickertape::push
