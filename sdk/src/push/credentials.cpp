// SPDX-License-Identifier: MIT
#include <tickertape/credentials.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <system_error>
#include <utility>

#include <tickertape/name.hpp>

#include "base/concat.hpp"
#include "base/quote.hpp"
#include "base/unique_fd.hpp"

namespace tickertape {

namespace {

constexpr std::size_t longest = 8000; // servers accept 8 KiB of headers

bool is_printable(std::string_view text) noexcept {
    // Bytes beyond ASCII are allowed, because they are UTF-8.
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; });
}

bool is_token(std::string_view text) noexcept {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

std::string base64(std::string_view text) {
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < text.size(); i += 3) {
        const std::size_t bytes = std::min<std::size_t>(3, text.size() - i);
        std::uint32_t bits = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            bits = bits << 8 | (k < bytes ? static_cast<unsigned char>(text[i + k]) : 0U);
        }
        for (std::size_t k = 0; k < 4; ++k) {
            out += k <= bytes ? letters[bits >> (18 - 6 * k) & 63U] : '=';
        }
    }
    return out;
}

[[noreturn]] void refuse(const std::filesystem::path& path, std::string_view why) {
    throw UsageError{base::concat("the file with credentials ", base::quote(path.native()), " ", why)};
}

void check_owner(const std::filesystem::path& path, const struct stat& status) {
    if (!S_ISREG(status.st_mode)) {
        refuse(path, "is no regular file");
    }
    if (status.st_uid != ::geteuid() && status.st_uid != 0) {
        refuse(path, "belongs to another user");
    }
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        refuse(path, "is open to its group or to others; make it yours alone: chmod 600");
    }
}

std::string read_all(const std::filesystem::path& path, int fd) {
    std::string text;
    std::array<char, 4096> buffer{};
    while (text.size() <= longest) {
        const ssize_t got = ::read(fd, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            refuse(path, base::concat("cannot be read: ", std::generic_category().message(errno)));
        }
        if (got == 0) {
            break;
        }
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return text;
}

} // namespace

Credentials Credentials::user(std::string_view name, std::string_view password) {
    if (name.find(':') != std::string_view::npos) {
        throw UsageError{"the user's name in the credentials has a ':', which no such name can have"};
    }
    if (!is_printable(name) || !is_printable(password) || name.size() + password.size() > longest / 2) {
        throw UsageError{"the credentials have a control character in them, or are too long"};
    }
    Credentials credentials;
    credentials.header_.append("Basic ").append(base64(base::concat(name, ":", password)));
    credentials.plain_ = password;
    return credentials;
}

Credentials Credentials::bearer(std::string_view token) {
    if (!is_token(token) || token.size() > longest) {
        throw UsageError{"the token in the credentials is empty, too long, or has a character that no token has"};
    }
    Credentials credentials;
    credentials.header_.append("Bearer ").append(token);
    credentials.plain_ = token;
    return credentials;
}

Credentials Credentials::from_text(std::string_view text) {
    constexpr std::string_view bearer_word = "Bearer ";
    if (text.starts_with(bearer_word)) {
        return bearer(text.substr(bearer_word.size()));
    }
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0) {
        throw UsageError{"credentials are one line, 'user:password' or 'Bearer TOKEN', and these are neither"};
    }
    return user(text.substr(0, colon), text.substr(colon + 1));
}

Credentials Credentials::from_file(const std::filesystem::path& path) {
    // Non-blocking, in case the path is a FIFO.
    const base::UniqueFd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
    struct stat status{};
    if (!fd.valid() || ::fstat(fd.get(), &status) != 0) {
        refuse(path, base::concat("cannot be opened: ", std::generic_category().message(errno)));
    }
    check_owner(path, status);
    std::string text = read_all(path, fd.get());
    text.resize(std::min(text.find_first_of("\r\n"), text.size()));
    try {
        Credentials credentials = from_text(text);
        credentials.file_ = path;
        return credentials;
    } catch (const UsageError& error) {
        refuse(path, base::concat("has none in its first line: ", error.what()));
    }
}

Credentials Credentials::read_again() const noexcept {
    try {
        return file_.empty() ? *this : from_file(file_);
    } catch (const std::exception&) { // for example, the file is being replaced
        return *this;
    }
}

Credentials Credentials::from_environment(const char* variable) {
    const char* const text = std::getenv(variable);
    if (text == nullptr || *text == '\0') {
        return {};
    }
    try {
        return from_text(text);
    } catch (const UsageError& error) {
        throw UsageError{base::concat("the environment's ", variable, ": ", error.what())};
    }
}

std::string Credentials::censor(std::string text) const {
    constexpr std::string_view stars = "***";
    const std::string_view encoded = std::string_view{header_}.substr(std::min(header_.find(' ') + 1, header_.size()));
    for (const std::string_view secret : {encoded, std::string_view{plain_}}) {
        for (std::size_t at = text.find(secret); !secret.empty() && at != std::string::npos;
             at = text.find(secret, at + stars.size())) {
            text.replace(at, secret.size(), stars);
        }
    }
    return text;
}

} // namespace tickertape
