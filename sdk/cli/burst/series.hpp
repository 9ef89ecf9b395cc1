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

/// A report to be made. Its buckets are made when they are needed, so only one subject's buckets are in memory at a time.
struct Subject {
    std::string name{};
    std::vector<std::size_t> members{}; ///< indices into the store's series; several are summed up
    std::chrono::milliseconds step{0};
    bool step_is_a_guess = false; ///< no distance in the input shows the step
    std::size_t repeated = 0;     ///< readings that a later line with the same timestamp replaced
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
    std::optional<std::string>
        by{}; ///< the key of a tag: the series of a metric with the same value of this tag are added up
};

/// Returns all subjects of the store, by falling burstiness; those without a burstiness come last. Sorts the readings of the
/// store.
[[nodiscard]] std::vector<Subject> subjects_of(lines::LineStore& store, const SubjectOptions& options);

/// Returns a distribution's `.max` for its `.p99`: same tags, same step. Null if there is none among the subjects.
[[nodiscard]] const Subject* maxima_of(const Subject& p99, const std::vector<Subject>& subjects);

[[nodiscard]] SubjectSamples samples_of(const Subject& subject, lines::LineStore& store, const SubjectOptions& options);

} // namespace tickertape::cli::burst
