// SPDX-License-Identifier: MIT
#include <tickertape/series.hpp>

#include "base/quote.hpp"
#include "point/series_table.hpp"

namespace tickertape {

namespace {

constexpr std::string_view host_key = "host";

void check_tag_count(std::string_view metric, const Tags& tags, const SeriesOptions& options) {
    const bool adds_host = options.reserve_host_tag && tags.find(host_key) == nullptr;
    const std::size_t most = adds_host ? max_tags - 1 : max_tags;
    if (tags.size() > most) {
        throw UsageError{"the series " + base::quote(metric) + " has " + std::to_string(tags.size()) +
                         " tags; at most " + std::to_string(most) + " are allowed" +
                         (adds_host ? " beside the host tag" : "")};
    }
}

} // namespace

Series::Series(Name metric, const Tags& tags, SeriesOptions options) : node_{nullptr} {
    check_tag_count(metric.checked(), tags, options);
    if (options.step < std::chrono::nanoseconds::zero()) {
        throw UsageError{"the series " + base::quote(metric.text()) + " has the step " +
                         std::to_string(options.step.count()) + " ns; a step is 0 (none) or positive"};
    }
    std::size_t size = metric.text().size();
    for (const auto& [key, value] : tags) {
        size += 2 + key.size() + value.size();
    }
    if (size > max_series_text) {
        throw UsageError{"the series " + base::quote(metric.text()) + " with its tags is " + std::to_string(size) +
                         " bytes long; at most " + std::to_string(max_series_text) + " are allowed"};
    }

    char text[max_series_text];
    char* end = text;
    const auto append = [&end](std::string_view part) { end += part.copy(end, part.size()); };
    append(metric.text());
    std::size_t host_offset = 0;
    for (const auto& [key, value] : tags) {
        append(" ");
        append(key);
        append("=");
        append(value);
        if (key.compare(host_key) < 0) {
            host_offset = static_cast<std::size_t>(end - text) - metric.text().size();
        }
    }
    const std::size_t tags_size = tags.empty() ? 0 : size - metric.text().size() - 1;
    if (host_offset > tags_size) {
        host_offset = tags_size; // no blank follows the last tag
    }
    node_ = point::SeriesTable::instance().intern({.text = {text, size},
                                                   .step = options.step,
                                                   .metric_size = static_cast<std::uint16_t>(metric.text().size()),
                                                   .host_offset = static_cast<std::uint16_t>(host_offset),
                                                   .tag_count = static_cast<std::uint8_t>(tags.size()),
                                                   .has_host = tags.find(host_key) != nullptr,
                                                   .reserve_host = options.reserve_host_tag,
                                                   .merge = options.merge});
}

std::string_view Series::metric() const noexcept { return node_->text().substr(0, node_->metric_size); }

std::string_view Series::tags_text() const noexcept {
    const std::string_view text = node_->text();
    return text.size() == node_->metric_size ? std::string_view{} : text.substr(node_->metric_size + std::size_t{1});
}

std::string_view Series::text() const noexcept { return node_->text(); }

Tags Series::tags() const {
    Tags tags;
    std::string_view rest = tags_text();
    while (!rest.empty()) {
        const std::string_view tag = rest.substr(0, rest.find(' '));
        const std::size_t equals = tag.find('=');
        tags.set(tag.substr(0, equals), tag.substr(equals + 1));
        rest.remove_prefix(tag.size() == rest.size() ? tag.size() : tag.size() + 1);
    }
    return tags;
}

std::size_t Series::tag_count() const noexcept { return node_->tag_count; }
bool Series::has_host_tag() const noexcept { return node_->has_host; }
std::size_t Series::host_tag_offset() const noexcept { return node_->host_offset; }
std::chrono::nanoseconds Series::step() const noexcept { return node_->step; }

Series::Precision Series::precision() const noexcept {
    return node_->step % std::chrono::seconds{1} == std::chrono::nanoseconds::zero() ? Series::Precision::seconds
                                                                                     : Series::Precision::milliseconds;
}

SeriesOptions::Merge Series::merge() const noexcept { return node_->merge; }

SeriesOptions Series::options() const noexcept {
    return {.step = node_->step, .reserve_host_tag = node_->reserve_host, .merge = node_->merge};
}

void Series::acquire(point::SeriesNode* node) noexcept { node->references.fetch_add(1, std::memory_order_relaxed); }

void Series::release(point::SeriesNode* node) noexcept { point::SeriesTable::instance().release(node); }

} // namespace tickertape
