// SPDX-License-Identifier: MIT
#include "cli/lines/indexed_lines.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include <tickertape/line.hpp>

#include "cli/lines/canonical.hpp"

namespace tickertape::cli::lines {

namespace {

constexpr std::size_t word_size = sizeof(std::uint64_t);

constexpr std::uint64_t every_byte(std::uint8_t byte) noexcept { return ~std::uint64_t{0} / 0xff * byte; }

std::uint64_t load_word(const char* bytes) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, word_size);
    return word;
}

bool has_only_digits(std::uint64_t word) noexcept {
    constexpr std::uint64_t upper = every_byte(0xf0);
    // The upper half of a digit is 3, also after 6 is added. A byte with a carry has another upper half, so it fails anyway.
    return (word & upper) == every_byte(0x30) && ((word + every_byte(6)) & upper) == every_byte(0x30);
}

/// Returns whether a text of 8 to 16 bytes has only digits.
bool has_digits(const char* begin, const char* end) noexcept {
    return has_only_digits(load_word(begin)) && has_only_digits(load_word(end - word_size));
}

/// Returns whether the last `size` bytes before `end`, 1 to 7, are digits. Reads eight bytes, all of them of the same line.
bool has_few_digits(const char* end, std::size_t size) noexcept {
    const std::uint64_t others = std::endian::native == std::endian::little
                                     ? (std::uint64_t{1} << (8 * (word_size - size))) - 1
                                     : ~std::uint64_t{0} << (8 * size);
    return has_only_digits((load_word(end - word_size) & ~others) | (every_byte('0') & others));
}

bool is_usual_timestamp(const char* begin, const char* end) noexcept {
    return lines::is_usual_timestamp({begin, static_cast<std::size_t>(end - begin)}) && has_digits(begin, end);
}

/// Returns whether the text is a plain number without an exponent. Eight bytes of its line are before `end`.
bool is_number(const char* begin, const char* end) noexcept {
    constexpr std::size_t longest = 16; // fits 64 bits
    const auto size = static_cast<std::size_t>(end - begin);
    if (size == 0 || size > longest) {
        return false;
    }
    const bool is_integer =
        (size < word_size ? has_few_digits(end, size) : has_digits(begin, end)) && (*begin != '0' || size == 1);
    const std::string_view text{begin, size};
    return is_integer || (is_plain_number(text) && text.find('e') == std::string_view::npos);
}

} // namespace

/// The ends of a line's fields within the block.
struct IndexedLines::Fields {
    const char* metric_end = nullptr;
    const char* stamp_end = nullptr;
    const char* value_end = nullptr;
    const char* line_end = nullptr;
    std::array<std::string_view, max_tags> keys{}; ///< with their `=`
    std::size_t tags = 0;

    [[nodiscard]] bool has_key(std::string_view key) const noexcept {
        return std::find(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(tags), key) !=
               keys.begin() + static_cast<std::ptrdiff_t>(tags);
    }
};

/// Checks the first line. Returns the place of its newline, or null if the line may not be canonical. The index ends with a
/// newline, so this reads a further place only after a place without a newline.
const IndexedLines::Place* IndexedLines::check(Fields& fields) const noexcept {
    constexpr std::string_view put = "put ";
    const char* const begin = rest_.data();
    const Place* place = next_;
    const char* at = block_ + *place;
    if (at != begin + put.size() - 1 || std::memcmp(begin, put.data(), put.size()) != 0) {
        return nullptr;
    }
    fields.metric_end = block_ + *++place;
    if (*fields.metric_end != ' ' || fields.metric_end == at + 1) {
        return nullptr;
    }
    fields.stamp_end = block_ + *++place;
    if (*fields.stamp_end != ' ' || !is_usual_timestamp(fields.metric_end + 1, fields.stamp_end)) {
        return nullptr;
    }
    fields.value_end = block_ + *++place;
    if (*fields.value_end != ' ' || !is_number(fields.stamp_end + 1, fields.value_end)) {
        return nullptr;
    }
    at = fields.value_end;
    fields.tags = 0;
    do {
        const char* const sign = block_ + *++place;
        if (*sign != '=' || sign == at + 1) {
            return nullptr;
        }
        const std::string_view key{at + 1, static_cast<std::size_t>(sign - at)};
        at = block_ + *++place;
        if (at == sign + 1 || fields.tags == max_tags || fields.has_key(key)) {
            return nullptr;
        }
        fields.keys[fields.tags++] = key;
    } while (*at == ' ');
    fields.line_end = at;
    return *at == '\n' && at <= begin + max_line ? place : nullptr;
}

