// SPDX-License-Identifier: MIT
// Promises for foreign lines with any text: a fault with a short message, or fields that lie in the line and have the meaning
// that every TSD gives them. A store of lines, which has a faster way for known lines, reads them in the same way.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <tickertape/line.hpp>

#include "cli/lines/line_store.hpp"
#include "cli/lines/put_line.hpp"
#include "require.hpp"

using namespace tickertape;
using fuzz::require;

namespace {

constexpr WallTime latest_that_is_stored{std::chrono::milliseconds{9'000'000'000'000}};

bool is_part(std::string_view part, std::string_view whole) {
    return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

/// Returns the line made from its fields, if it has that form.
std::string again(const cli::lines::PutLine& fields) {
    std::string text{fields.has_put ? "put " : ""};
    text.append(fields.metric).append(" ").append(fields.stamp).append(" ").append(fields.value);
    return fields.tags.empty() ? text : text.append(" ").append(fields.tags);
}

void check_fields(std::string_view line, const cli::lines::PutLine& fields) {
    require(is_part(fields.metric, line) && is_part(fields.stamp, line) && is_part(fields.value, line));
    require(fields.tags.empty() == (fields.tag_count == 0) && fields.tag_count <= max_tags);
    require(!fields.has_host || fields.tags.starts_with("host=") || fields.tags.find(" host=") != std::string::npos);
    require(std::isfinite(fields.number().as_double()) && fields.time() > WallTime{});
    if (fields.is_canonical) {
        require(again(fields) == line);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text{reinterpret_cast<const char*>(data),
                           size}; // NOLINT(*-reinterpret-cast): bytes are text here
    cli::lines::LineStore store{{}};
    std::array<std::uint64_t, cli::lines::line_faults> faults{};
    std::map<std::string, std::uint64_t> readings; // by metric: the number of lines that can be stored
    std::uint64_t used = 0;
    for (std::string_view rest = text; !rest.empty();) {
        const std::string line{rest.substr(0, rest.find('\n'))}; // a copy, so that reading beyond it is noticed
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        cli::lines::PutLine fields;
        const cli::lines::LineError error = read_put_line(line, fields);
        ++faults.at(static_cast<std::size_t>(error.fault));
        if (error.fault == cli::lines::LineFault::none) {
            check_fields(line, fields);
            if (fields.time() <= latest_that_is_stored) {
                ++used;
                ++readings[std::string{fields.metric}];
            } else {
                ++faults.at(static_cast<std::size_t>(cli::lines::LineFault::stamp));
            }
        } else {
            const std::string sentence = to_string(error);
            constexpr std::size_t longest_sentence = 400;
            require(fuzz::is_printable(sentence) && sentence.size() <= longest_sentence);
        }
        store.add(line);
    }
    faults[0] = 0; // the number 0 means no fault
    require(store.faults() == faults && store.used() == used && store.without_room() == 0);
    for (const cli::lines::StoredSeries& series : store.series()) {
        const std::uint64_t kept = series.readings.size() + series.replaced;
        require(readings[series.metric] >= kept);
        readings[series.metric] -= kept;
    }
    for (const auto& [metric, left] : readings) {
        require(left == 0);
    }
    return 0;
}
