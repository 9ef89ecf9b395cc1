// SPDX-License-Identifier: MIT
#include "spool/points.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <optional>
#include <utility>

#include <tickertape/tags.hpp>

namespace tickertape::spool {

namespace {

constexpr std::size_t fixed_size = 17;         // kind, time, value
constexpr std::size_t series_header_size = 13; // step, flags, sizes
constexpr std::size_t most_of_a_point = fixed_size + series_header_size + max_series_text;
constexpr std::size_t target_size = std::size_t{256} * 1024;
constexpr std::size_t most_series = 10'000; // the most series that are remembered
constexpr unsigned char is_integer = 1;
constexpr unsigned char has_series = 2;

std::uint16_t get_u16(const char* in) {
    return static_cast<std::uint16_t>(static_cast<unsigned char>(in[0]) | static_cast<unsigned char>(in[1]) << 8U);
}

void put_u16(char* out, std::size_t number) {
    out[0] = static_cast<char>(number & 0xff);
    out[1] = static_cast<char>(number >> 8U);
}

char* put(const Series& series, char* out) {
    const std::string_view metric = series.metric();
    const std::string_view tags = series.tags_text();
    const SeriesOptions options = series.options();
    put_u64(out, static_cast<std::uint64_t>(options.step.count()));
    out[8] = static_cast<char>((options.reserve_host_tag ? 1U : 0U) | static_cast<unsigned>(options.merge) << 1U);
    put_u16(out + 9, metric.size());
    put_u16(out + 11, tags.size());
    out += series_header_size;
    out += metric.copy(out, metric.size());
    return out + tags.copy(out, tags.size());
}

Series make_series(std::string_view header, std::string_view metric, std::string_view text) {
    Tags tags;
    while (!text.empty()) {
        const std::string_view tag = text.substr(0, text.find(' '));
        const std::size_t equals = std::min(tag.find('='), tag.size());
        tags.set(tag.substr(0, equals), tag.substr(std::min(equals + 1, tag.size())));
        text.remove_prefix(std::min(tag.size() + 1, text.size()));
    }
    const auto flags = static_cast<unsigned char>(header[8]);
    if (flags >> 1U > static_cast<unsigned>(SeriesOptions::Merge::timing)) {
        throw UsageError{"no such merge"};
    }
    return Series{metric,
                  tags,
                  {.step = std::chrono::nanoseconds{static_cast<std::int64_t>(get_u64(header.data()))},
                   .reserve_host_tag = (flags & 1U) != 0,
                   .merge = static_cast<SeriesOptions::Merge>(flags >> 1U)}};
}

} // namespace

Encoded Encoder::encode(std::span<const Point> points) {
    buffer_.resize(record_header_size + target_size + most_of_a_point);
    char* const begin = buffer_.data();
    const char* const full = begin + record_header_size + target_size;
    char* out = begin + record_header_size;
    const Series* before = nullptr;
    std::uint32_t count = 0;
    for (; count < points.size() && out < full && count < max_record_points; ++count) {
        const Point& point = points[count];
        const bool is_new = before == nullptr || *before != point.series();
        const Value value = point.value();
        out[0] = static_cast<char>((value.is_integer() ? is_integer : 0U) | (is_new ? has_series : 0U));
        put_u64(out + 1, static_cast<std::uint64_t>(point.time().time_since_epoch().count()));
        put_u64(out + 9, value.is_integer() ? static_cast<std::uint64_t>(value.integer())
                                            : std::bit_cast<std::uint64_t>(value.as_double()));
        out += fixed_size;
        if (is_new) {
            out = put(point.series(), out);
            before = &point.series();
        }
    }
    return {.record = {begin, out}, .points = count};
}

bool Decoder::read_series(std::string_view& left) {
    if (left.size() < series_header_size) {
        return false;
    }
    const std::size_t metric_size = get_u16(left.data() + 9);
    const std::size_t tags_size = get_u16(left.data() + 11);
    const std::size_t size = series_header_size + metric_size + tags_size;
    if (left.size() < size) {
        return false;
    }
    const std::string key{left.substr(0, size)};
    auto found = known_.find(key);
    if (found == known_.end()) {
        if (known_.size() >= most_series) {
            known_.clear();
        }
        try {
            found = known_
                        .emplace(key, make_series(left.substr(0, series_header_size),
                                                  left.substr(series_header_size, metric_size),
                                                  left.substr(series_header_size + metric_size, tags_size)))
                        .first;
        } catch (const UsageError&) {
            return false;
        }
    }
    series_ = &found->second;
    left.remove_prefix(size);
    return true;
}

bool Decoder::decode(std::string_view payload, std::vector<Point>& points) {
    const std::size_t before = points.size();
    const auto fail = [&] {
        points.erase(points.begin() + static_cast<std::ptrdiff_t>(before), points.end());
        return false;
    };
    series_ = nullptr;
    while (!payload.empty()) {
        if (payload.size() < fixed_size) {
            return fail();
        }
        const auto kind = static_cast<unsigned char>(payload[0]);
        const WallTime time{std::chrono::nanoseconds{static_cast<std::int64_t>(get_u64(payload.data() + 1))}};
        const std::uint64_t bits = get_u64(payload.data() + 9);
        payload.remove_prefix(fixed_size);
        const std::optional<Value> value = (kind & is_integer) != 0 ? Value{static_cast<std::int64_t>(bits)}
                                                                    : Value::checked(std::bit_cast<double>(bits));
        const bool has_all = (kind & has_series) != 0 ? read_series(payload) : series_ != nullptr;
        if (!has_all || !value || kind > (is_integer | has_series)) {
            return fail();
        }
        points.emplace_back(*series_, time, *value);
    }
    return true;
}

} // namespace tickertape::spool
