// SPDX-License-Identifier: MIT
/// \file
/// FaultSet: faults of a word.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>

#include "cli/lint/fault.hpp"

namespace tickertape::cli::lint {

/// Thread safety: a value; distinct objects may be used from any thread.
class FaultSet {
public:
    constexpr FaultSet() = default;
    constexpr FaultSet(std::initializer_list<Fault> faults) noexcept {
        for (const Fault fault : faults) {
            add(fault);
        }
    }

    constexpr void add(Fault fault) noexcept { word_of(fault) |= bit_of(fault); }
    constexpr void add_if(bool condition, Fault fault) noexcept {
        if (condition) {
            add(fault);
        }
    }
    [[nodiscard]] constexpr bool has(Fault fault) const noexcept {
        return (words_[static_cast<std::size_t>(fault) / 64] & bit_of(fault)) != 0;
    }
    [[nodiscard]] constexpr bool empty() const noexcept { return (words_[0] | words_[1]) == 0; }
    [[nodiscard]] friend constexpr FaultSet operator&(FaultSet a, const FaultSet& b) noexcept {
        a.words_[0] &= b.words_[0];
        a.words_[1] &= b.words_[1];
        return a;
    }

private:
    static_assert(fault_count <= 128);
    constexpr std::uint64_t& word_of(Fault fault) noexcept { return words_[static_cast<std::size_t>(fault) / 64]; }
    static constexpr std::uint64_t bit_of(Fault fault) noexcept {
        return std::uint64_t{1} << (static_cast<std::size_t>(fault) % 64);
    }

    std::array<std::uint64_t, 2> words_{};
};

} // namespace tickertape::cli::lint
