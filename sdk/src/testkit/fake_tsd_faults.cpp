// SPDX-License-Identifier: MIT
#include <testkit/fake_tsd_faults.hpp>

#include <string>
#include <utility>

#include "base/concat.hpp"

namespace tickertape::testkit {

void CurrentFaults::set(Faults faults) {
    auto fresh = std::make_shared<const Faults>(std::move(faults));
    const std::lock_guard lock{mutex_};
    faults_ = std::move(fresh);
    broken_ = 0;
    answered_ = 0;
    generation_.fetch_add(1, std::memory_order_acq_rel);
}

std::shared_ptr<const Faults> CurrentFaults::get() const {
    const std::lock_guard lock{mutex_};
    return faults_;
}

bool CurrentFaults::take_breakage(const Faults& faults) {
    const std::lock_guard lock{mutex_};
    if (&faults != faults_.get() || broken_ >= faults.breakage.connections) {
        return false;
    }
    ++broken_;
    return true;
}

bool CurrentFaults::take_request(const Faults& faults) {
    const std::lock_guard lock{mutex_};
    if (&faults != faults_.get() || faults.http.status == 0 || answered_ >= faults.http.requests) {
        return false;
    }
    ++answered_;
    return true;
}

Refusal refusal_of(const Faults& faults, std::string_view metric) {
    if (faults.refuse == Refusal::nothing || (faults.refuse_if && !faults.refuse_if(metric))) {
        return Refusal::nothing;
    }
    return faults.refuse;
}

std::string refusal_line(Refusal refusal, std::string_view metric) {
    if (refusal == Refusal::read_only) {
        return "unknown command: put.  Try `help'.\n";
    }
    return base::concat("put: ", refusal_detail(refusal, metric), "\n");
}

std::string refusal_detail(Refusal refusal, std::string_view metric) {
    switch (refusal) {
    case Refusal::nothing: break;
    case Refusal::unknown_metric: {
        return base::concat("unknown metric: No such name for 'metrics': '", metric, "'");
    }
    case Refusal::throttle: return "Please throttle writes: 10000 RPCs waiting on region tsdb";
    case Refusal::hbase_error: return "HBase error: the region server is gone";
    case Refusal::unauthorized: return "illegal argument: Unauthorized command: put";
    case Refusal::read_only: return "unknown command: put.  Try `help'.";
    }
    return {};
}

} // namespace tickertape::testkit
