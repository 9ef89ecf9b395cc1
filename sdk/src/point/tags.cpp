// SPDX-License-Identifier: MIT
#include <tickertape/tags.hpp>

#include <algorithm>

#include "base/quote.hpp"

namespace tickertape {

namespace {

template <class Pairs>
auto place_of(Pairs& pairs, std::string_view key) {
    return std::lower_bound(pairs.begin(), pairs.end(), key, [](const Tags::Pair& pair, std::string_view wanted) {
        return pair.first.compare(wanted) < 0;
    });
}

} // namespace

Tags::Tags(std::initializer_list<Tag> tags) {
    pairs_.reserve(tags.size());
    for (const Tag& tag : tags) {
        if (const std::string* earlier = find(tag.key.text())) {
            throw UsageError{"the tag key " + base::quote(tag.key.text()) + " is given twice, with the values " +
                             base::quote(*earlier) + " and " + base::quote(tag.value) + "; a key has one value"};
        }
        set(tag.key, tag.value);
    }
}

Tags& Tags::set(Name key, std::string_view value) {
    const std::string_view checked_key = key.checked();
    const std::string_view checked_value = Name{value}.checked();
    const auto place = place_of(pairs_, checked_key);
    if (place != pairs_.end() && place->first == checked_key) {
        place->second = checked_value;
    } else {
        pairs_.emplace(place, checked_key, checked_value);
    }
    return *this;
}

Tags Tags::merged_with(const Tags& other) const {
    Tags merged = *this;
    for (const auto& [key, value] : other) {
        merged.set(key, value);
    }
    return merged;
}

const std::string* Tags::find(std::string_view key) const noexcept {
    const auto place = place_of(pairs_, key);
    return place != pairs_.end() && place->first == key ? &place->second : nullptr;
}

} // namespace tickertape
