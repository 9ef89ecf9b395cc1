// SPDX-License-Identifier: MIT
#include <tickertape/metric_name.hpp>

#include <utility>

#include "base/concat.hpp"
#include "base/diagnostics.hpp"
#include "base/quote.hpp"

namespace tickertape {

void LegalNames::begin() {
    std::erase_if(owners_, [this](const auto& entry) { return entry.second.run < run_; });
    ++run_;
}

std::optional<std::string_view> LegalNames::operator()(std::string_view own) {
    repair(legal_.assign(own));
    auto found = owners_.find(legal_);
    if (found == owners_.end()) {
        found = owners_.emplace(legal_, Owner{.own = std::string{own}, .run = run_}).first;
    }
    Owner& owner = found->second;
    if (owner.own == own) {
        owner.run = run_;
        return found->first;
    }
    if (!std::exchange(owner.is_reported, true)) {
        // Message: 'NAME': in legal characters it is the same as 'OTHER': left out
        // Cause: Two devices, mounts or groups differ only in characters that no tag may hold; both would be one
        //   series.
        // Remedy: Rename one of them, or leave one out with --exclude-….
        base::report(base::concat(base::quote(own), ": in legal characters it is the same as ", base::quote(owner.own),
                                  ": left out"));
    }
    return std::nullopt;
}

} // namespace tickertape
