// SPDX-License-Identifier: MIT
#include <tickertape/metric_name.hpp>

#include <utility>

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
        std::string sentence = base::quote(own).append(" is left out: ");
        base::report(sentence.append(base::quote(owner.own)).append(" has the same name in legal characters"));
    }
    return std::nullopt;
}

} // namespace tickertape
