// SPDX-License-Identifier: MIT
/// \file
/// Supervisor: makes sure that a collector ends in time.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include <tickertape/stop.hpp>

namespace tickertape::collector {

/// Requests a stop at a signal that asks for one (see Stop::OnSignals). Once it watches an output, it also requests one when the
/// reader of the output has gone, or when the time to run is over. After a request, it has the held points written. If it still
/// exists then, `main` is stuck, and it ends the process with exit code 0.
///
/// tcollector reads the pipes of its collectors once a second, and drops the pipe of a collector that has ended. So with
/// `until_read` the process ends only when the pipe is empty, or after a second and a half.
class Supervisor {
public:
    explicit Supervisor(Stop& stop);
    Supervisor(const Supervisor&) = delete;
    Supervisor& operator=(const Supervisor&) = delete;
    ~Supervisor();

    struct Watched {
        int output = -1; ///< the descriptor whose reader may go; -1: none
        std::optional<std::chrono::milliseconds> run_for{};
        bool until_read = false;
        bool is_once = false; ///< a person may be waiting: after the stop any signal ends the process at once
    };
    /// Call it once, on the thread that made this object.
    void watch(const Watched& watched);

private:
    class Watcher;
    std::unique_ptr<Watcher> watcher_;
};

} // namespace tickertape::collector
