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

namespace tickertape::point {

/// One interned series: this header, and behind it in the same allocation the text `metric key=value …`.
struct SeriesNode {
    std::atomic<std::uint32_t> references;
    std::uint32_t hash;
    SeriesNode* next; // in the same bucket
    std::chrono::nanoseconds step;
    std::uint16_t metric_size;
    std::uint16_t text_size;
    std::uint16_t host_offset; // in the tags' text
    std::uint8_t tag_count : 4;
    bool has_host : 1;
    bool reserve_host : 1;
    SeriesOptions::Merge merge : 2;
    bool claimed = false; // under the table's mutex, and so none of the bits above

    [[nodiscard]] std::string_view text() const noexcept {
        return {reinterpret_cast<const char*>(this + 1), text_size};
    }
};

/// The properties that distinguish a node from all others, and the content of its header.
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

/// A chained hash table of nodes that counts references. A count reaches 0 only under the mutex, and only there does a
/// lookup add a reference to a node that it finds; hence a node is either found alive or not found.
///
/// Thread safety: all functions may be called from any thread.
class SeriesTable {
public:
    /// The table, made at first use and never destroyed, so that series may live in any static object.
    static SeriesTable& instance();

    /// The node of `key` with one reference more; a new one if there is none. Allocates for a new one.
    SeriesNode* intern(const SeriesIdentity& key);
    void release(SeriesNode* node) noexcept;

    /// Claims the text of `series`, whatever its options. False if it is claimed already.
    bool claim(const Series& series);
    /// Gives up what this very series has claimed.
    void disclaim(const Series& series) noexcept;
    [[nodiscard]] std::size_t size();

private:
    SeriesTable();
    void grow();

    std::mutex mutex_;
    std::vector<SeriesNode*> buckets_; // a power of two of them
    std::size_t size_ = 0;
};

} // namespace tickertape::point
