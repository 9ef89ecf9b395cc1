// SPDX-License-Identifier: MIT
#include "collector/table_reader.hpp"

#include <array>
#include <condition_variable>
#include <cstdio>
#include <exception>
#include <mutex>
#include <utility>
#include <vector>

#include "base/diagnostics.hpp"
#include "base/threads.hpp"

namespace tickertape::collector {

using std::chrono::steady_clock;

struct TableReader::Shared {
    std::mutex mutex;
    std::condition_variable changed;
};

/// What one thread is to read.
struct TableReader::Queue {
    std::vector<std::shared_ptr<TableSource>> sources;
    bool end = false; // when there is nothing left

    static void run(const std::shared_ptr<Shared>& shared, const std::shared_ptr<Queue>& self) {
        std::unique_lock lock{shared->mutex};
        while (true) {
            shared->changed.wait(lock, [&] { return self->end || !self->sources.empty(); });
            if (self->sources.empty()) {
                return;
            }
            const std::shared_ptr<TableSource> source = std::move(self->sources.front());
            self->sources.erase(self->sources.begin());
            lock.unlock();
            std::string failure;
            const auto begin = steady_clock::now();
            try {
                source->read();
            } catch (const std::exception& error) {
                failure = error.what();
            }
            const auto took = steady_clock::now() - begin;
            lock.lock();
            source->took = took;
            source->failure = std::move(failure);
            source->state = TableSource::State::read;
            shared->changed.notify_all();
        }
    }
};

TableReader::TableReader() : shared_{std::make_shared<Shared>()} {}

TableReader::~TableReader() {
    const std::lock_guard lock{shared_->mutex};
    if (queue_) {
        queue_->sources.clear();
        queue_->end = true;
    }
    shared_->changed.notify_all();
}

void TableReader::start_thread(const std::shared_ptr<Queue>& queue) const {
    base::make_quiet_thread("tt-tables", [shared = shared_, queue] { Queue::run(shared, queue); }).detach();
}

void TableReader::ask(const std::shared_ptr<TableSource>& source, SteadyTime now) {
    const std::lock_guard lock{shared_->mutex};
    if (source->state != TableSource::State::idle || now < source->not_before) {
        return;
    }
    source->state = TableSource::State::asked;
    if (source->is_slow) {
        const auto own = std::make_shared<Queue>();
        own->sources.push_back(source);
        own->end = true;
        start_thread(own);
        return;
    }
    if (!queue_) { // not before root is given up
        queue_ = std::make_shared<Queue>();
        start_thread(queue_);
    }
    queue_->sources.push_back(source);
    shared_->changed.notify_all();
}

void TableReader::wait(const std::shared_ptr<TableSource>& source, std::chrono::milliseconds patience) {
    std::unique_lock lock{shared_->mutex};
    const auto is_settled = [&] { return source->state != TableSource::State::asked; };
    if (source->is_slow || shared_->changed.wait_for(lock, patience, is_settled)) {
        return;
    }
    source->is_slow = true;
    // Those behind it go to another thread.
    const auto next = std::make_shared<Queue>();
    next->sources.swap(queue_->sources);
    queue_->end = true;
    queue_ = next;
    start_thread(queue_);
    if (!std::exchange(source->is_reported, true)) {
        std::array<char, 32> seconds{};
        std::snprintf(seconds.data(), seconds.size(), "%.3g", std::chrono::duration<double>(patience).count());
        std::string sentence{"reading "};
        base::report(sentence.append(source->name)
                         .append(" takes more than ")
                         .append(seconds.data())
                         .append(" s; it is read less often, beside the others"));
    }
}

bool TableReader::take(const std::shared_ptr<TableSource>& source, SteadyTime now) {
    constexpr std::chrono::milliseconds long_time{250}; // else it need not rest, nor be alone
    constexpr int rests = 9;                            // so long as it took
    std::string failure;
    {
        const std::lock_guard lock{shared_->mutex};
        if (source->state != TableSource::State::read) {
            return false;
        }
        source->state = TableSource::State::idle;
        source->is_slow = source->is_slow && source->took > long_time;
        source->not_before = source->is_slow ? now + rests * source->took : now;
        failure.swap(source->failure);
    }
    if (!failure.empty()) {
        base::report(failure);
    }
    return failure.empty();
}

} // namespace tickertape::collector
