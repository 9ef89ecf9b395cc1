// SPDX-License-Identifier: MIT
#include "counter/packed_sketch.hpp"

#include <algorithm>
#include <bit>
#include <vector>

namespace tickertape::counter {

namespace {

constexpr unsigned bits_of_a_byte = 7; // the eighth says that more follow
constexpr std::uint8_t more = 0x80;

void put(std::vector<std::uint8_t>& bytes, std::uint64_t number) {
    for (; number >= more; number >>= bits_of_a_byte) {
        bytes.push_back(static_cast<std::uint8_t>(number) | more);
    }
    bytes.push_back(static_cast<std::uint8_t>(number));
}

std::uint64_t take(const std::uint8_t*& at) {
    std::uint64_t number = 0;
    for (unsigned shift = 0;; shift += bits_of_a_byte) {
        const std::uint8_t byte = *at++;
        number |= static_cast<std::uint64_t>(byte & (more - 1U)) << shift;
        if (byte < more) {
            return number;
        }
    }
}

/// Doubles and halves of sums: all bits may be set.
void put_bits(std::vector<std::uint8_t>& bytes, std::uint64_t bits) {
    for (unsigned i = 0; i < sizeof(bits); ++i, bits >>= 8U) {
        bytes.push_back(static_cast<std::uint8_t>(bits));
    }
}

std::uint64_t take_bits(const std::uint8_t*& at) {
    std::uint64_t bits = 0;
    for (unsigned i = 0; i < sizeof(bits); ++i) {
        bits |= static_cast<std::uint64_t>(*at++) << (8U * i);
    }
    return bits;
}

constexpr unsigned half = 64;

} // namespace

PackedSketch::PackedSketch(const BinCounts& counts) {
    if (counts.count == 0) {
        return;
    }
    static thread_local std::vector<std::uint8_t> bytes; // nearly always used by the pulse only
    bytes.clear();
    put_bits(bytes, static_cast<std::uint64_t>(counts.sum));
    put_bits(bytes, std::bit_cast<std::uint64_t>(counts.min));
    put_bits(bytes, std::bit_cast<std::uint64_t>(counts.max));
    // Nearly always 0: the upper half is only the sign of the lower one, and no value was clamped.
    const auto low_sign = static_cast<std::int64_t>(counts.sum) < 0 ? -1 : 0;
    const std::int64_t high = static_cast<std::int64_t>(counts.sum >> half) - low_sign;
    put(bytes, (static_cast<std::uint64_t>(high) << 1U) ^ static_cast<std::uint64_t>(high >> 63U));
    put(bytes, counts.clamped);
    put(bytes, counts.bins.size());
    int next = -last_bin;
    for (auto run = counts.bins.begin(); run != counts.bins.end();) {
        auto end = run + 1;
        while (end != counts.bins.end() && end->first == (end - 1)->first + 1) {
            ++end;
        }
        put(bytes, static_cast<std::uint64_t>(run->first - next));
        put(bytes, static_cast<std::uint64_t>(end - run));
        for (; run != end; ++run) {
            put(bytes, run->second);
            next = run->first + 1;
        }
    }
    size_ = bytes.size();
    bytes_ = std::make_unique<std::uint8_t[]>(size_); // NOLINT(*-c-arrays)
    std::copy(bytes.begin(), bytes.end(), bytes_.get());
}

void PackedSketch::unpack(Sketch& into) const {
    BinCounts counts;
    if (!empty()) {
        const std::uint8_t* at = bytes_.get();
        const std::uint64_t low = take_bits(at);
        counts.min = std::bit_cast<double>(take_bits(at));
        counts.max = std::bit_cast<double>(take_bits(at));
        const std::uint64_t zigzag = take(at);
        const auto high = static_cast<std::int64_t>(zigzag >> 1U) ^ -static_cast<std::int64_t>(zigzag & 1U);
        counts.sum = static_cast<Int128>(static_cast<std::int64_t>(low)) + (static_cast<Int128>(high) << half);
        counts.clamped = take(at);
        std::uint64_t left = take(at);
        counts.bins.reserve(static_cast<std::size_t>(left));
        int next = -last_bin;
        while (left > 0) {
            next += static_cast<int>(take(at));
            for (std::uint64_t run = take(at); run > 0; --run, --left) {
                counts.bins.emplace_back(next++, take(at));
                counts.count += counts.bins.back().second;
            }
        }
    }
    assign(into, counts);
}

void PackedSketch::assign(Sketch& into, const BinCounts& counts) {
    into.bins_.clear();
    into.first_ = 0;
    into.count_ = counts.count;
    into.clamped_ = counts.clamped;
    into.sum_ = counts.sum;
    into.min_ = counts.count == 0 ? 0 : counts.min;
    into.max_ = counts.count == 0 ? 0 : counts.max;
    if (counts.bins.empty()) {
        return;
    }
    into.reach(counts.bins.front().first, counts.bins.back().first);
    for (const auto& [number, count] : counts.bins) {
        into.add(number, count);
    }
}

} // namespace tickertape::counter
