// SPDX-License-Identifier: MIT
#include "push/put_body.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <new>
#include <utility>

#include "base/whole_number.hpp"
#include "point/append.hpp"
#include "point/line_formatter.hpp"

namespace tickertape::push {

namespace {

constexpr std::string_view put_command = "put ";
constexpr std::string_view before_time = R"(,"timestamp":)";
constexpr std::string_view before_tags = R"(,"tags":)";

// An object is longer than the line by the keys, and for each tag by two bytes at its `=` and two at its blank.
static_assert(max_line + 60 + 4 * max_tags <= max_put_object);

using point::append;

std::string_view take_word(std::string_view& rest) noexcept {
    const std::size_t end = rest.find(' ');
    const std::string_view word = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return word;
}

} // namespace

std::string_view PutPoints::object(std::size_t index) const noexcept {
    const std::size_t begin = index == 0 ? 0 : ends[index - 1] + std::size_t{1};
    return std::string_view{text}.substr(begin, ends[index] - begin);
}

void PutPoints::add(std::string_view object) {
    if (!ends.empty()) {
        text += ',';
    }
    text += object;
    ends.push_back(static_cast<std::uint32_t>(text.size()));
}

void PutPoints::append(const PutPoints& more) {
    if (more.empty()) {
        return;
    }
    if (!ends.empty()) {
        text += ',';
    }
    receipts.add(more.receipts);
    const auto before = static_cast<std::uint32_t>(text.size());
    text += more.text;
    std::transform(more.ends.begin(), more.ends.end(), std::back_inserter(ends),
                   [before](std::uint32_t end) { return before + end; });
}

PutPoints PutPoints::take_front(std::size_t count) {
    if (count >= size()) {
        return std::exchange(*this, {});
    }
    PutPoints front;
    if (count == 0) {
        return front;
    }
    const auto cut = ends.begin() + static_cast<std::ptrdiff_t>(count);
    front.ends.assign(ends.begin(), cut);
    front.text = text.substr(0, front.ends.back());
    front.receipts = receipts;
    const std::uint32_t gone = front.ends.back() + 1;
    text.erase(0, gone);
    ends.erase(ends.begin(), cut);
    for (std::uint32_t& end : ends) {
        end -= gone;
    }
    return front;
}

std::size_t PutPoints::how_many_fit(std::size_t bytes) const noexcept {
    const auto past = std::upper_bound(ends.begin(), ends.end(), bytes);
    return std::min(size(), std::max<std::size_t>(1, static_cast<std::size_t>(past - ends.begin())));
}

std::string_view series_of(std::string_view object, HttpDialect dialect, std::string& buffer) {
    if (dialect == HttpDialect::influx) {
        return buffer.assign(object.substr(0, object.find(' ')));
    }
    // The form that PutFormatter writes.
    const std::size_t time = object.find(before_time);
    const std::size_t tags = object.find(before_tags, time);
    return buffer.assign(object.substr(0, time)).append(tags == std::string_view::npos ? "" : object.substr(tags));
}

std::int64_t seconds_of(std::string_view object, HttpDialect dialect) noexcept {
    constexpr std::int64_t nanoseconds = 1'000'000'000;
    constexpr std::int64_t least_milliseconds =
        100'000'000'000; // in milliseconds this is in 1973, in seconds in the year 5138
    const std::size_t place =
        dialect == HttpDialect::influx ? object.rfind(' ') + 1 : object.find(before_time) + before_time.size();
    object.remove_prefix(std::min(place, object.size()));
    const std::int64_t stamp = base::take_whole_number<std::int64_t>(object).value_or(0);
    return dialect == HttpDialect::influx ? stamp / nanoseconds : stamp >= least_milliseconds ? stamp / 1000 : stamp;
}

PutFormatter::PutFormatter(std::string host_tag) : lines_{{.host_tag = std::move(host_tag)}} {}

point::LineResult PutFormatter::write(const Point& point, char* out) noexcept {
    std::array<char, max_line + 1> line; // NOLINT(*-member-init): filled by the next call
    const point::LineResult written = lines_.write(point, line.data());
    if (written.refused) {
        return written;
    }
    std::string_view rest{line.data(), written.size - 1};
    rest.remove_prefix(put_command.size());
    // Names need no escapes: no character that JSON treats specially is legal in them.
    char* end = append(out, R"({"metric":")");
    end = append(end, take_word(rest));
    end = append(end, R"(","timestamp":)");
    end = append(end, take_word(rest));
    end = append(end, R"(,"value":)");
    end = append(end, take_word(rest));
    end = append(end, R"(,"tags":{")");
    for (const char c : rest) {
        if (c == '=') {
            end = append(end, R"(":")");
        } else if (c == ' ') {
            end = append(end, R"(",")");
        } else {
            *end++ = c;
        }
    }
    end = append(end, R"("}})");
    return {.size = static_cast<std::size_t>(end - out)};
}

struct PutPacker::Zip {
    Zip() {
        constexpr int window_of_gzip = 15 + 16;
        constexpr int usual_memory = 8;
        // Points are so similar that a higher level gains little.
        if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, window_of_gzip, usual_memory, Z_DEFAULT_STRATEGY) != Z_OK) {
            throw std::bad_alloc{};
        }
    }
    ~Zip() { deflateEnd(&stream); }
    Zip(const Zip&) = delete;
    Zip& operator=(const Zip&) = delete;

    void feed(std::string_view bytes, int flush) {
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data())); // NOLINT(*-cast): zlib only reads
        stream.avail_in = static_cast<uInt>(bytes.size());
        deflate(&stream, flush); // there is room for everything, see below
    }

    z_stream stream{};
};

PutPacker::PutPacker(bool gzip, HttpDialect dialect)
    : dialect_{dialect}, zip_{gzip ? std::make_unique<Zip>() : nullptr} {}
PutPacker::~PutPacker() = default;

base::PageString PutPacker::pack(const PutPoints& points) {
    std::string_view begin = "[";
    std::string_view text = points.text;
    std::string_view end = "]";
    base::PageString lines;
    if (dialect_ == HttpDialect::influx) {
        lines = points.text;
        for (std::size_t i = 0; i + 1 < points.size(); ++i) {
            lines[points.ends[i]] = '\n';
        }
        begin = "";
        text = lines;
        end = "\n";
    }
    base::PageString body;
    if (!zip_) {
        body.reserve(text.size() + 2);
        return body.append(begin).append(text).append(end);
    }
    z_stream& stream = zip_->stream;
    deflateReset(&stream);
    body.resize(deflateBound(&stream, static_cast<uLong>(text.size()) + 2));
    stream.next_out = reinterpret_cast<Bytef*>(body.data()); // NOLINT(*-reinterpret-cast): zlib's bytes
    stream.avail_out = static_cast<uInt>(body.size());
    zip_->feed(begin, Z_NO_FLUSH);
    zip_->feed(text, Z_NO_FLUSH);
    zip_->feed(end, Z_FINISH);
    body.resize(stream.total_out);
    return body;
}

} // namespace tickertape::push
