// SPDX-License-Identifier: MIT
/// \file
/// JournalFile: a file of systemd's journal, in its documented form (JOURNAL_FILE_FORMAT). It supports entries of a few fields,
/// without compression and sealing, and has hash tables of one bucket.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test {

/// Bob Jenkins' lookup3, hashlittle2 of bytes, which the format requires.
inline std::uint64_t jenkins_hash(std::string_view data) {
    std::uint32_t a = 0xdeadbeefU + static_cast<std::uint32_t>(data.size());
    std::uint32_t b = a;
    std::uint32_t c = a;
    const auto rotated = [](std::uint32_t x, unsigned bits) { return (x << bits) | (x >> (32U - bits)); };
    const auto add = [&](std::string_view block) { // up to twelve bytes
        std::array<std::uint32_t, 3> words{};
        for (std::size_t i = 0; i < block.size(); ++i) {
            words[i / 4] += static_cast<std::uint32_t>(static_cast<unsigned char>(block[i])) << (8 * (i % 4));
        }
        a += words[0];
        b += words[1];
        c += words[2];
    };
    while (data.size() > 12) {
        add(data.substr(0, 12));
        data.remove_prefix(12);
        const auto mix = [&](std::uint32_t& x, std::uint32_t y, std::uint32_t& z, unsigned bits) {
            x -= z;
            x ^= rotated(z, bits);
            z += y;
        };
        mix(a, b, c, 4);
        mix(b, c, a, 6);
        mix(c, a, b, 8);
        mix(a, b, c, 16);
        mix(b, c, a, 19);
        mix(c, a, b, 4);
    }
    if (!data.empty()) {
        add(data);
        const auto last = [&](std::uint32_t& x, std::uint32_t y, unsigned bits) {
            x ^= y;
            x -= rotated(y, bits);
        };
        last(c, b, 14);
        last(a, c, 11);
        last(b, a, 25);
        last(c, b, 16);
        last(a, c, 4);
        last(b, a, 14);
        last(c, b, 24);
    }
    return (std::uint64_t{c} << 32U) | b;
}

class JournalFile {
public:
    using Fields = std::vector<std::string>; ///< `MESSAGE=text`

    explicit JournalFile(std::filesystem::path path) : path_{std::move(path)} {
        bytes_.resize(header_size);
        std::memcpy(bytes_.data(), "LPKSHHRH", 8);
        bytes_[16] = 1;                             // online: a writer may append
        for (std::size_t i = 24; i < 88; i += 16) { // file, machine, boot, sequence number id
            put(i, 0x1122334455667788U + i);
            put(i + 8, 0x99aabbccddeeff00U + i);
        }
        put(88, header_size);
        data_table_ = add_object(4, std::string(16, '\0'));
        field_table_ = add_object(5, std::string(16, '\0'));
        put(104, data_table_ + 16);
        put(112, 16);
        put(120, field_table_ + 16);
        put(128, 16);
        array_ = add_object(6, std::string(8 + 8 * most_entries, '\0'));
        put(176, array_);
        put(232, 1); // entry arrays
        write_all();
    }

    void append(const Fields& fields) {
        std::vector<std::uint64_t> data;
        for (const std::string& field : fields) {
            data.push_back(data_of(field));
        }
        ++entries_;
        std::string entry;
        std::uint64_t all_hashes = 0;
        std::string items;
        for (std::size_t i = 0; i < fields.size(); ++i) {
            const std::uint64_t hash = jenkins_hash(fields[i]);
            all_hashes ^= hash;
            items += bytes_of(data[i]) + bytes_of(hash);
        }
        const std::uint64_t real_time = 1'700'000'000'000'000U + entries_ * 1'000'000;
        entry += bytes_of(entries_) + bytes_of(real_time) + bytes_of(entries_ * 1'000'000);
        entry += bytes_.substr(56, 16) + bytes_of(all_hashes) + items;
        const std::uint64_t place = add_object(3, entry);
        put(array_ + 24 + 8 * (entries_ - 1), place);
        for (const std::uint64_t one : data) {
            link_entry(one, place);
        }
        put(152, entries_);
        put(160, entries_);
        put(168, 1);
        put(184, entries_ == 1 ? real_time : get(184));
        put(192, real_time);
        put(200, entries_ * 1'000'000);
        write_all();
    }

private:
    static constexpr std::uint64_t header_size = 240;
    static constexpr std::uint64_t most_entries = 64;

