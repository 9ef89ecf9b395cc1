// SPDX-License-Identifier: MIT
// Calls that may block, on a thread of their own.
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <future>
#include <memory>
#include <stdexcept>
#include <thread>

#include <cli/agent/worker.hpp>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/messages.hpp"

using tickertape::cli::agent::Worker;

namespace {

/// Runs the loop until a call has ended.
void run(boost::asio::io_context& loop, const Worker& worker) {
    loop.restart(); // it stops when a guard ends
    const auto work = boost::asio::make_work_guard(loop);
    while (worker.is_busy()) {
        loop.run_one();
    }
}

} // namespace

TEST_CASE("agent: a call runs on another thread, and its result is used on the loop") {
    boost::asio::io_context loop;
    Worker worker{loop};
    std::thread::id called;
    std::thread::id used;
    worker.begin([&]() -> Worker::Then {
        called = std::this_thread::get_id();
        return [&] { used = std::this_thread::get_id(); };
    });
    CHECK(worker.is_busy());
    run(loop, worker);
    CHECK(called != std::this_thread::get_id());
    CHECK(used == std::this_thread::get_id());
    CHECK(worker.busy_for() == worker.busy_for().zero());
}

TEST_CASE("agent: a result may begin the next call") {
    boost::asio::io_context loop;
    Worker worker{loop};
    int calls = 0;
    worker.begin([&]() -> Worker::Then {
        return [&] {
            ++calls;
            worker.begin([&]() -> Worker::Then { return [&] { ++calls; }; });
        };
    });
    run(loop, worker);
    CHECK(calls == 2);
}

TEST_CASE("agent: a call that fails is reported, and the next one runs") {
    const test::Messages messages;
    boost::asio::io_context loop;
    Worker worker{loop};
    worker.begin([]() -> Worker::Then { throw std::runtime_error{"no memory"}; });
    run(loop, worker);
    CHECK(messages.all().size() == 1);
    bool is_used = false;
    worker.begin([&]() -> Worker::Then { return [&] { is_used = true; }; });
    run(loop, worker);
    CHECK(is_used);
}

TEST_CASE("agent: the end does not wait for a call that hangs, and its result is not used") {
    std::promise<void> answer;
    const auto is_used = std::make_shared<bool>(false);
    {
        boost::asio::io_context loop;
        Worker worker{loop};
        worker.begin([returns = answer.get_future().share(), is_used]() -> Worker::Then {
            returns.wait();
            return [is_used] { *is_used = true; };
        });
        CHECK(worker.is_busy());
    }
    answer.set_value();
    CHECK(test::eventually([&] { return is_used.use_count() == 1; })); // the thread has ended
    CHECK_FALSE(*is_used);
}
