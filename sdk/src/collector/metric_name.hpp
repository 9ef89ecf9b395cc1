// SPDX-License-Identifier: MIT
/// \file
/// MetricName: metrics that begin alike; repair: names that the kernel gives.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <tickertape/name.hpp>

namespace tickertape::collector {

/// `proc.net.` and what comes behind it, in memory that is used again.
///
/// Thread safety: none.
class MetricName {
public:
    explicit MetricName(std::string_view stem) : text_{stem}, stem_{stem.size()} {}

    /// The whole of it. Valid until the next call.
    const std::string& operator()(std::string_view behind) {
        text_.resize(stem_);
        return text_.append(behind);
    }

private:
    std::string text_;
    std::size_t stem_;
};

/// What sanitize does, in place.
inline void repair(std::string& name) {
    for (std::size_t at = 0; (at = find_illegal(name)) != std::string::npos;) {
        name[at] = '_';
    }
    name.append(name.empty() ? "_" : "");
}

} // namespace tickertape::collector
