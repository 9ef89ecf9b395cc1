// SPDX-License-Identifier: MIT
/// \file
/// The series of a put line, and the names that a TSD says it does not know.
#pragma once

#include <string>
#include <string_view>

namespace tickertape::push {

/// `metric k=v k=v` of a put line without its end, as they stand in it; in `buffer`.
[[nodiscard]] std::string_view series_of_line(std::string_view line, std::string& buffer);

/// A name that a TSD does not have and does not make by itself.
struct UnknownName {
    std::string kind{}; ///< as OpenTSDB calls it: `metrics`, `tagk` or `tagv`
    std::string name{};

    friend bool operator==(const UnknownName&, const UnknownName&) = default;
};

/// Out of `… No such name for 'metrics': 'a.metric'`; empty if it is not in the text.
[[nodiscard]] UnknownName unknown_name(std::string_view reply);
/// Whether a series, as `series_of_line` writes it, has that name.
[[nodiscard]] bool has_name(std::string_view series, const UnknownName& name);

} // namespace tickertape::push
