// SPDX-License-Identifier: MIT
/// \file
/// The one table of all living series.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <vector>

#include <tickertape/series.hpp>

#include "base/pool.hpp"

namespace tickertape::point {

/// One interned series: this header, followed in the same allocation by the text `metric key=value …`.
struct SeriesNode {
    std::atomic<std::uint32_t> references;
    std::uint32_t hash; // not 0
    std::chrono::nanoseconds step;
    std::uint16_t metric_size;
    std::uint16_t text_size;
    std::uint16_t host_offset; // in the text of the tags
    std::uint8_t tag_count : 4;
    bool has_host : 1;
    bool reserve_host : 1;
    SeriesOptions::Merge merge : 2;
    bool claimed = false; // guarded by the table's mutex, so it must not be a bit field with those above

    [[nodiscard]] std::string_view text() const noexcept {
        return {reinterpret_cast<const char*>(this + 1), text_size};
    }
};

/// The properties that distinguish a node from all others; they become its header.
struct SeriesIdentity {
    std::string_view text;
    std::chrono::nanoseconds step;
    std::uint16_t metric_size;
    std::uint16_t host_offset;
    std::uint8_t tag_count;
    bool has_host;
    bool reserve_host;
    SeriesOptions::Merge merge;
};

/// A hash table of nodes that count references. A count reaches 0 only under the mutex, and a lookup adds a reference to
/// a found node only under the mutex. So a lookup never finds a dead node.
///
/// Thread safety: all functions may be called from any thread.
class SeriesTable {
public:
    /// Returns the table, which is made at first use and never destroyed, so that static objects may hold series.
    static SeriesTable& instance();

    /// Returns the node of `key` with one more reference. Allocates if there is none.
    SeriesNode* intern(const SeriesIdentity& key);
    void release(SeriesNode* node) noexcept;

    /// Claims the text of `series`, whatever its options. Returns false if it is claimed already.
    bool claim(const Series& series);
    /// Releases the claim of this series object.
    void disclaim(const Series& series) noexcept;
    [[nodiscard]] std::size_t size();

private:
    SeriesTable();
    [[nodiscard]] std::size_t home_of(std::uint32_t hash) const noexcept { return hash & (hashes_.size() - 1); }
    [[nodiscard]] std::size_t after(std::size_t place) const noexcept { return (place + 1) & (hashes_.size() - 1); }
    /// Returns the first node with this hash for which `matches` returns true, or null.
    template <class Matches>
    [[nodiscard]] SeriesNode* find(std::uint32_t hash, const Matches& matches) const;
    void put(std::uint32_t hash, SeriesNode* node) noexcept;
    void erase(const SeriesNode* node) noexcept;
    void grow();

    std::mutex mutex_;
    // A node is in the place of its hash or, if others are there, in the next free place. The hashes have an array of their own, so that a
    // search for a new series touches no node. The number of places is a power of two.
    std::vector<std::uint32_t> hashes_; // 0: the place is free
    std::vector<SeriesNode*> nodes_;
    std::size_t size_ = 0;
    base::Pool<16> memory_; // of nodes
};

} // namespace tickertape::point
