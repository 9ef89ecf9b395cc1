// SPDX-License-Identifier: MIT
/// \file
/// Credentials: what a server wants to know before it takes points.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace tickertape {

/// A user with a password, or a token. They are sent to the targets they are given for and to nobody else, and appear in no
/// report, status or sentence. Over plain http they can be read on the way.
///
/// Thread safety: a value; distinct objects may be used from any thread.
class Credentials {
public:
    /// None.
    Credentials() = default;

    /// Throws UsageError when the user's name has a `:`, or one has a control character.
    [[nodiscard]] static Credentials user(std::string_view name, std::string_view password);
    /// `Authorization: Bearer TOKEN`. Throws UsageError when it is empty or has a character that no token has.
    [[nodiscard]] static Credentials bearer(std::string_view token);
    /// One line, `user:password` or `Bearer TOKEN`. Throws UsageError; its sentence does not repeat the text.
    [[nodiscard]] static Credentials from_text(std::string_view text);

    /// The first line of a file. Throws UsageError when it cannot be read, belongs to somebody else than this process's user
    /// or root, can be read or written by its group or others, or has no credentials in it.
    [[nodiscard]] static Credentials from_file(const std::filesystem::path& path);
    /// The text in an environment variable, none if it is not set or empty. Throws UsageError when it is something else.
    [[nodiscard]] static Credentials from_environment(const char* variable = "TICKERTAPE_TSD_AUTH");

    /// Those that are in the same file now. A copy when they came from no file, or when it cannot be used now.
    [[nodiscard]] Credentials read_again() const noexcept;
    [[nodiscard]] bool is_from_file() const noexcept { return !file_.empty(); }

    [[nodiscard]] bool empty() const noexcept { return header_.empty(); }
    /// The value of the header `Authorization`; secret.
    [[nodiscard]] const std::string& header() const noexcept { return header_; }
    /// `text` with `***` wherever it repeats a part that is secret.
    [[nodiscard]] std::string censor(std::string text) const;

private:
    std::string header_;
    std::string plain_; // the password, or the token
    std::filesystem::path file_;
};

} // namespace tickertape
