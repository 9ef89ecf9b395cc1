// SPDX-License-Identifier: MIT
#include "collector/config.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <tickertape/name.hpp>

#include "base/concat.hpp"
#include "base/quote.hpp"
#include "base/unique_fd.hpp"

namespace tickertape::collector {

namespace {

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& what) {
    throw UsageError{path.string() + ": " + what};
}

std::string reason(int error) { return std::error_code{error, std::generic_category()}.message(); }

constexpr std::string_view blanks = " \t\r";

std::string_view trimmed(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    return text.substr(0, text.find_last_not_of(blanks) + 1);
}

bool is_comment(std::string_view text) { return text.empty() || text.starts_with('#'); }

/// Returns the text of a value; nothing if its quote does not end, or if text follows the quotes.
std::optional<std::string_view> unquoted(std::string_view text) {
    if (text.starts_with('"') || text.starts_with('\'')) {
        const std::size_t end = text.find(text.front(), 1);
        if (end == std::string_view::npos || !is_comment(trimmed(text.substr(end + 1)))) {
            return std::nullopt;
        }
        return text.substr(1, end - 1);
    }
    for (std::size_t hash = text.find('#'); hash != std::string_view::npos; hash = text.find('#', hash + 1)) {
        if (hash == 0 || blanks.find(text[hash - 1]) != std::string_view::npos) {
            return trimmed(text.substr(0, hash));
        }
    }
    return text;
}

} // namespace

ConfigFile parse_config(std::string_view text, const std::filesystem::path& path) {
    ConfigFile file{.path = path, .values = {}};
    for (int number = 1; !text.empty(); ++number) {
        const std::string_view line = trimmed(text.substr(0, text.find('\n')));
        text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
        if (is_comment(line)) {
            continue;
        }
        const std::size_t equals = line.find('=');
        const auto value = equals != std::string_view::npos ? unquoted(trimmed(line.substr(equals + 1))) : std::nullopt;
        if (!value || equals == 0) {
            refuse(path.string() + ":" + std::to_string(number), base::quote(line) + " is not of the form key = value");
        }
        file.values[std::string{trimmed(line.substr(0, equals))}].emplace_back(*value);
    }
    return file;
}

std::string config_line(const std::string& key, const std::string& value) {
    const bool as_it_is = unquoted(value) == std::string_view{value} && trimmed(value) == value && !value.empty();
    const char* const mark = as_it_is ? "" : value.find('"') == std::string::npos ? "\"" : "'";
    return base::concat(key, " = ", mark, value, mark);
}

std::optional<ConfigFile> read_config(const std::filesystem::path& path, uid_t reader) {
    const base::UniqueFd fd{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (!fd.valid()) {
        if (errno == ENOENT || errno == ENOTDIR) {
            return std::nullopt;
        }
        refuse(path, "cannot be read: " + reason(errno));
    }
    struct stat status{};
    if (fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
        refuse(path, "is not a regular file");
    }
    if (reader == 0 && status.st_uid != 0) {
        refuse(path, "belongs to the user " + std::to_string(status.st_uid) + "; root reads only its own");
    }
    if (reader == 0 && (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        refuse(path, "can be written by others than root; chmod go-w it");
    }
    std::string text;
    std::array<char, 4096> buffer{};
    while (true) {
        const ssize_t got = read(fd.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            refuse(path, "cannot be read: " + reason(errno));
        }
        if (got == 0) {
            return parse_config(text, path);
        }
        text.append(buffer.data(), static_cast<std::size_t>(got));
        if (constexpr std::size_t most = 1U << 20U; text.size() > most) {
            refuse(path, "is larger than a mebibyte");
        }
    }
}

std::vector<std::filesystem::path> config_paths(const std::string& name, const std::filesystem::path& started_as,
                                                const std::filesystem::path& etc) {
    std::vector<std::filesystem::path> paths;
    const std::filesystem::path folder = started_as.parent_path();
    const std::string number = folder.filename().string();
    if (!number.empty() && std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; })) {
        paths.push_back(folder.parent_path() / "etc" / (name + ".conf"));
    }
    paths.push_back(etc / (name + ".conf"));
    paths.push_back(etc / "common.conf");
    return paths;
}

} // namespace tickertape::collector
