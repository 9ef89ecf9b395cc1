// SPDX-License-Identifier: MIT
/// \file
/// Credentials: the user and password, or the token, for a server.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace tickertape {

/// A user with a password, or a token. Credentials go only to the targets that they are given for, and appear in no
/// report, status or message. Over plain http, anybody on the way can read them.
///
/// Thread safety: a value; distinct objects may be used from any thread.
class Credentials {
public:
    /// No credentials.
    Credentials() = default;

    /// Throws UsageError when the user's name has a `:`, or when user or password has a control character.
    [[nodiscard]] static Credentials user(std::string_view name, std::string_view password);
    /// `Authorization: Bearer TOKEN`. Throws UsageError when it is empty or has a character that no token has.
    [[nodiscard]] static Credentials bearer(std::string_view token);
    /// Made from one line, `user:password` or `Bearer TOKEN`. Throws UsageError for other text; the message does not repeat the text.
    [[nodiscard]] static Credentials from_text(std::string_view text);

    /// From the first line of a file. Throws UsageError when the file cannot be read, belongs to a user other than this process's
    /// or root, can be read or written by its group or others, or contains no credentials.
    [[nodiscard]] static Credentials from_file(const std::filesystem::path& path);
    /// From an environment variable; no credentials if it is not set or empty. Throws UsageError when it contains no credentials.
    [[nodiscard]] static Credentials from_environment(const char* variable = "TICKERTAPE_TSD_AUTH");

    /// Reads the same file again. Returns a copy of these if they did not come from a file, or if the file cannot be used now.
    [[nodiscard]] Credentials read_again() const noexcept;
    [[nodiscard]] bool is_from_file() const noexcept { return !file_.empty(); }

    [[nodiscard]] bool empty() const noexcept { return header_.empty(); }
    /// The value of the header `Authorization`; secret.
    [[nodiscard]] const std::string& header() const noexcept { return header_; }
    /// `text` with `***` in place of each secret part.
    [[nodiscard]] std::string censor(std::string text) const;

private:
    std::string header_;
    std::string plain_; // the password, or the token
    std::filesystem::path file_;
};

} // namespace tickertape
