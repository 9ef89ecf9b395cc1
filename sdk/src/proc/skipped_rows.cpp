// SPDX-License-Identifier: MIT
#include <tickertape/proc/skipped_rows.hpp>

#include <utility>

#include "base/diagnostics.hpp"

namespace tickertape::proc {

namespace {

std::atomic<std::uint64_t> all_rows{0};

} // namespace

std::uint64_t SkippedRows::count_of_all() noexcept { return all_rows; }

SkippedRows::SkippedRows(Report report) : report_{std::move(report)} {}

void SkippedRows::add(std::string_view file, std::string_view name, std::size_t field, std::string_view sentence) {
    ++count_;
    ++all_rows;
    {
        const std::lock_guard lock{mutex_};
        auto found = reported_.find(file);
        if (found == reported_.end()) {
            if (reported_.size() >= most_files) {
                return;
            }
            found = reported_.emplace(file, std::set<std::size_t>{}).first;
        }
        const std::size_t row = std::hash<std::string_view>{}(name) + field;
        if (found->second.size() >= most_reported || !found->second.insert(row).second) {
            return;
        }
    }
    report_ ? report_(sentence) : base::report(sentence);
}

} // namespace tickertape::proc
