// SPDX-License-Identifier: MIT
#include "spool/format.hpp"

#include <algorithm>
#include <cstring>

#include "spool/crc32c.hpp"

namespace tickertape::spool {

namespace {

constexpr std::string_view segment_magic{"TTSPOOL\n"};
constexpr std::string_view settled_magic{"TTSETTL\n"};
constexpr std::string_view dropped_magic{"TTDROPS\n"};
constexpr std::string_view record_magic{"TTR1"};
constexpr std::size_t preamble_size = 16;
constexpr std::size_t range_size = 16;
// After the preamble: spool, next, count u32, CRC of these and of the ranges.
constexpr std::size_t settled_header_size = preamble_size + 24;

void put_preamble(std::string& out, std::string_view magic) {
    out.resize(preamble_size);
    magic.copy(out.data(), magic.size());
    put_u32(out.data() + 8, format_version);
    put_u32(out.data() + 12, crc32c({out.data(), 12}));
}

HeaderKind read_preamble(std::string_view bytes, std::string_view magic) noexcept {
    if (bytes.size() < preamble_size || !bytes.starts_with(magic) ||
        crc32c(bytes.substr(0, 12)) != get_u32(bytes.data() + 12)) {
        return HeaderKind::damaged;
    }
    return get_u32(bytes.data() + 8) > format_version ? HeaderKind::newer_version : HeaderKind::good;
}

} // namespace

void put_u32(char* out, std::uint32_t number) noexcept {
    for (unsigned i = 0; i < 4; ++i) {
        out[i] = static_cast<char>(number >> (8 * i) & 0xff);
    }
}

void put_u64(char* out, std::uint64_t number) noexcept {
    for (unsigned i = 0; i < 8; ++i) {
        out[i] = static_cast<char>(number >> (8 * i) & 0xff);
    }
}

std::uint32_t get_u32(const char* in) noexcept {
    std::uint32_t number = 0;
    for (unsigned i = 0; i < 4; ++i) {
        number |= static_cast<std::uint32_t>(static_cast<unsigned char>(in[i])) << (8 * i);
    }
    return number;
}

std::uint64_t get_u64(const char* in) noexcept {
    return get_u32(in) | static_cast<std::uint64_t>(get_u32(in + 4)) << 32;
}

std::string to_bytes(const SegmentHeader& header) {
    std::string bytes;
    put_preamble(bytes, segment_magic);
    bytes.resize(segment_header_size);
    char* const out = bytes.data() + preamble_size;
    put_u64(out, header.spool);
    put_u64(out + 8, header.serial);
    put_u64(out + 16, header.first);
    put_u64(out + 24, header.prior_end);
    put_u64(out + 32, static_cast<std::uint64_t>(header.created.time_since_epoch().count()));
    put_u32(out + 40, crc32c({out, 40}));
    return bytes;
}

HeaderKind read_segment_header(std::string_view bytes, SegmentHeader& header) noexcept {
    const HeaderKind kind = read_preamble(bytes, segment_magic);
    if (kind != HeaderKind::good) {
        return kind;
    }
    if (bytes.size() < segment_header_size) {
        return HeaderKind::damaged;
    }
    const char* const in = bytes.data() + preamble_size;
    if (crc32c({in, 40}) != get_u32(in + 40)) {
        return HeaderKind::damaged;
    }
    header = {.spool = get_u64(in),
              .serial = get_u64(in + 8),
              .first = get_u64(in + 16),
              .prior_end = get_u64(in + 24),
              .created = WallTime{std::chrono::nanoseconds{static_cast<std::int64_t>(get_u64(in + 32))}}};
    return HeaderKind::good;
}

void seal_record(std::span<char> record, std::uint64_t first, std::uint32_t points) noexcept {
    char* const out = record.data();
    const std::string_view payload = std::string_view{out, record.size()}.substr(record_header_size);
    record_magic.copy(out, record_magic.size());
    put_u32(out + 4, static_cast<std::uint32_t>(payload.size()));
    put_u64(out + 8, first);
    put_u32(out + 16, points);
    put_u32(out + 20, crc32c(payload));
    put_u32(out + 24, crc32c({out, 24}));
}

std::optional<RecordHeader> read_record_header(std::string_view bytes) noexcept {
    if (bytes.size() < record_header_size || !bytes.starts_with(record_magic) ||
        crc32c(bytes.substr(0, 24)) != get_u32(bytes.data() + 24)) {
        return std::nullopt;
    }
    const RecordHeader header{.first = get_u64(bytes.data() + 8),
                              .points = get_u32(bytes.data() + 16),
                              .size = get_u32(bytes.data() + 4),
                              .payload_crc = get_u32(bytes.data() + 20)};
    const bool is_sound = header.size <= max_payload && header.points > 0 && header.points <= max_record_points &&
                          header.first <= UINT64_MAX - header.points;
    return is_sound ? std::optional{header} : std::nullopt;
}

std::size_t find_record(std::string_view bytes, std::size_t from) noexcept {
    const std::size_t found = bytes.find(record_magic, from);
    return found == std::string_view::npos ? bytes.size() : found;
}

std::string to_bytes(const SettledFile& file, std::size_t most) {
    std::string bytes;
    put_preamble(bytes, settled_magic);
    const std::size_t count = std::min(file.settled.all().size(), most);
    bytes.resize(settled_header_size + count * range_size);
    char* const out = bytes.data() + preamble_size;
    put_u64(out, file.spool);
    put_u64(out + 8, file.next);
    put_u32(out + 16, static_cast<std::uint32_t>(count));
    for (std::size_t i = 0; i < count; ++i) {
        put_u64(out + 24 + i * range_size, file.settled.all()[i].from);
        put_u64(out + 32 + i * range_size, file.settled.all()[i].to);
    }
    put_u32(out + 20, crc32c({out + 24, count * range_size}, crc32c({out, 20})));
    return bytes;
}

std::optional<SettledFile> read_settled_file(std::string_view bytes) {
    if (read_preamble(bytes, settled_magic) != HeaderKind::good || bytes.size() < settled_header_size) {
        return std::nullopt;
    }
    const char* const in = bytes.data() + preamble_size;
    const std::size_t count = get_u32(in + 16);
    const std::string_view ranges = bytes.substr(settled_header_size);
    if (ranges.size() != count * range_size || crc32c(ranges, crc32c({in, 20})) != get_u32(in + 20)) {
        return std::nullopt;
    }
    SettledFile file{.spool = get_u64(in), .next = get_u64(in + 8)};
    for (std::size_t i = 0; i < count; ++i) {
        file.settled.add(
            {.from = get_u64(ranges.data() + i * range_size), .to = get_u64(ranges.data() + i * range_size + 8)});
    }
    return file;
}

std::string to_bytes(const DroppedFile& file) {
    std::string bytes;
    put_preamble(bytes, dropped_magic);
    bytes.resize(dropped_file_size);
    char* const out = bytes.data() + preamble_size;
    put_u64(out, file.spool);
    put_u64(out + 8, file.serial);
    put_u64(out + 16, file.points);
    put_u32(out + 24, crc32c({out, 24}));
    return bytes;
}

std::optional<DroppedFile> read_dropped_file(std::string_view bytes) {
    if (read_preamble(bytes, dropped_magic) != HeaderKind::good || bytes.size() != dropped_file_size) {
        return std::nullopt;
    }
    const char* const in = bytes.data() + preamble_size;
    if (crc32c({in, 24}) != get_u32(in + 24)) {
        return std::nullopt;
    }
    return DroppedFile{.spool = get_u64(in), .serial = get_u64(in + 8), .points = get_u64(in + 16)};
}

} // namespace tickertape::spool
