// SPDX-License-Identifier: MIT
#include <tickertape/distribution.hpp>

#include <mutex>

#include "counter/distribution_state.hpp"
#include "counter/registry.hpp"
#include "counter/windows.hpp"

namespace tickertape {

using counter::Registry;

MetricCounter<distribution>::MetricCounter(Name metric, const CounterOptions& options) {
    distribution_ = &Registry::instance().make_distribution(metric, options);
    state_ = distribution_;
    recorder_ = distribution_->totals->recorder();
}

Window<Sketch> MetricCounter<distribution>::window() const {
    const std::lock_guard lock{Registry::instance().mutex};
    std::optional<Sketch> running;
    if (!distribution_->suspended) {
        running = distribution_->running();
    }
    return Window<Sketch>{counter::buckets_of<Sketch>(*distribution_, std::move(running),
                                                      [this](std::uint64_t sequence, std::uint64_t count) {
                                                          Sketch sketch{distribution_->scale.resolution()};
                                                          if (count > 0) {
                                                              distribution_->unpack(sequence, sketch);
                                                          }
                                                          return sketch;
                                                      })};
}

std::vector<Sketch> MetricCounter<distribution>::present_values() const { return counter::present(window()); }

MetricCounter<distribution>::Timing::Timing(const MetricCounter& counter) noexcept
    : recorder_{counter.recorder_}, clock_{counter.state_ != nullptr ? &counter.clock() : nullptr},
      start_{clock_ != nullptr ? clock_->read().steady : SteadyTime{}} {}

MetricCounter<distribution>::Timing::~Timing() {
    if (clock_ != nullptr) {
        counter::record(recorder_, std::chrono::duration<double>{clock_->read().steady - start_}.count());
    }
}

} // namespace tickertape
