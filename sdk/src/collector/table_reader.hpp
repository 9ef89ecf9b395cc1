// SPDX-License-Identifier: MIT
/// \file
/// TableReader: the threads that read tables.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <tickertape/time.hpp>

namespace tickertape::collector {

/// What is read, shared by who asks and the thread that reads.
struct TableSource {
    enum class State { idle, asked, read };

    std::string name;
    std::function<void()> read;

    // Under the mutex of the reader; what `read` fills belongs to the thread while the state is `asked`.
    State state = State::idle;
    std::string failure; ///< why it could not be read
    std::chrono::nanoseconds took{0};

    // Of who asks:
    bool is_slow = false;
    bool is_reported = false; ///< that it is slow
    SteadyTime not_before{};
};

/// Reads on a thread of its own, in the order in which it is asked. A source that takes too long is left alone with the thread
/// that reads it, and what is behind it goes to a new one.
///
/// Thread safety: none; one thread at a time.
class TableReader {
public:
    TableReader();
    TableReader(const TableReader&) = delete;
    TableReader& operator=(const TableReader&) = delete;
    /// Waits for no source.
    ~TableReader();

    /// Begins to read it, unless it is being read or rests. A slow one gets a thread of its own.
    void ask(const std::shared_ptr<TableSource>& source, SteadyTime now);

    /// Waits for what was asked, a slow source apart. One that is not read in `patience` is slow from now on, which is reported
    /// once.
    void wait(const std::shared_ptr<TableSource>& source, std::chrono::milliseconds patience);

    /// Whether it has been read since the last call; reports a failure, in which case it has not.
    [[nodiscard]] bool take(const std::shared_ptr<TableSource>& source, SteadyTime now);

private:
    struct Shared;
    struct Queue;
    void start_thread(const std::shared_ptr<Queue>& queue) const;

    std::shared_ptr<Shared> shared_;
    std::shared_ptr<Queue> queue_; ///< of the thread that all but slow sources go to; null without one
};

} // namespace tickertape::collector
