// SPDX-License-Identifier: MIT
/// \file
/// SlowSource: a reading that may take long, or never end, without the rest of a run.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <tickertape/time.hpp>

namespace tickertape {

namespace collector {

/// The thread of a SlowSource, and when it reads.
class SlowReader {
public:
    /// `read` owns what it uses: it may outlive us.
    SlowReader(std::string name, std::function<void()> read);
    SlowReader(const SlowReader&) = delete;
    SlowReader& operator=(const SlowReader&) = delete;
    /// Does not wait for a reading that has not ended.
    ~SlowReader();

    /// Begins a reading if it is time for one, and waits so long for its end. Returns whether one has ended that was not
    /// returned yet.
    bool has_read(std::chrono::milliseconds patience, SteadyTime now);

private:
    struct Shared;
    std::shared_ptr<Shared> shared_;
    std::string name_;
    bool has_thread_ = false;
    bool is_reported_ = false;
    SteadyTime not_before_{};
};

} // namespace collector

/// Reads a `T` on a thread of its own. A reading that ends within the patience of a run belongs to that run. One that takes
/// longer is handed to the run after its end; from then on readings take a tenth of the time at most, which is reported once. One that
/// never ends costs itself. A reading that throws is reported and costs itself.
///
/// Thread safety: none; one thread at a time. `read` is called on the other one.
template <class T>
class SlowSource {
public:
    /// `name` is for sentences: `reading NAME takes 2.2 s`. `read(value)` fills the value of an earlier reading again; it
    /// captures by value, as it may outlive this object.
    SlowSource(std::string name, std::function<void(T&)> read)
        : values_{std::make_shared<Values>()},
          reader_{std::move(name), [values = values_, read = std::move(read)] { read(values->next); }} {}

    /// What was read since the last call that gave something; null if nothing was. Blocks for `patience` at most. Valid until the
    /// next call.
    [[nodiscard]] const T* operator()(std::chrono::milliseconds patience, SteadyTime now) {
        if (!reader_.has_read(patience, now)) {
            return nullptr;
        }
        std::swap(values_->next, taken_); // the thread waits to be asked
        return &taken_;
    }

private:
    struct Values {
        T next{}; // what the thread reads into
    };

    std::shared_ptr<Values> values_;
    T taken_{};
    collector::SlowReader reader_;
};

} // namespace tickertape
