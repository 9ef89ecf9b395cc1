// SPDX-License-Identifier: MIT
/// \file
/// MetricsPage: the text that is served at /metrics.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <tickertape/transmitter.hpp>

namespace tickertape::scrape {

/// The current values of series, as text in Prometheus' format. A family is the series of one metric.
///
/// Thread safety: all functions may be called from any thread.
class MetricsPage {
public:
    /// Takes points at `now`.
    Outcome take(std::span<const Point> points, SteadyTime now);
    [[nodiscard]] std::string text(SteadyTime now);

    static constexpr std::size_t most_series = 10'000;
    static constexpr std::chrono::minutes longest_silence{5};
    /// A new series lets silent ones be removed at most so often, because that looks at all.
    static constexpr std::chrono::seconds removal_interval{1};

private:
    enum class Type : std::uint8_t { counter, gauge, untyped, distribution };
    /// The part of a sample that the points of a series are.
    enum class Part : std::uint8_t {
        last,      ///< the value
        increment, ///< added to the value
        event,     ///< a recording: counted, and added to the value
        count,     ///< added to the count of recordings
        sum,       ///< of recordings, added to the value
        bucket,    ///< added to the recordings up to `le`
    };
    /// The time that it is held.
    struct Life {
        bool stays = false;                             ///< without points
        SteadyTime when{};                              ///< of its last point
        SteadyTime::duration silence = longest_silence; ///< after which it is removed
    };
    struct Bucket {
        std::string le{};
        Value count{};
    };
    /// The values with one set of labels. All its series are removed together, because an idle distribution has points of its
    /// count only.
    struct Sample {
        Value value{}; ///< of a distribution the sum
        Value count{};
        std::vector<Bucket> buckets{}; ///< ascending
        std::vector<Part> parts{};     ///< those with a series, but for buckets
        std::size_t series = 0;
        Life life{}; ///< of all of them
    };
    using Samples = std::map<std::string, Sample>; // by labels: `site="a"`
    struct Family {
        std::string metric{}; ///< before its name became legal
        Type type = Type::untyped;
        Samples samples{};
    };
    using Families = std::map<std::string, Family>; // by name
    /// The place of a series.
    struct Place {
        Part part = Part::last;
        std::optional<Families::iterator> family{}; ///< not set: its points are rejected
        Samples::iterator sample{};
        std::size_t bucket = 0;
        Life rejected{}; ///< if the family is not set
    };
    /// What a series is.
    struct Role {
        Type type = Type::untyped;
        Part part = Part::last;
        std::string metric{}; ///< of a distribution, without `.count` and the like
        std::string le{};
        std::chrono::nanoseconds timespan{}; ///< of its counter
    };
    using Roles = std::unordered_map<Series, Role>;

    static Roles roles_of_counters();
    /// Reads the counters if they are needed and not yet read.
    static Role role_of(const Series& series, std::optional<Roles>& counters);
    static void write(std::string& text, const std::string& name, const Family& family);
    static void add(Place& place, Value value);

    [[nodiscard]] Place make_place(const Series& series, const Role& role);
    [[nodiscard]] std::optional<Families::iterator> family_of(const std::string& name, const Role& role);
    void remove_silent(SteadyTime now);
    /// A series less has its place there.
    void remove(Families::iterator family, Samples::iterator sample);

    mutable std::mutex mutex_;
    Families families_;
    std::unordered_set<std::string> names_; // of all lines
    std::unordered_map<Series, Place> places_;
    SteadyTime next_removal_{}; // when a new series comes
};

} // namespace tickertape::scrape
