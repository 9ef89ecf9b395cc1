// SPDX-License-Identifier: MIT
#include "point/series_key.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "base/concat.hpp"
#include "base/quote.hpp"

namespace tickertape::point {

namespace {

/// Appends a text after its length, so that different texts, legal or not, never give the same key.
void append(std::string& key, std::string_view text) {
    std::array<char, sizeof(std::uint32_t)> length{};
    const auto size = static_cast<std::uint32_t>(text.size());
    std::memcpy(length.data(), &size, length.size());
    key.append(length.data(), length.size()).append(text);
}

constinit thread_local bool threads_key_is_gone = false;

struct ThreadsKey {
    ThreadsKey() = default;
    ThreadsKey(const ThreadsKey&) = delete;
    ThreadsKey& operator=(const ThreadsKey&) = delete;
    ~ThreadsKey() { threads_key_is_gone = true; }

    SeriesKey key;
};

SeriesKey& threads_key() {
    static thread_local ThreadsKey threads;
    return threads.key;
}

} // namespace

CallKey::CallKey() : key_{threads_key_is_gone ? own_.emplace() : threads_key()} {}

void SeriesKey::set_metric(std::string_view metric) {
    metric_ = metric;
    tags_.clear();
}

void SeriesKey::add_tag(std::string_view key, std::string_view value) {
    // There are only a few, usually in order. Equal keys, which are refused later, become neighbours.
    const auto after = [](std::string_view wanted, const Tag& tag) { return wanted < tag.first; };
    tags_.emplace(std::upper_bound(tags_.begin(), tags_.end(), key, after), key, value);
}

std::string_view SeriesKey::bytes() {
    bytes_.clear();
    append(bytes_, metric_);
    for (const auto& [key, value] : tags_) {
        append(bytes_, key);
        append(bytes_, value);
    }
    return bytes_;
}

Series SeriesKey::make(const Tags& common, const SeriesOptions& options) const {
    const Name name{metric_};
    static_cast<void>(name.checked()); // reports an illegal metric before wrong tags
    const auto twice =
        std::adjacent_find(tags_.begin(), tags_.end(), [](const Tag& a, const Tag& b) { return a.first == b.first; });
    if (twice != tags_.end()) {
        throw UsageError{base::concat("the tag key ", base::quote(twice->first), " is given twice")};
    }
    Tags all = common;
    for (const auto& [key, value] : tags_) {
        all.set(key, value);
    }
    return Series{name, all, options};
}

} // namespace tickertape::point
