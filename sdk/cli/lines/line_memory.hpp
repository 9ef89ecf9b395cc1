// SPDX-License-Identifier: MIT
/// \file
/// LineMemory: remembers objects that were made for the series of the last lines.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <tickertape/tags.hpp>

#include "cli/lines/put_line.hpp"

namespace tickertape::cli::lines {

/// Remembers a `Made` for each metric and text of tags. At its limit it forgets all.
///
/// Thread safety: none.
template <class Made>
class LineMemory {
public:
    explicit LineMemory(std::size_t most_series) : most_{most_series} {}

    /// Returns the object that was made for the series of `line`; `make()` makes it if there is none. `kind` distinguishes lines
    /// with the same text of a series that are to become different series. The reference holds until the next call.
    template <class Make>
    [[nodiscard]] Made& of(const PutLine& line, std::string_view kind, Make make) {
        if (last_ == nullptr || last_->second.next == nullptr || !is_of(last_->second.next->first, line, kind)) {
            key_.assign(line.metric).append(" ").append(line.tags).append(kind);
            const auto found = known_.find(key_);
            Entry& entry = found != known_.end() ? *found : learn(make());
            if (last_ != nullptr) {
                last_->second.next = &entry;
            }
            last_ = &entry;
        } else {
            last_ = last_->second.next;
        }
        return last_->second.made;
    }

    void clear() noexcept {
        known_.clear();
        last_ = nullptr;
    }
    [[nodiscard]] std::size_t size() const noexcept { return known_.size(); }

private:
    struct Known;
    using Entry = std::pair<const std::string, Known>;
    /// An object, and the entry of the line that came next the last time: lines usually come in the same order again.
    struct Known {
        Made made;
        Entry* next = nullptr;
    };

    static bool is_of(std::string_view key, const PutLine& line, std::string_view kind) noexcept {
        return key.size() == line.metric.size() + 1 + line.tags.size() + kind.size() && key.starts_with(line.metric) &&
               key[line.metric.size()] == ' ' && key.substr(line.metric.size() + 1).starts_with(line.tags) &&
               key.ends_with(kind);
    }

    Entry& learn(Made made) {
        if (known_.size() >= most_) {
            clear();
        }
        return *known_.emplace(key_, Known{.made = std::move(made)}).first;
    }

    std::size_t most_;
    std::unordered_map<std::string, Known> known_;
    Entry* last_ = nullptr; // of the line before
    std::string key_;
};

/// Returns the tags of a line. Throws UsageError for text that no tag may contain.
[[nodiscard]] Tags tags_of(const PutLine& line);

} // namespace tickertape::cli::lines
