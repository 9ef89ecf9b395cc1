// SPDX-License-Identifier: MIT
#include "cli/burst/series.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "cli/lines/band.hpp"

namespace tickertape::cli::burst {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds usual_step{1000};

std::string name_of(const lines::StoredSeries& series, const std::optional<std::string>& by) {
    if (!by) {
        return series.text();
    }
    const auto value = series.tag(*by);
    std::string name = series.metric;
    return value ? name.append(" ").append(*by).append("=").append(*value) : name.append(" without ").append(*by);
}

} // namespace

std::vector<Subject> subjects_of(lines::LineStore& store, const SubjectOptions& options) {
    auto& all = store.series();
    std::vector<lines::Spacing> spacings;
    std::vector<std::size_t> repeated;
    std::optional<milliseconds> smallest;
    for (lines::StoredSeries& series : all) {
        repeated.push_back(series.sort());
        spacings.push_back(lines::spacing(series.readings));
        const auto& step = spacings.back().smallest;
        if (series.is_asked_for && step && (!smallest || *step < *smallest)) {
            smallest = step;
        }
    }
    // Only series with the same step are added up.
    std::map<std::pair<std::string, milliseconds>, Subject> found;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!all[i].is_asked_for) {
            continue;
        }
        // A series whose value never changes may have been held back, so its distances do not show its step.
        const bool shows = spacings[i].changes && spacings[i].smallest;
        const milliseconds guess = shows ? *spacings[i].smallest : smallest.value_or(usual_step);
        const milliseconds step = options.granularity.value_or(std::min(guess, lines::longest_step));
        std::string name = name_of(all[i], options.by);
        Subject& subject = found[{name, step}];
        subject.name = std::move(name);
        subject.step = step;
        subject.step_is_a_guess = subject.step_is_a_guess || (!shows && !options.granularity);
        subject.repeated += repeated[i];
        subject.members.push_back(i);
    }
    std::vector<Subject> subjects;
    for (auto& [key, subject] : found) {
        const SubjectSamples made = samples_of(subject, store, options);
        subject.burstiness =
            std::visit([](const auto& samples) { return tickertape::burst::burstiness(samples); }, made.samples);
        subjects.push_back(std::move(subject));
    }
    std::sort(subjects.begin(), subjects.end(), [](const Subject& a, const Subject& b) {
        if (a.burstiness != b.burstiness) {
            return a.burstiness && (!b.burstiness || *a.burstiness > *b.burstiness);
        }
        return std::tie(a.name, a.step) < std::tie(b.name, b.step);
    });
    return subjects;
}

const Subject* maxima_of(const Subject& p99, const std::vector<Subject>& subjects) {
    const std::optional<std::string> name = lines::maxima_of(p99.name);
    const auto found = std::find_if(subjects.begin(), subjects.end(), [&](const Subject& subject) {
        return subject.name == name && subject.step == p99.step && subject.members.size() == p99.members.size();
    });
    return name && p99.members.size() == 1 && found != subjects.end() ? &*found : nullptr;
}

SubjectSamples samples_of(const Subject& subject, lines::LineStore& store, const SubjectOptions& options) {
    const lines::ExpandOptions how{.step = subject.step, .dedup = options.dedup};
    const auto& all = store.series();
    if (subject.members.size() == 1) {
        lines::Expanded one = lines::expand(all[subject.members.front()].readings, how);
        return {std::move(one.samples), one.filled, one.too_close, one.left_out};
    }
    milliseconds oldest = milliseconds::max();
    milliseconds newest{0};
    for (const std::size_t member : subject.members) {
        oldest = std::min(oldest, milliseconds{all[member].readings.front().stamp()});
        newest = std::max(newest, milliseconds{all[member].readings.back().stamp()});
    }
    const auto span = subject.step * static_cast<std::int64_t>(how.most_buckets);
    // The last reading may be up to a step later than its timestamp.
    lines::SumOfSeries sum{subject.step, WallTime{std::max(oldest, newest - span)}, WallTime{newest + subject.step}};
    SubjectSamples result{.samples = tickertape::burst::Samples<std::int64_t>{subject.step}};
    for (const std::size_t member : subject.members) {
        const lines::Expanded one = lines::expand(all[member].readings, how);
        sum.add(one.samples);
        result.filled += one.filled;
        result.too_close += one.too_close;
        result.left_out += one.left_out;
    }
    result.samples = sum.sum();
    result.left_out += sum.left_out();
    return result;
}

} // namespace tickertape::cli::burst
