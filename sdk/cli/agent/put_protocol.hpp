// SPDX-License-Identifier: MIT
/// \file
/// PutProtocol: a TSD's side of a telnet connection, without the connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace tickertape::cli::agent {

/// Returns the answer about points that were not queued. Clients recognize its words, and send the points again.
[[nodiscard]] std::string not_queued(std::uint64_t points);

/// Reads put lines and commands, and writes the answers of a TSD: `version`, `help`, `exit`, errors. `diediedie` does nothing.
///
/// Answers are bounded. Errors without room are left out, as by OpenTSDB. Other commands wait for room.
///
/// Thread safety: none.
class PutProtocol {
public:
    /// 1,023 bytes and a carriage return. Longer lines are refused, while a TSD closes the connection.
    static constexpr std::size_t longest_line = 1024;
    static constexpr std::size_t most_answers = std::size_t{32} * 1024; ///< bytes; the last answer may exceed it
    static constexpr std::size_t most_errors =
        most_answers / 2; ///< bytes; the rest is for answers that a client waits for

    /// Takes a line that begins with `put`. Returns the error without `put: `, or an empty text if there is none.
    using Take = std::function<std::string(std::string_view line)>;

    /// Reads the lines at the front of `bytes`. Returns the number of used bytes: an incomplete line is left, and so are lines whose
    /// answers have no room.
    std::size_t feed(std::string_view bytes, const Take& take);
    /// Adds an error before the answers of the last `feed`, because `points` of its points could not be queued.
    void cannot_queue(std::size_t points);
    /// Adds the error for a last line without a newline.
    void cut_off();

    [[nodiscard]] std::string take_answers() { return std::exchange(answers_, {}); }
    [[nodiscard]] bool has_answers() const noexcept { return !answers_.empty(); }
    [[nodiscard]] bool has_room() const noexcept { return answers_.size() < most_answers; }
    /// The client sent `exit`, or speaks HTTP: no more lines are read.
    [[nodiscard]] bool is_over() const noexcept { return is_over_; }
    /// The client speaks HTTP, like a browser that a web page misuses.
    [[nodiscard]] bool is_http() const noexcept { return is_http_; }
    /// The rest of a line that was too long is being skipped.
    [[nodiscard]] bool is_skipping() const noexcept { return is_skipping_; }
    [[nodiscard]] std::uint64_t lines() const noexcept { return lines_; }
    [[nodiscard]] std::uint64_t errors_left_out() const noexcept { return left_out_; }

private:
    void handle(std::string_view line, const Take& take);
    void add_error(std::string_view error);

    std::string answers_;
    std::size_t begun_at_ = 0; // where the answers of the last `feed` begin
    std::uint64_t lines_ = 0;
    std::uint64_t left_out_ = 0;
    bool is_first_ = true;
    bool is_skipping_ = false;
    bool is_over_ = false;
    bool is_http_ = false;
};

} // namespace tickertape::cli::agent
