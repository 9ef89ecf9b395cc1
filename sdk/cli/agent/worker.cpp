// SPDX-License-Identifier: MIT
#include "cli/agent/worker.hpp"

#include <boost/asio/post.hpp>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <utility>

#include "base/diagnostics.hpp"
#include "base/threads.hpp"
#include "cli/agent/now.hpp"

namespace tickertape::cli::agent {

struct Worker::State {
    void run();

    std::mutex mutex;
    std::condition_variable wake;
    Work work;                       // empty: none is to begin
    std::function<void(Then)> after; // passes the end of a call to the loop
    bool ends = false;
};

void Worker::State::run() {
    std::unique_lock lock{mutex};
    while (true) {
        wake.wait(lock, [this] { return ends || work; });
        if (ends) {
            return;
        }
        const Work mine = std::exchange(work, nullptr);
        lock.unlock();
        Then then;
        try {
            then = mine();
        } catch (const std::exception& error) { // such as without memory
            base::report(error.what());
        }
        lock.lock();
        if (!ends) {
            after(std::move(then));
        }
    }
}

Worker::Worker(boost::asio::io_context& context) : state_{std::make_shared<State>()} {
    state_->after = [this, &context](Then then) {
        boost::asio::post(context, [this, then = std::move(then)] {
            busy_since_.reset();
            if (then) {
                then();
            }
        });
    };
    thread_ = base::make_quiet_thread("tt-directory", [state = state_] { state->run(); });
}

Worker::~Worker() {
    {
        const std::lock_guard lock{state_->mutex};
        state_->ends = true; // from now on the thread uses neither this object nor the loop
    }
    state_->wake.notify_one();
    if (is_busy()) {
        thread_.detach();
    } else {
        thread_.join();
    }
}

void Worker::begin(Work work) {
    if (is_busy()) {
        return;
    }
    busy_since_ = now();
    {
        const std::lock_guard lock{state_->mutex};
        state_->work = std::move(work);
    }
    state_->wake.notify_one();
}

SteadyTime::duration Worker::busy_for() const {
    return busy_since_ ? now() - *busy_since_ : SteadyTime::duration::zero();
}

} // namespace tickertape::cli::agent
