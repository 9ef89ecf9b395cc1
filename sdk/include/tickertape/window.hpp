// SPDX-License-Identifier: MIT
/// \file
/// Buckets, and the window of the newest ones as a range.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <range/v3/view/interface.hpp>

#include <tickertape/time.hpp>

namespace tickertape {

enum class BucketState : std::uint8_t {
    full,    ///< observed from start to end
    partial, ///< observed in part: still running, begun before the counter existed, or cut by a clock step
    smeared, ///< a share of the counts recorded while ticks were missed, or counts of more than its own time
    absent,  ///< no value: there was no reading, or the source could not be read
};

/// The value of a counter for [start, start + granularity). The value of an absent bucket is 0, or an empty Sketch, and has no meaning.
template <class T>
struct Bucket {
    WallTime start;
    T value;
    BucketState state;

    friend bool operator==(const Bucket&, const Bucket&) = default;
};

/// A snapshot of buckets in order of time: a random-access, sized range-v3 view that owns its buckets and is cheap to
/// copy, so that it can be piped: `counter.window() | ranges::views::transform(…)`.
///
/// Thread safety: immutable; copies share the snapshot and may be used from any thread.
template <class T>
class Window : public ranges::view_interface<Window<T>> {
public:
    Window() = default;
    explicit Window(std::vector<Bucket<T>> buckets)
        : buckets_{std::make_shared<const std::vector<Bucket<T>>>(std::move(buckets))} {}

    [[nodiscard]] const Bucket<T>* begin() const noexcept { return buckets_ ? buckets_->data() : nullptr; }
    [[nodiscard]] const Bucket<T>* end() const noexcept {
        return buckets_ ? buckets_->data() + buckets_->size() : nullptr;
    }

    /// The merged value of all present buckets, for values that can be merged, such as sketches.
    [[nodiscard]] T merged() const
        requires requires(T& into, const T& other) { into.merge(other); }
    {
        T all{};
        bool any = false;
        for (const Bucket<T>& bucket : *this) {
            if (bucket.state == BucketState::absent) {
                continue;
            }
            if (any) {
                all.merge(bucket.value);
            } else {
                all = bucket.value;
            }
            any = true;
        }
        return all;
    }

private:
    std::shared_ptr<const std::vector<Bucket<T>>> buckets_;
};

} // namespace tickertape
