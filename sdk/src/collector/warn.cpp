// SPDX-License-Identifier: MIT
#include <tickertape/warn.hpp>

#include "base/diagnostics.hpp"
#include "base/quote.hpp"

namespace tickertape {

void warn(std::string_view sentence) noexcept { base::report(sentence); }

std::string quote(std::string_view text) { return base::quote(text); }

bool Problem::set(std::string_view sentence, SteadyTime now) {
    if (sentence.empty()) {
        // A problem that comes again within the patience was not solved.
        if (!sentence_.empty()) {
            sentence_.clear();
            since_ = now;
        } else if (now - since_ >= patience_) {
            reported_.clear();
        }
        return false;
    }
    if (sentence != sentence_) {
        sentence_ = sentence;
        since_ = now;
    }
    if (reported_ == sentence_ || now - since_ < patience_) {
        return false;
    }
    reported_ = sentence_;
    warn(sentence_);
    return true;
}

} // namespace tickertape
