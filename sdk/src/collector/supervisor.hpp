// SPDX-License-Identifier: MIT
/// \file
/// Supervisor: sees that a collector ends when it should.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include <tickertape/stop.hpp>

namespace tickertape::collector {

/// Requests a stop at a signal that asks for one (see Stop::OnSignals), and once it watches an output, when the reader of that
/// is gone or the time to run is over. From a stop request on, it has what is held written, and ends the process with exit
/// code 0 if the supervisor has not been destroyed by then: `main` is stuck.
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
        int output = -1; ///< whose reader may go; -1: nobody's
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
