// SPDX-License-Identifier: MIT
/// \file
/// The reports of `tickertape burst`, for people and as JSON.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <tickertape/burst.hpp>

#include "cli/burst/input.hpp"
#include "cli/burst/series.hpp"
#include "cli/terminal/terminal.hpp"

namespace tickertape::cli::burst {

using AnyReport = std::variant<tickertape::burst::Report<std::int64_t>, tickertape::burst::Report<double>>;

/// A subject with its measures.
struct SubjectReport {
    const Subject& subject;
    const SubjectSamples& made;
    AnyReport report;

    SubjectReport(const Subject& of, const SubjectSamples& samples, const tickertape::burst::Options& options);

    /// Calls f(samples, report) with both of counts, or both of readings.
    template <class F>
    decltype(auto) visit(F&& f) const {
        return std::visit(
            [&]<tickertape::burst::Number T>(const tickertape::burst::Samples<T>& samples) {
                return f(samples, std::get<tickertape::burst::Report<T>>(report));
            },
            made.samples);
    }
};

/// Returns figures and, if `pictures`, pictures, in lines of at most `style.columns`.
[[nodiscard]] std::string text_report(const SubjectReport& about, const terminal::Style& style, bool pictures);

/// Returns the same figures with all digits, as an object. Unavailable figures are null.
[[nodiscard]] std::string json_report(const SubjectReport& about);

/// Returns the counts of the input, as an object.
[[nodiscard]] std::string json_input(const BurstInput& input);

/// Writes `{"name": value, …}` and `[value, …]` piece by piece.
///
/// Thread safety: none.
class JsonWriter {
public:
    JsonWriter& begin_object() { return open('{'); }
    JsonWriter& end_object() { return close('}'); }
    JsonWriter& begin_array() { return open('['); }
    JsonWriter& end_array() { return close(']'); }
    JsonWriter& key(std::string_view name);
    JsonWriter& text(std::string_view text);
    JsonWriter& null();
    JsonWriter& number(Value value);
    /// Writes null for nan and infinities, because JSON has no number for them.
    JsonWriter& number(double number);
    JsonWriter& number(std::int64_t number) { return this->number(Value{number}); }
    JsonWriter& number(std::size_t number) { return this->number(Value{number}); }
    JsonWriter& boolean(bool value);
    /// Writes text that is JSON already.
    JsonWriter& raw(std::string_view json);
    template <class T>
    JsonWriter& number(const std::optional<T>& number) {
        return number ? this->number(*number) : null();
    }
    template <class T>
    JsonWriter& field(std::string_view name, const T& value) {
        return key(name).number(value);
    }

    [[nodiscard]] const std::string& result() const noexcept { return out_; }

private:
    JsonWriter& open(char bracket);
    JsonWriter& close(char bracket);
    void separate();

    std::string out_;
    bool needs_comma_ = false;
};

} // namespace tickertape::cli::burst
