// SPDX-License-Identifier: MIT
#include "cli/burst/input.hpp"

#include <algorithm>

#include "base/concat.hpp"
#include "cli/page/text.hpp"

namespace tickertape::cli::burst {

std::vector<Smeared> smeared_of(const BurstInput& input) {
    std::vector<Smeared> found;
    for (const lines::StoredSeries& one : input.store.series()) {
        const double buckets = one.readings.back().number() - one.readings.front().number();
        if (one.metric == smeared_metric && buckets > 0) {
            found.push_back({.tags = one.tags, .buckets = buckets});
        }
    }
    return found;
}

std::size_t series_of(const BurstInput& input) {
    const auto& all = input.store.series();
    return static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [](const lines::StoredSeries& one) { return one.is_asked_for; }));
}

std::vector<std::string> account_of(const BurstInput& input) {
    const lines::LineStore& store = input.store;
    std::vector<std::string> words{std::to_string(store.lines()).append(store.lines() == 1 ? " line" : " lines"),
                                   std::to_string(series_of(input)).append(" series")};
    if (store.not_asked_for() > 0) {
        words.push_back(std::to_string(store.not_asked_for()).append(" not matched by --metric"));
    }
    if (store.too_old() > 0) {
        words.push_back(std::to_string(store.too_old()).append(" older than --last"));
    }
    for (std::size_t i = 0; i < store.faults().size(); ++i) {
        if (store.faults()[i] > 0) {
            words.push_back(std::to_string(store.faults()[i]).append(" unusable: "));
            words.back().append(describe(static_cast<lines::LineFault>(i)));
        }
    }
    if (store.forgotten() > 0) {
        words.push_back(std::to_string(store.forgotten()).append(" forgotten (--memory): what is older than "));
        words.back().append(page::clock_text(WallTime{std::chrono::milliseconds{store.kept_since()}}, false));
    }
    if (store.without_room() > 0) {
        words.push_back(std::to_string(store.without_room()).append(" without room (--memory)"));
    }
    for (const Smeared& smeared : smeared_of(input)) {
        words.push_back(page::short_text(smeared.buckets).append(" buckets of ").append(smeared.tags));
        words.back().append(" smeared: shares of");
        words.emplace_back("what was counted while its ticks were late");
    }
    return words;
}

std::string dedup_note(const BurstInput& input) {
    if (input.dedup.count() == 0) {
        return {};
    }
    return base::concat("Equal neighbours of a series up to ", page::length_text(input.dedup),
                        " apart count as held back by dedup and are filled in; --dedup 0 takes them for gaps.");
}

} // namespace tickertape::cli::burst
