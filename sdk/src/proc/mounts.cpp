// SPDX-License-Identifier: MIT
#include <tickertape/proc/mounts.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <tickertape/proc/tokens.hpp>

namespace tickertape::proc {

namespace {

bool is_octal(char c) noexcept { return c >= '0' && c <= '7'; }

std::string unescaped(std::string_view text) {
    std::string plain;
    plain.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::string_view digits = text.substr(i + 1, 3);
        if (text[i] == '\\' && digits.size() == 3 && std::all_of(digits.begin(), digits.end(), is_octal)) {
            plain += static_cast<char>((digits[0] - '0') * 64 + (digits[1] - '0') * 8 + (digits[2] - '0'));
            i += 3;
        } else {
            plain += text[i];
        }
    }
    return plain;
}

} // namespace

bool Mount::is_read_only() const noexcept {
    for (std::string_view rest = options; !rest.empty();) {
        const std::string_view option = rest.substr(0, rest.find(','));
        if (option == "ro" || option == "emergency_ro") { // ext4 reports emergency_ro since Linux 6.15
            return true;
        }
        rest.remove_prefix(std::min(rest.size(), option.size() + 1));
    }
    return false;
}

std::vector<Mount> parse_mounts(std::string_view text, std::string_view file, SkippedRows& skipped) {
    std::vector<Mount> mounts;
    each_row(text, file, skipped, [&mounts](Tokens& tokens) {
        const std::string_view device = tokens.next();
        const std::string_view point = tokens.next();
        const std::string_view type = tokens.next();
        if (type.empty()) {
            tokens.refuse(type, "is no type of a file system");
        }
        mounts.push_back({unescaped(device), unescaped(point), unescaped(type), std::string{tokens.next()}});
    });
    return mounts;
}

namespace {

bool is_below(std::string_view path, std::string_view folder) {
    return path.size() > folder.size() && path.starts_with(folder) && (folder == "/" || path[folder.size()] == '/');
}

/// Returns whether another mount is on the same directory, above `one`.
bool is_stacked_upon(const MountInfo& one, const std::vector<MountInfo>& all) {
    return std::any_of(all.begin(), all.end(), [&](const MountInfo& other) {
        return other.parent == one.id && other.id != one.id && other.mount.point == one.mount.point;
    });
}

/// Returns whether another mount hides `one`: it is on a directory between `one` and the mount below.
bool is_cut_off(const MountInfo& one, const std::vector<MountInfo>& all) {
    return std::any_of(all.begin(), all.end(), [&](const MountInfo& other) {
        return other.parent == one.parent && is_below(one.mount.point, other.mount.point);
    });
}

} // namespace

std::vector<MountInfo> parse_mountinfo(std::string_view text, std::string_view file, SkippedRows& skipped) {
    std::vector<MountInfo> mounts;
    each_row(text, file, skipped, [&mounts](Tokens& tokens) {
        MountInfo info{};
        info.id = tokens.number<int>();
        info.parent = tokens.number<int>();
        info.file_system = tokens.next();
        static_cast<void>(tokens.next()); // skips the mounted part of the file system
        info.mount.point = unescaped(tokens.next());
        info.mount.options = tokens.next();
        std::string_view word;
        do { // skips optional fields
            word = tokens.next();
        } while (!word.empty() && word != "-");
        info.mount.type = unescaped(tokens.next());
        info.mount.device = unescaped(tokens.next());
        if (info.mount.device.empty()) {
            tokens.refuse("", "is no device");
        }
        info.mount.options.append(",").append(tokens.next()); // the options of the file system
        mounts.push_back(std::move(info));
    });
    return mounts;
}

std::vector<MountInfo> visible(const std::vector<MountInfo>& all) {
    std::map<int, bool> is_reached; // by id; a mount comes after the one below it
    std::vector<MountInfo> mounts;
    for (const MountInfo& one : all) {
        const auto parent = is_reached.find(one.parent);
        const bool reached = !is_cut_off(one, all) && (parent == is_reached.end() || parent->second);
        is_reached[one.id] = reached;
        if (reached && !is_stacked_upon(one, all)) {
            mounts.push_back(one);
        }
    }
    return mounts;
}

namespace {

std::vector<MountInfo> last_on_each_directory(std::vector<Mount> all) {
    std::map<std::string, MountInfo> by_point;
    for (Mount& mount : all) {
        std::string file_system = is_below(mount.device, "/dev") ? mount.device : mount.point;
        std::string point = mount.point;
        by_point[std::move(point)] = MountInfo{std::move(mount), 0, 0, std::move(file_system)};
    }
    std::vector<MountInfo> mounts;
    for (auto& [point, mount] : by_point) {
        mounts.push_back(std::move(mount));
    }
    return mounts;
}

} // namespace

bool MountReader::read(const Root& root) {
    const char* name = root.is_of_another_host() ? "1/mountinfo" : "self/mountinfo";
    std::optional<std::string_view> text = root.read_all(name, buffer_);
    const bool has_numbers = text.has_value();
    if (!has_numbers) {
        name = "mounts";
        text = root.need_all(name, buffer_);
    }
    if (!parsed_.empty() && has_numbers == has_numbers_ && *text == parsed_) {
        return false;
    }
    mounts_ = has_numbers ? visible(parse_mountinfo(*text, root.path_of(name), root.skipped()))
                          : last_on_each_directory(parse_mounts(*text, root.path_of(name), root.skipped()));
    parsed_.assign(*text);
    has_numbers_ = has_numbers;
    return true;
}

} // namespace tickertape::proc
