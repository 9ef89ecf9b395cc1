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

/// The metric and tags of a call, legal or not, as bytes to look up what is known of them. Allocates nothing once it has been
/// used for texts of such length.
///
/// Thread safety: none.
class SeriesKey {
public:
    using Tag = std::pair<std::string_view, std::string_view>;

    /// A longer one is not worth remembering: it stands for no series.
    static constexpr std::size_t longest = 1024;

    /// Begins anew. The texts are borrowed until the next call of this.
    void set_metric(std::string_view metric);
    /// In any order.
    void add_tag(std::string_view key, std::string_view value);

    /// Equal for equal metrics and tags, regardless of the order of these.
    [[nodiscard]] std::string_view bytes();

    [[nodiscard]] std::string_view metric() const noexcept { return metric_; }
    /// Sorted by key; equal keys are neighbours.
    [[nodiscard]] const std::vector<Tag>& tags() const noexcept { return tags_; }

    /// The series, with the tags of `common` that it has no own value for. Throws UsageError.
    [[nodiscard]] Series make(const Tags& common, const SeriesOptions& options) const;

private:
    std::string_view metric_;
    std::vector<Tag> tags_;
    std::string bytes_;
};

/// The key of a call, on the caller's stack: that of its thread, whose memory is used again and again; or one of its own in
/// the destructors at the end of a thread or of the process that run when the thread's is gone.
///
/// Thread safety: none. One at a time in each thread.
class CallKey {
public:
    CallKey();

    [[nodiscard]] SeriesKey& operator*() noexcept { return key_; }
    [[nodiscard]] SeriesKey* operator->() noexcept { return &key_; }

private:
    std::optional<SeriesKey> own_;
    SeriesKey& key_;
};

/// For maps from the bytes of keys that are looked up by views.
struct SeriesKeyHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view bytes) const noexcept { return std::hash<std::string_view>{}(bytes); }
};

} // namespace tickertape::point