    static std::string bytes_of(std::uint64_t number) {
        std::string bytes(8, '\0');
        std::memcpy(bytes.data(), &number, 8); // little endian, like the machines that run the tests
        return bytes;
    }
    void put(std::uint64_t at, std::uint64_t number) { bytes_.replace(at, 8, bytes_of(number)); }
    [[nodiscard]] std::uint64_t get(std::uint64_t at) const {
        std::uint64_t number = 0;
        std::memcpy(&number, bytes_.data() + at, 8); // NOLINT(*-pointer-arithmetic)
        return number;
    }

    /// Returns the position of the object.
    std::uint64_t add_object(char type, const std::string& payload) {
        bytes_.resize((bytes_.size() + 7) / 8 * 8);
        const std::uint64_t place = bytes_.size();
        bytes_ += type + std::string(7, '\0') + bytes_of(16 + payload.size()) + payload;
        put(136, place);
        put(144, get(144) + 1);
        return place;
    }

    /// Appends the object at `place` to the chain of a table's only bucket; `next` is the offset of an object's successor.
    void chain(std::uint64_t table, std::uint64_t place) {
        const std::uint64_t last = get(table + 24);
        last == 0 ? put(table + 16, place) : put(last + 24, place);
        put(table + 24, place);
    }

    std::uint64_t data_of(const std::string& field) {
        if (const auto known = data_.find(field); known != data_.end()) {
            return known->second;
        }
        const std::uint64_t place = add_object(1, bytes_of(jenkins_hash(field)) + std::string(40, '\0') + field);
        chain(data_table_, place);
        data_.emplace(field, place);
        put(208, get(208) + 1);
        const std::string name = field.substr(0, field.find('='));
        auto known = names_.find(name);
        if (known == names_.end()) {
            const std::uint64_t of_name = add_object(2, bytes_of(jenkins_hash(name)) + std::string(16, '\0') + name);
            chain(field_table_, of_name);
            known = names_.emplace(name, of_name).first;
            put(216, get(216) + 1);
        }
        put(place + 32, get(known->second + 32)); // the previous data of this field
        put(known->second + 32, place);
        return place;
    }

    /// Stores in the data at `place` that the entry contains it.
    void link_entry(std::uint64_t place, std::uint64_t entry) {
        const std::uint64_t count = get(place + 56);
        if (count == 0) {
            put(place + 40, entry);
        } else {
            if (get(place + 48) == 0) {
                const std::uint64_t array = add_object(6, std::string(8 + 8 * most_entries, '\0'));
                put(place + 48, array);
                put(232, get(232) + 1);
            }
            put(get(place + 48) + 24 + 8 * (count - 1), entry);
        }
        put(place + 56, count + 1);
    }

    /// Writes in place, because the reader has the file mapped.
    void write_all() {
        bytes_.resize((bytes_.size() + 7) / 8 * 8);
        put(96, bytes_.size() - header_size);
        if (!std::filesystem::exists(path_)) {
            std::ofstream{path_};
        }
        std::fstream file{path_, std::ios::in | std::ios::out | std::ios::binary};
        file.seekp(
            static_cast<std::streamoff>(header_size)); // the header comes last, because it makes the rest visible
        file.write(bytes_.data() + header_size, static_cast<std::streamsize>(bytes_.size() - header_size)); // NOLINT
        file.seekp(0);
        file.write(bytes_.data(), header_size);
    }

    std::filesystem::path path_;
    std::string bytes_;
    std::uint64_t data_table_ = 0;
    std::uint64_t field_table_ = 0;
    std::uint64_t array_ = 0;
    std::uint64_t entries_ = 0;
    std::map<std::string, std::uint64_t> data_;
    std::map<std::string, std::uint64_t> names_;
};

} // namespace test
