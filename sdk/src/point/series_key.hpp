// SPDX-License-Identifier: MIT
/// \file
/// SeriesKey: the key of a metric and its tags, before a Series exists.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tickertape/series.hpp>
#include <tickertape/tags.hpp>

namespace tickertape::point {

/// The metric and tags of a call, legal or not, as bytes for lookups. Does not allocate once it has held texts of this length.
///
/// Thread safety: none.
class SeriesKey {
public:
    using Tag = std::pair<std::string_view, std::string_view>;

    /// A longer key is of no legal series, so it is not remembered.
    static constexpr std::size_t longest = 1024;

    /// Begins a new key. The text is borrowed until the next call of this function.
    void set_metric(std::string_view metric);
    /// Adds a tag; tags may come in any order.
    void add_tag(std::string_view key, std::string_view value);

    /// Returns bytes that are equal for equal metrics and tags, whatever the order of the tags.
    [[nodiscard]] std::string_view bytes();

    [[nodiscard]] std::string_view metric() const noexcept { return metric_; }
    /// Returns the tags sorted by key; equal keys are neighbours.
    [[nodiscard]] const std::vector<Tag>& tags() const noexcept { return tags_; }

    /// Returns the series, with the tags of `common` whose keys it does not have. Throws UsageError.
    [[nodiscard]] Series make(const Tags& common, const SeriesOptions& options) const;

private:
    std::string_view metric_;
    std::vector<Tag> tags_;
    std::string bytes_;
};

/// The key of a call, as an object on the caller's stack. It uses the key of its thread, whose memory is used again. When that is
/// gone, in destructors at the end of a thread or of the process, it has a key of its own.
///
/// Thread safety: none; one at a time in each thread.
class CallKey {
public:
    CallKey();

    [[nodiscard]] SeriesKey& operator*() noexcept { return key_; }
    [[nodiscard]] SeriesKey* operator->() noexcept { return &key_; }

private:
    std::optional<SeriesKey> own_;
    SeriesKey& key_;
};

/// The bytes of a key and their hash, for several lookups.
struct HashedBytes {
    explicit HashedBytes(std::string_view its) noexcept : bytes{its}, hash{std::hash<std::string_view>{}(its)} {}

    friend bool operator==(const HashedBytes& a, std::string_view b) noexcept { return a.bytes == b; }

    std::string_view bytes;
    std::size_t hash;
};

/// For maps by the bytes of keys, with lookups by views.
struct SeriesKeyHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view bytes) const noexcept { return std::hash<std::string_view>{}(bytes); }
    std::size_t operator()(const HashedBytes& hashed) const noexcept { return hashed.hash; }
};

} // namespace tickertape::point
