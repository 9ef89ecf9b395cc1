// SPDX-License-Identifier: MIT
#include "collector/table_reader.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstdio>
#include <exception>
#include <iterator>
#include <mutex>
#include <system_error>
#include <utility>
#include <vector>

#include "base/concat.hpp"
#include "base/diagnostics.hpp"
#include "base/quote.hpp"
#include "base/threads.hpp"

namespace tickertape::collector {

using std::chrono::steady_clock;

struct TableReader::Shared {
    std::mutex mutex;
    std::condition_variable asked;        // wakes the threads: there is a source to read, or an end
    std::condition_variable_any all_read; // a thread has read all its sources
};

/// The sources for one thread.
struct TableReader::Queue {
    std::vector<std::shared_ptr<TableSource>> sources; // empty when all have been started; the memory is used again
    std::size_t next = 0;                              // the index in `sources` of the next one
    std::shared_ptr<TableSource> reading;              // null while no source is read
    SteadyTime began{};                                // the start of that reading
    bool end = false;                                  // end when there is nothing left

    [[nodiscard]] std::shared_ptr<TableSource> pop() {
        std::shared_ptr<TableSource> source = std::move(sources[next++]);
        if (next == sources.size()) {
            clear();
        }
        return source;
    }
    void clear() {
        sources.clear();
        next = 0;
    }

    static void run(Shared& shared, Queue& self) {
        std::unique_lock lock{shared.mutex};
        while (true) {
            shared.asked.wait(lock, [&] { return self.end || !self.sources.empty(); });
            if (self.sources.empty()) {
                return;
            }
            self.reading = self.pop();
            self.began = steady_clock::now();
            const std::shared_ptr<TableSource> source = self.reading;
            lock.unlock();
            std::string failure;
            try {
                source->read();
            } catch (const std::exception& error) {
                failure = error.what();
            }
            lock.lock();
            source->ended = steady_clock::now();
            source->took = source->ended - self.began;
            source->failure = std::move(failure);
            source->state = TableSource::State::read;
            self.reading.reset();
            if (self.sources.empty()) { // not earlier, because the waiting thread would wake for nothing
                shared.all_read.notify_all();
            }
        }
    }
};

TableReader::TableReader()
    : TableReader{[](std::function<void()> f) { base::make_quiet_thread("tt-tables", std::move(f)).detach(); }} {}

TableReader::TableReader(Start start) : start_{std::move(start)}, shared_{std::make_shared<Shared>()} {}

TableReader::~TableReader() {
    const std::lock_guard lock{shared_->mutex};
    if (queue_) {
        queue_->clear();
        queue_->end = true;
    }
    shared_->asked.notify_all();
}

bool TableReader::start_thread(const std::shared_ptr<Queue>& queue) const {
    try {
        start_([shared = shared_, queue] { Queue::run(*shared, *queue); });
        return true;
    } catch (const std::system_error& error) {
        // Message: tables: cannot start a thread (REASON): some are missing
        // Cause: The limit of threads or memory of the user or the control group is reached.
        // Remedy: Raise the limit (ulimit -u, TasksMax). The collector tries again in its next run.
        base::report(base::concat("tables: cannot start a thread (", error.code().message(), "): some are missing"));
        return false;
    }
}

bool TableReader::ask(const std::shared_ptr<TableSource>& source, SteadyTime now) {
    const std::lock_guard lock{shared_->mutex};
    if (source->state != TableSource::State::idle || now < source->not_before) {
        return false;
    }
    const bool needs_thread = source->is_slow || !queue_; // the first thread is not started before root is given up
    const std::shared_ptr<Queue> queue = needs_thread ? std::make_shared<Queue>() : queue_;
    queue->sources.push_back(source);
    queue->end |= source->is_slow;
    if (needs_thread && !start_thread(queue)) {
        return false;
    }
    if (!source->is_slow) {
        queue_ = queue;
    }
    source->state = TableSource::State::asked;
    source->asked = now;
    source->asked_at = steady_clock::now();
    return true;
}

void TableReader::wait(std::span<const std::shared_ptr<TableSource>> sources, std::chrono::milliseconds patience,
                       const std::stop_token& stop) {
    const SteadyTime deadline = steady_clock::now() + 2 * patience; // leaves time for the tables after a slow one
    std::unique_lock lock{shared_->mutex};
    shared_->asked.notify_all(); // not at each request, because the thread would wake before the other requests come
    const auto are_settled = [&] {
        return std::all_of(sources.begin(), sources.end(), [](const auto& source) {
            return source->is_slow || source->state != TableSource::State::asked;
        });
    };
    while (queue_ && !are_settled() && !stop.stop_requested() && steady_clock::now() < deadline) {
        // The thread may have gone on to the next source by then.
        const SteadyTime until = std::min(deadline, (queue_->reading ? queue_->began : steady_clock::now()) + patience);
        shared_->all_read.wait_until(lock, stop, until, are_settled);
        if (queue_->reading && steady_clock::now() >= queue_->began + patience) {
            pass_by(patience);
        }
    }
}

void TableReader::pass_by(std::chrono::milliseconds patience) {
    TableSource& source = *queue_->reading;
    source.is_slow = true;
    const auto next = std::make_shared<Queue>();
    const auto left = queue_->sources.begin() + static_cast<std::ptrdiff_t>(queue_->next);
    next->sources.assign(std::make_move_iterator(left), std::make_move_iterator(queue_->sources.end()));
    queue_->clear();
    queue_->end = true;
    queue_ = nullptr;
    if (!next->sources.empty() && start_thread(next)) {
        queue_ = next;
    } else {
        for (const auto& behind : next->sources) {
            behind->state = TableSource::State::idle;
        }
    }
    if (!std::exchange(source.is_reported, true)) {
        std::array<char, 32> seconds{};
        std::snprintf(seconds.data(), seconds.size(), "%.3g", std::chrono::duration<double>(patience).count());
        // Message: table 'NAME': reading takes more than NUMBER s: read less often, beside the others
        // Cause: A kernel file answers slowly, or blocks.
        // Remedy: None needed: the other tables are on time. Leave it out with --exclude-table.
        base::report(base::concat("table ", base::quote(source.name), ": reading takes more than ", seconds.data(),
                                  " s: read less often, beside the others"));
    }
}

std::optional<TableReader::Reading> TableReader::take(const std::shared_ptr<TableSource>& source) {
    constexpr std::chrono::milliseconds long_time{250}; // a faster source need not rest, and needs no separate thread
    constexpr int rests = 9;                            // times the duration of the reading
    std::string failure;
    Reading reading{};
    {
        const std::lock_guard lock{shared_->mutex};
        if (source->state != TableSource::State::read) {
            return std::nullopt;
        }
        source->state = TableSource::State::idle;
        source->is_slow = source->is_slow && source->took > long_time;
        const SteadyTime end = source->asked + (source->ended - source->asked_at);
        source->not_before = source->is_slow ? end + rests * source->took : source->asked;
        reading = {.time = end - source->took / 2, .took = source->took};
        failure.swap(source->failure);
    }
    if (!failure.empty()) {
        base::report(failure);
        return std::nullopt;
    }
    return reading;
}

} // namespace tickertape::collector
