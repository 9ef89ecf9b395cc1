// SPDX-License-Identifier: MIT
#include "push/body_size.hpp"

#include <algorithm>

namespace tickertape::push {

void BodySize::accepted(std::size_t bytes) noexcept {
    accepted_ = std::max(accepted_, bytes);
    if (bytes > limit_ / 2 && bytes <= limit_ && limit_ < most && 2 * limit_ < refused_) {
        limit_ *= 2;
    }
}

void BodySize::refused(std::size_t bytes) noexcept {
    refused_ = std::min(refused_, bytes);
    if (accepted_ >= bytes) { // the server does not accept this size any more
        accepted_ = 0;
    }
    shrink(bytes);
}

void BodySize::unanswered(std::size_t bytes) noexcept {
    if (++unanswered_ >= 2) {
        refused(bytes);
    } else {
        shrink(bytes);
    }
}

void BodySize::shrink(std::size_t below) noexcept {
    const std::size_t safe = accepted_ < below ? accepted_ : 0;
    limit_ = std::max(least, std::min(limit_, std::max(safe, below / 2)));
}

} // namespace tickertape::push
