// SPDX-License-Identifier: MIT
/// \file
/// The series of a put line, and the names that a TSD reports as unknown.
#pragma once

#include <string>
#include <string_view>

namespace tickertape::push {

/// Returns `metric k=v k=v` of a put line without its end, with the tags in their written order; uses `buffer`.
[[nodiscard]] std::string_view series_of_line(std::string_view line, std::string& buffer);

/// A name that a TSD does not know and does not create by itself.
struct UnknownName {
    std::string kind{}; ///< OpenTSDB's word: `metrics`, `tagk` or `tagv`
    std::string name{};

    friend bool operator==(const UnknownName&, const UnknownName&) = default;
};

/// Reads the name in `… No such name for 'metrics': 'a.metric'`. Returns empty texts if there is none.
[[nodiscard]] UnknownName unknown_name(std::string_view reply);
/// Returns whether a series, as `series_of_line` returns it, contains that name.
[[nodiscard]] bool has_name(std::string_view series, const UnknownName& name);

} // namespace tickertape::push
