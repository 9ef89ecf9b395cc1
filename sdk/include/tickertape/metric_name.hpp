// SPDX-License-Identifier: MIT
/// \file
/// MetricName: metrics that begin alike; LegalNames: names that the kernel gives, in legal characters.
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

/// `proc.net.` and what comes behind it, in memory that is used again.
///
/// Thread safety: none; one thread at a time.
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

/// The names of things (interfaces, disks, mounts) as tags have them. Two things whose names become one in legal characters
/// are not mixed: the one that had the name first keeps it for as long as each run has it, and the other is left out, which
/// is reported once.
///
/// Thread safety: none; one thread at a time.
class LegalNames {
public:
    /// A run begins.
    void begin();

    /// The name of `own` in legal characters, valid until the next call of `begin`; nothing if it is another thing's. Allocates for
    /// things that are new.
    [[nodiscard]] std::optional<std::string_view> operator()(std::string_view own);

private:
    struct Owner {
        std::string own;
        std::uint64_t run = 0; // the last one that had it
        bool is_reported = false;
    };

    std::uint64_t run_ = 1;
    std::map<std::string, Owner, std::less<>> owners_; // by legal name
    std::string legal_;
};

} // namespace tickertape
