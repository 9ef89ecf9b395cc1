// SPDX-License-Identifier: MIT
/// \file
/// SeriesMemory: the history of a bounded number of series.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <boost/unordered/unordered_flat_map.hpp>

namespace tickertape::cli::lint {

/// A table by 64-bit hashes of series. It holds at most `limit` series, and at least the latest half of that: when the younger
/// half is full, it forgets the older half.
///
/// Thread safety: one thread at a time.
template <class State>
class SeriesMemory {
public:
    explicit SeriesMemory(std::size_t limit) : half_{limit < 2 ? 1 : limit / 2} {}

    /// The history of a series. `known` is false for a series that is new or was forgotten. Valid until the next call.
    struct Found {
        State& state;
        bool known;
    };
    Found find(std::uint64_t series) {
        if (const auto young = young_.find(series); young != young_.end()) {
            return {young->second, true};
        }
        State state{};
        const auto old = old_.find(series);
        const bool known = old != old_.end();
        if (known) {
            state = old->second;
            old_.erase(old);
        }
        if (young_.size() >= half_) {
            forgotten_ += old_.size();
            old_ = std::exchange(young_, {});
        }
        return {young_.emplace(series, state).first->second, known};
    }

    /// Returns the number of forgotten series.
    [[nodiscard]] std::uint64_t forgotten() const noexcept { return forgotten_; }
    [[nodiscard]] std::size_t size() const noexcept { return young_.size() + old_.size(); }

private:
    struct AsIs {
        using is_avalanching = void; // the hashes are already well mixed
        std::size_t operator()(std::uint64_t hash) const noexcept { return hash; }
    };
    using Table = boost::unordered_flat_map<std::uint64_t, State, AsIs>;

    std::size_t half_;
    Table young_;
    Table old_;
    std::uint64_t forgotten_ = 0;
};

} // namespace tickertape::cli::lint
