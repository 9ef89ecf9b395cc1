// SPDX-License-Identifier: MIT
#include <tickertape/buffered.hpp>

#include <utility>

#include "base/forks.hpp"
#include "stage/ledger.hpp"
#include "stage/queue.hpp"
#include "stage/queue_time.hpp"

namespace tickertape {

namespace {

class RealTime final : public stage::QueueTime {
public:
    [[nodiscard]] SteadyTime now() const override { return std::chrono::steady_clock::now(); }
    void wait(std::condition_variable& condition, std::unique_lock<std::mutex>& lock, SteadyTime until) override {
        if (until == SteadyTime::max()) {
            condition.wait(lock);
        } else {
            condition.wait_until(lock, until);
        }
    }
};

} // namespace

stage::QueueTime& stage::QueueTime::real() {
    static RealTime& time = *new RealTime; // never destroyed: a queue may still send while the process ends
    return time;
}

SteadyTime stage::later(SteadyTime from, std::chrono::nanoseconds time) noexcept {
    return from > SteadyTime::max() - time ? SteadyTime::max() : from + time;
}

SteadyTime stage::next_flush(SteadyTime since, std::chrono::nanoseconds interval,
                             std::chrono::nanoseconds phase) noexcept {
    const std::chrono::nanoseconds from_phase = since.time_since_epoch() - phase % interval;
    const std::chrono::nanoseconds over = from_phase % interval;
    return later(since, interval - over - (over.count() < 0 ? interval : interval.zero()));
}

Sent stage::BufferedAccess::add(Buffered& queue, const Event& event) {
    return queue.queue_->is_usable() ? queue.queue_->add(event) : Sent::closed;
}

std::shared_ptr<stage::Staging> stage::BufferedAccess::staging(const Buffered& queue) {
    return queue.queue_->staging();
}

void stage::BufferedAccess::end_staging(Buffered& queue) {
    if (queue.queue_->is_usable()) {
        queue.queue_->end_staging();
    }
}

Buffered::Buffered(AnyTransmitter inner, const BufferedOptions& options)
    : Buffered{std::move(inner), options, stage::QueueTime::real()} {}
Buffered::Buffered(AnyTransmitter inner, const BufferedOptions& options, stage::QueueTime& time)
    : queue_{std::make_unique<Queue>(std::move(inner), options, time)} {}

Buffered::Buffered(Buffered&&) noexcept = default;

Buffered& Buffered::operator=(Buffered&& other) noexcept {
    Buffered{std::move(other)}.queue_.swap(queue_);
    return *this;
}

Buffered::~Buffered() { base::let_go(std::move(queue_)); }

Outcome Buffered::publish(std::span<const Point> points) {
    return queue_->is_usable() ? queue_->publish(points) : Outcome{.closed = true};
}

Sent Buffered::add(Point point) { return queue_->is_usable() ? queue_->add(std::move(point)) : Sent::closed; }

bool Buffered::flush(SteadyTime deadline) { return queue_->is_usable() && queue_->flush(deadline); }

void Buffered::close() {
    if (queue_->is_usable()) {
        queue_->close();
    }
}

void Buffered::stop() {
    if (queue_->is_usable()) {
        queue_->stop();
    }
}

std::size_t Buffered::limit() const noexcept { return queue_->limit(); }

std::size_t Buffered::remaining_capacity() const { return queue_->is_usable() ? queue_->remaining_capacity() : 0; }

Account Buffered::account() const { return queue_->is_usable() ? queue_->accounts()->now() : Account{}; }

Transmitter::Traits Buffered::traits() const noexcept { return queue_->traits(); }

std::shared_ptr<stage::Ledger> Buffered::accounts() const { return queue_->accounts(); }

} // namespace tickertape
