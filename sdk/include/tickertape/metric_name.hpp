// SPDX-License-Identifier: MIT
/// \file
/// MetricName: metrics with a common beginning. LegalNames: the kernel's names in legal characters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <tickertape/name.hpp>

namespace tickertape {

/// Appends names to a stem such as `proc.net.`, in a buffer that is reused.
///
/// Thread safety: none; one thread at a time.
class MetricName {
public:
    explicit MetricName(std::string_view stem) : text_{stem}, stem_{stem.size()} {}

    /// The stem followed by `behind`. Valid until the next call.
    const std::string& operator()(std::string_view behind) {
        text_.resize(stem_);
        return text_.append(behind);
    }

private:
    std::string text_;
    std::size_t stem_;
};

/// As `sanitize`, in place.
inline void repair(std::string& name) {
    for (std::size_t at = 0; (at = find_illegal(name)) != std::string::npos;) {
        name[at] = '_';
    }
    name.append(name.empty() ? "_" : "");
}

/// The names of interfaces, disks or mounts, repaired for tags. If the repaired names
/// of two things are equal, the two are not mixed: the first keeps the name for as
/// long as it appears in every run, and the second is left out, with one warning.
///
/// Thread safety: none; one thread at a time.
class LegalNames {
public:
    /// A run begins.
    void begin();

    /// `own` in legal characters, valid until the next call of `begin`; nothing if another thing has that name. Allocates for
    /// new things.
    [[nodiscard]] std::optional<std::string_view> operator()(std::string_view own);

private:
    struct Owner {
        std::string own;
        std::uint64_t run = 0; // the last run in which it appeared
        bool is_reported = false;
    };

    std::uint64_t run_ = 1;
    std::map<std::string, Owner, std::less<>> owners_; // by legal name
    std::string legal_;
};

} // namespace tickertape
