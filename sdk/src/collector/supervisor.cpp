// SPDX-License-Identifier: MIT
#include "collector/supervisor.hpp"
#include "base/forks.hpp"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <stop_token>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <tickertape/collector.hpp>

#include "base/threads.hpp"
#include "clock/signals.hpp"
#include "counter/dumper.hpp"

namespace tickertape::collector {

namespace asio = boost::asio;

namespace {

/// The time in which `main` can return by itself, before and after the held points are written.
constexpr std::chrono::milliseconds grace{200};

/// The time in which tcollector reads the pipe; it reads once a second.
constexpr std::chrono::milliseconds reading_time{1500};

/// Counted from the request to stop; tcollector kills 5 s after TERM.
constexpr std::chrono::milliseconds latest_end{3500};

/// Returns when the pipe is empty, when its reader is gone, or at the deadline.
void wait_until_read(int pipe, SteadyTime latest) {
    const SteadyTime deadline = std::min(latest, std::chrono::steady_clock::now() + reading_time);
    int unread = 0;
    while (pipe >= 0 && ::ioctl(pipe, FIONREAD, &unread) == 0 && unread > 0 &&
           std::chrono::steady_clock::now() < deadline) {
        pollfd errors_only{.fd = pipe, .events = 0, .revents = 0};
        if (::poll(&errors_only, 1, 10) != 0) {
            return;
        }
    }
}

} // namespace

class Supervisor::Watcher {
public:
    explicit Watcher(Stop& stop) : stop_{stop}, signals_{context_, stop} {
        thread_ = base::make_quiet_thread("tt-supervisor", [this] { context_.run(); });
    }

    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;

    ~Watcher() {
        wait_until_read(pipe_to_empty_, latest_end_);
        context_.stop();
        thread_.join();
    }

    [[nodiscard]] bool is_forked() const noexcept { return forks_.is_child(); }

    void watch(const Watched& watched) {
        pipe_to_empty_ = watched.until_read ? watched.output : -1;
        asio::post(context_, [this, watched] {
            is_once_ = watched.is_once;
            watch_output(watched.output);
            if (watched.run_for) {
                time_over_.expires_after(*watched.run_for);
                time_over_.async_wait([this](const boost::system::error_code& error) {
                    if (!error) {
                        stop_.request(Stop::Reason::time_over);
                    }
                });
            }
        });
        on_stop_.emplace(stop_.token(), [this] {
            latest_end_ = std::chrono::steady_clock::now() + latest_end;
            asio::post(context_, [this] { stop_requested(); });
        });
    }

private:
    /// A pipe or socket whose reader has gone reports an error without being polled for any event. The descriptor itself belongs
    /// to a separate epoll. Asio would make it non-blocking for all processes that share it.
    void watch_output(int output) {
        const int watched = epoll_create1(EPOLL_CLOEXEC);
        if (watched < 0) {
            return;
        }
        output_.assign(watched);
        epoll_event errors_only{};
        if (epoll_ctl(watched, EPOLL_CTL_ADD, output, &errors_only) != 0) {
            return; // a file: it has no reader that can go
        }
        output_.async_wait(asio::posix::stream_descriptor::wait_read, [this](const boost::system::error_code& error) {
            if (!error) {
                stop_.request(Stop::Reason::output_closed);
            }
        });
    }

    void stop_requested() {
        if (stopping_) {
            return;
        }
        stopping_ = true;
        signals_.let_end_the_process(SIGINT); // a second Ctrl-C skips the waits below
        after(grace, [this] {
            if (is_once_) {
                signals_.let_end_the_process(SIGTERM);
                signals_.let_end_the_process(SIGHUP);
            }
            counter::finish_all_dumps(std::chrono::steady_clock::now() + Collector::stop_deadline);
            wait_until_read(pipe_to_empty_, latest_end_);
            // If main requested the stop itself, it is about to return, and its exit code counts.
            const bool main_asked = stop_.reason() == Stop::Reason::requested;
            after(main_asked ? Collector::stop_deadline : grace,
                  [] { _exit(static_cast<int>(Collector::ExitCode::again)); });
        });
    }

    template <class F>
    void after(std::chrono::milliseconds time, F f) {
        stage_.expires_after(time);
        stage_.async_wait([f](const boost::system::error_code& error) {
            if (!error) {
                f();
            }
        });
    }

    Stop& stop_;
    base::Forks forks_;
    std::atomic<int> pipe_to_empty_{-1};
    std::atomic<SteadyTime> latest_end_ = clock::never;
    asio::io_context context_{1};
    clock::Signals signals_;
    asio::posix::stream_descriptor output_{context_};
    asio::steady_timer time_over_{context_};
    asio::steady_timer stage_{context_};
    bool stopping_ = false; // used by the thread only
    bool is_once_ = false;
    asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
    std::optional<std::stop_callback<std::function<void()>>> on_stop_; // after everything that it uses
    std::thread thread_;
};

Supervisor::Supervisor(Stop& stop) : watcher_{std::make_unique<Watcher>(stop)} {}

Supervisor::~Supervisor() { base::let_go(std::move(watcher_)); }

void Supervisor::watch(const Watched& watched) { watcher_->watch(watched); }

} // namespace tickertape::collector
