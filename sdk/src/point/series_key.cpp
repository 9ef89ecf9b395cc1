// SPDX-License-Identifier: MIT
#include "point/series_key.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "base/concat.hpp"
#include "base/quote.hpp"

namespace tickertape::point {

namespace {

using Length = std::uint32_t;

/// Writes a text after its length, so that different texts, legal or not, never give the same key.
char* put(char* out, std::string_view text) noexcept {
    const auto length = static_cast<Length>(text.size());
    std::memcpy(out, &length, sizeof length);
    return std::copy(text.begin(), text.end(), out + sizeof length);
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
    auto place = tags_.end();
    while (place != tags_.begin() && key < (place - 1)->first) {
        --place;
    }
    tags_.emplace(place, key, value);
}

std::string_view SeriesKey::bytes() {
    std::size_t size = sizeof(Length) + metric_.size();
    for (const auto& [key, value] : tags_) {
        size += 2 * sizeof(Length) + key.size() + value.size();
    }
    if (bytes_.size() < size) { // it stays as long as the longest one
        bytes_.resize(size);
    }
    char* out = put(bytes_.data(), metric_);
    for (const auto& [key, value] : tags_) {
        out = put(put(out, key), value);
    }
    return {bytes_.data(), size};
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
