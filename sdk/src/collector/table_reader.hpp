// SPDX-License-Identifier: MIT
/// \file
/// TableReader: the threads that read tables.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

#include <tickertape/time.hpp>

namespace tickertape::collector {

/// A file to read, shared by the run and the thread that reads it.
struct TableSource {
    enum class State { idle, asked, read };

    std::string name;
    std::function<void()> read;

    // Guarded by the mutex of the reader. While the state is `asked`, the data that `read` fills belongs to the thread.
    State state = State::idle;
    std::string failure; ///< why it could not be read
    SteadyTime ended{};  ///< by the machine's clock, like `asked_at`
    std::chrono::nanoseconds took{0};

    // Used only by the thread that asks:
    SteadyTime asked{};    ///< the time of the request, by the asking thread's clock
    SteadyTime asked_at{}; ///< the same moment by the machine's clock
    bool is_slow = false;
    bool is_reported = false; ///< a message said that it is slow
    SteadyTime not_before{};
};

/// Reads on a separate thread, in the order of requests. A source that takes too
/// long keeps the thread that reads it, and a new thread reads the sources after it.
///
/// Thread safety: none; one thread at a time.
class TableReader {
public:
    /// Runs a function on a detached thread. Throws std::system_error if there is none.
    using Start = std::function<void(std::function<void()>)>;

    /// The time at which a source was read.
    struct Reading {
        SteadyTime time;               ///< the middle of the reading, by the asking thread's clock
        std::chrono::nanoseconds took; ///< half of this is the uncertainty of `time`
    };

    TableReader();
    explicit TableReader(Start start);
    TableReader(const TableReader&) = delete;
    TableReader& operator=(const TableReader&) = delete;
    /// Does not wait: a source in progress keeps its thread until it is done.
    ~TableReader();

    /// Requests that the source is read from the next `wait` on, unless it is being read or rests. A slow source gets a separate
    /// thread. Returns whether it will be read; false if no thread can be started, which is reported.
    bool ask(const std::shared_ptr<TableSource>& source, SteadyTime now);

    /// Waits for the requested sources, except slow ones, until a stop, and for at most twice `patience`. A source that takes longer
    /// than `patience` is slow from now on, which is reported once.
    void wait(std::span<const std::shared_ptr<TableSource>> sources, std::chrono::milliseconds patience,
              const std::stop_token& stop = {});

    /// Returns the time at which it was read, if that happened since the last call. Reports a failed reading, and returns nothing then.
    [[nodiscard]] std::optional<Reading> take(const std::shared_ptr<TableSource>& source);

private:
    struct Shared;
    struct Queue;
    [[nodiscard]] bool start_thread(const std::shared_ptr<Queue>& queue) const;
    /// Leaves the source in progress to its thread. Needs the lock.
    void pass_by(std::chrono::milliseconds patience);

    Start start_;
    std::shared_ptr<Shared> shared_;
    std::shared_ptr<Queue> queue_; ///< of the thread that reads all sources except slow ones; null without a thread
};

} // namespace tickertape::collector
