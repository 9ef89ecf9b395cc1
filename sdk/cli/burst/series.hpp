// SPDX-License-Identifier: MIT
/// \file
/// A subject of `tickertape burst`: a series of the input, or the sum of several.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <tickertape/burst.hpp>

#include "cli/lines/expand.hpp"
#include "cli/lines/line_store.hpp"

namespace tickertape::cli::burst {

/// A report to be made. Its buckets are made when they are needed: those of one subject are held at a time.
struct Subject {
    std::string name{};
    std::vector<std::size_t> members{}; ///< indices into the store's series; several are summed up
    std::chrono::milliseconds step{0};
    bool step_is_a_guess = false; ///< nothing in the input shows it
    std::size_t repeated = 0;     ///< readings that a later line of the same time replaced
    std::optional<double> burstiness{};
};

/// The buckets of a subject, and how they were made.
struct SubjectSamples {
    lines::AnySamples samples;
    std::size_t filled = 0;
    std::size_t too_close = 0;
    std::size_t left_out = 0;
};

struct SubjectOptions {
    std::optional<std::chrono::milliseconds> granularity{};
    std::chrono::milliseconds dedup{300'000};
    std::optional<std::string> by{}; ///< a tag: series of one metric that share its value are summed up
};

/// All subjects of the store, by falling burstiness; those without any are last. Puts the readings of the store in order.
[[nodiscard]] std::vector<Subject> subjects_of(lines::LineStore& store, const SubjectOptions& options);

/// Of a distribution's `.p99` its `.max`, with the same tags and the same step; null if it is not among the subjects.
[[nodiscard]] const Subject* maxima_of(const Subject& p99, const std::vector<Subject>& subjects);

[[nodiscard]] SubjectSamples samples_of(const Subject& subject, lines::LineStore& store, const SubjectOptions& options);

} // namespace tickertape::cli::burst