bool IndexedLines::make_index() noexcept {
    const std::string_view block = rest_.substr(0, block_size);
    Place* out = places_.data();
    const auto add = [&out](std::uint64_t mask, std::size_t from) {
        const auto count = static_cast<std::size_t>(std::popcount(mask));
        for (std::size_t done = 0; done < count; done += group) { // surplus places are overwritten
            for (std::size_t i = 0; i < group; ++i) {
                constexpr std::uint64_t top = std::uint64_t{1} << (mask_bytes - 1);
                out[done + i] = static_cast<Place>(from + static_cast<std::size_t>(std::countr_zero(mask | top)));
                mask &= mask - 1;
            }
        }
        out += count;
    };
    std::size_t from = 0;
    for (; from + mask_bytes <= block.size(); from += mask_bytes) {
        add(name_mask(block.data() + from), from);
    }
    if (from < block.size()) {
        std::array<char, mask_bytes> last{};
        last.fill('a');
        std::copy(block.begin() + static_cast<std::ptrdiff_t>(from), block.end(), last.begin());
        add(name_mask(last.data()), from);
    }
    while (out != places_.data() && block[out[-1]] != '\n') {
        --out;
    }
    block_ = block.data();
    next_ = places_.data();
    end_ = out;
    return next_ != end_;
}

void IndexedLines::pass(const Place* newline) noexcept {
    rest_.remove_prefix(static_cast<std::size_t>(block_ + *newline + 1 - rest_.data()));
    next_ = newline + 1;
}

IndexedLines::Run IndexedLines::take_run(std::size_t most_bytes, std::uint32_t most_lines) noexcept {
    const char* const begin = rest_.data();
    std::uint32_t lines = 0;
    Fields fields;
    while (lines < most_lines && has_index()) {
        const Place* const newline = check(fields);
        if (newline == nullptr || static_cast<std::size_t>(fields.line_end + 1 - begin) > most_bytes) {
            break;
        }
        pass(newline);
        ++lines;
    }
    return {.text = {begin, static_cast<std::size_t>(rest_.data() - begin)}, .lines = lines};
}

std::optional<std::string_view> IndexedLines::take_canonical(PutLine& out) noexcept {
    Fields fields;
    const Place* const newline = has_index() ? check(fields) : nullptr;
    if (newline == nullptr) {
        return std::nullopt;
    }
    const auto between = [](const char* from, const char* to) {
        return std::string_view{from, static_cast<std::size_t>(to - from)};
    };
    const char* const begin = rest_.data();
    constexpr std::size_t put_size = 4;
    out = {.metric = between(begin + put_size, fields.metric_end),
           .stamp = between(fields.metric_end + 1, fields.stamp_end),
           .value = between(fields.stamp_end + 1, fields.value_end),
           .tags = between(fields.value_end + 1, fields.line_end),
           .tag_count = static_cast<std::uint8_t>(fields.tags),
           .has_put = true,
           .has_host = fields.has_key("host=")};
    pass(newline);
    return between(begin, fields.line_end);
}

std::string_view IndexedLines::take_line() noexcept {
    if (has_index()) {
        const Place* const newline = std::find_if(next_, end_, [this](Place place) { return block_[place] == '\n'; });
        const std::string_view line = rest_.substr(0, static_cast<std::size_t>(block_ + *newline - rest_.data()));
        pass(newline);
        return line;
    }
    const std::string_view line = rest_.substr(0, rest_.find('\n')); // the line is longer than a block
    rest_.remove_prefix(line.size() + 1);
    return line;
}

} // namespace tickertape::cli::lines
