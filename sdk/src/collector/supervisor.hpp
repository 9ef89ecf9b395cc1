// SPDX-License-Identifier: MIT
/// \file
/// Supervisor: sees that a collector ends when it should.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include <tickertape/stop.hpp>

namespace tickertape::collector {

/// Requests a stop at a signal that asks for one (see Stop::OnSignals). Once it watches an output, it also requests one when the
/// reader of the output is gone or the time to run is over. After a request it has held points written. If the supervisor has not
/// been destroyed by then, `main` is stuck, and it ends the process with exit code 0.
///
/// tcollector reads the pipes of its collectors once a second, and forgets the pipe of one that it finds ended. So with
/// `until_read` neither end comes before all that is in the pipe has been read, or a second and a half has passed.
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
        bool is_once = false; ///< a person may be waiting: from the stop on any signal ends the process at once
    };
    /// Once, on the thread that made it.
    void watch(const Watched& watched);

private:
    class Watcher;
    std::unique_ptr<Watcher> watcher_;
};

} // namespace tickertape::collector
