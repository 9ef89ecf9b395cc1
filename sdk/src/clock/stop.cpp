// SPDX-License-Identifier: MIT
#include <tickertape/stop.hpp>

#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>

#include "base/forks.hpp"
#include "base/threads.hpp"
#include "clock/signals.hpp"

namespace tickertape {

namespace asio = boost::asio;

std::string_view describe(Stop::Reason reason) noexcept {
    switch (reason) {
    case Stop::Reason::requested: return "a stop was requested";
    case Stop::Reason::signal: return "a signal came";
    case Stop::Reason::time_over: return "the time to run was over";
    case Stop::Reason::output_closed: return "nobody reads the output any more";
    case Stop::Reason::clock_stepped: return "the wall clock was set back";
    }
    return "";
}

Stop& Stop::process() {
    // Never destroyed, because loops on other threads may read it while the process exits.
    constinit static base::PerProcess<Stop> immortal;
    return immortal.get();
}

bool Stop::request(Stop::Reason reason) {
    if (taken_.exchange(true, std::memory_order_acq_rel)) {
        return false;
    }
    reason_.store(reason, std::memory_order_release);
    source_.request_stop();
    return true;
}

class Stop::OnSignals::Watcher {
public:
    Watcher(Stop& stop, SecondSignal ends_at_once) : signals_{context_, stop, ends_at_once} {
        thread_ = base::make_quiet_thread("tt-signals", [this] { context_.run(); });
    }

    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;

    ~Watcher() {
        context_.stop();
        thread_.join();
    }

    [[nodiscard]] bool is_forked() const noexcept { return forks_.is_child(); }

private:
    base::Forks forks_;
    asio::io_context context_{1};
    clock::Signals signals_;
    std::thread thread_;
};

Stop::OnSignals::OnSignals(Stop& stop, Stop::SecondSignal ends_at_once)
    : watcher_{std::make_unique<Watcher>(stop, ends_at_once)} {}

Stop::OnSignals::~OnSignals() { base::let_go(std::move(watcher_)); }

} // namespace tickertape
