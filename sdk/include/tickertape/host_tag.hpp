// SPDX-License-Identifier: MIT
/// \file
/// HostTag: the `host` tag that an output adds to points without one.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include <tickertape/name.hpp>

namespace tickertape {

/// The choice of the `host` tag: this machine's name, none, or a name that is given.
///
/// Thread safety: a value; distinct objects may be used from any thread.
class HostTag {
public:
    /// The machine's name, from `gethostname`, with `_` in place of illegal characters.
    [[nodiscard]] static HostTag automatic() { return HostTag{Kind::automatic, {}}; }
    [[nodiscard]] static HostTag none() { return HostTag{Kind::none, {}}; }
    /// Throws UsageError for an illegal one.
    [[nodiscard]] static HostTag named(Name name) { return HostTag{Kind::named, std::string{name.checked()}}; }

    [[nodiscard]] bool is_automatic() const noexcept { return kind_ == Kind::automatic; }
    [[nodiscard]] bool is_none() const noexcept { return kind_ == Kind::none; }
    /// The value of the tag, empty for none; asks the system now if automatic.
    [[nodiscard]] std::string resolve() const;

private:
    enum class Kind : std::uint8_t { automatic, none, named };
    HostTag(Kind kind, std::string name) : kind_{kind}, name_{std::move(name)} {}

    Kind kind_;
    std::string name_;
};

} // namespace tickertape
