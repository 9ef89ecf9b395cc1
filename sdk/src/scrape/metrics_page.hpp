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
    /// New series make the page remove silent ones. It does so at most this often, because it checks all series each time.
    static constexpr std::chrono::seconds removal_interval{1};

private:
    enum class Type : std::uint8_t { counter, gauge, untyped, distribution };
    /// The part of a sample to which the points of a series belong.
    enum class Part : std::uint8_t {
        last,      ///< the value
        increment, ///< added to the value
        event,     ///< a recording: counted, and added to the value
        count,     ///< added to the count of recordings
        sum,       ///< of recordings: added to the value
        bucket,    ///< added to the recordings up to `le`
    };
    /// Decides when a series or a sample is removed.
    struct Life {
        bool stays = false;                             ///< never, even without points
        SteadyTime when{};                              ///< the time of its last point
        SteadyTime::duration silence = longest_silence; ///< removed after this time without a point
    };
    struct Bucket {
        std::string le{};
        Value count{};
    };
    /// The values with one set of labels. All its series are removed together, because an idle distribution has points of its
    /// count only.
    struct Sample {
        Value value{}; ///< for a distribution: the sum
        Value count{};
        std::vector<Bucket> buckets{}; ///< ascending
        std::vector<Part> parts{};     ///< the parts that have a series, except buckets
        std::size_t series = 0;
        Life life{}; ///< shared by all its series
    };
    using Samples = std::map<std::string, Sample>; // by labels: `site="a"`
    struct Family {
        std::string metric{}; ///< the original name
        Type type = Type::untyped;
        Samples samples{};
    };
    using Families = std::map<std::string, Family>; // by name
    /// The place in the page to which the points of a series go.
    struct Place {
        Part part = Part::last;
        std::optional<Families::iterator> family{}; ///< not set: its points are rejected
        Samples::iterator sample{};
        std::size_t bucket = 0;
        Life rejected{}; ///< used if the family is not set
    };
    /// The meaning of the points of a series.
    struct Role {
        Type type = Type::untyped;
        Part part = Part::last;
        std::string metric{}; ///< for a distribution: without a suffix such as `.count`
        std::string le{};
        std::chrono::nanoseconds timespan{}; ///< that of its counter
    };
    using Roles = std::unordered_map<Series, Role>;

    static Roles roles_of_counters();
    /// Fills `counters` if they are needed and not set.
    static Role role_of(const Series& series, std::optional<Roles>& counters);
    static void write(std::string& text, const std::string& name, const Family& family);
    static void add(Place& place, Value value);

    [[nodiscard]] Place make_place(const Series& series, const Role& role);
    [[nodiscard]] std::optional<Families::iterator> family_of(const std::string& name, const Role& role);
    void remove_silent(SteadyTime now);
    /// Removes a series from a sample, the sample after its last series, and the family after its last sample.
    void remove(Families::iterator family, Samples::iterator sample);

    mutable std::mutex mutex_;
    Families families_;
    std::unordered_set<std::string> names_; // the names with which lines begin
    std::unordered_map<Series, Place> places_;
    SteadyTime next_removal_{}; // not before this time does a new series remove silent ones
};

} // namespace tickertape::scrape
