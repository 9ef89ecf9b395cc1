// SPDX-License-Identifier: MIT
/// \file
/// PushSink: takes the lines that `tickertape push` has read.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <tickertape/accounts.hpp>
#include <tickertape/credentials.hpp>
#include <tickertape/push_status.hpp>
#include <tickertape/spool_options.hpp>
#include <tickertape/target.hpp>
#include <tickertape/time.hpp>
#include <tickertape/tls_layer.hpp>

#include "cli/lines/indexed_lines.hpp"
#include "cli/lines/put_line.hpp"

namespace tickertape::cli::push {

struct SinkOptions {
    std::uint32_t mps = 0;
    bool resend = false;
    std::string host{};         ///< value of the `host` tag for lines in tcollector form without one
    std::optional<bool> sync{}; ///< HTTP: see PushOptions
    std::optional<bool> gzip{}; ///< HTTP: compress; not set: only where it pays
    Credentials credentials{};
    tickertape::push::TlsLayer tls{};
    SpoolOptions spool{}; ///< without a directory: none
    /// Whether to go on waiting for room; asked a few times a second.
    std::function<bool()> go_on = [] { return true; };
};

/// The first line that was refused for each reason, to show it.
///
/// Thread safety: none.
class RefusedLines {
public:
    void note(Reason reason, std::string_view line);
    /// Quoted; empty if there is none.
    [[nodiscard]] const std::string& example_of(Reason reason) const {
        return first_[static_cast<std::size_t>(reason)];
    }

private:
    std::array<std::string, reasons> first_{};
};

/// Returns why a valid line cannot be sent as a put line; nothing if it can. OpenTSDB stores milliseconds after 2106 in 1992, and
/// VictoriaMetrics drops them.
[[nodiscard]] std::optional<Reason> refusal_of(const lines::PutLine& line) noexcept;

/// Takes lines and sends them in order. Waits for room.
///
/// Thread safety: none.
class PushSink {
public:
    PushSink() = default;
    PushSink(const PushSink&) = delete;
    PushSink& operator=(const PushSink&) = delete;
    virtual ~PushSink() = default;

    /// Adds a valid line. `raw` is its text without a newline, which is sent unchanged if the line is canonical.
    /// Returns false if there is no room and there will be none; the line is then dropped and counted.
    virtual bool add(const lines::PutLine& line, std::string_view raw) = 0;
    /// Lines that were taken off a text, and whether the sink accepts more lines.
    struct Added {
        lines::IndexedLines::Run run{};
        bool is_open = true;
    };
    /// Takes some lines off the front of `lines` and adds them, if possible without reading each one. Takes none if the first line
    /// has to be read and passed to `add`.
    [[nodiscard]] virtual Added add_run(lines::IndexedLines& lines);
    /// Sends the lines added so far without waiting for more. Returns false if the sink accepts no more lines.
    virtual bool send() = 0;
    /// Waits until everything is answered, as long as `go_on` returns true, and ends: afterwards nothing is sent, and the account
    /// is final. Returns whether everything was answered.
    virtual bool finish() = 0;
    /// Returns a number that changes as long as the target accepts lines: that of the acknowledged ones.
    [[nodiscard]] virtual std::uint64_t progress() const = 0;

    [[nodiscard]] virtual Account account() const = 0;
    [[nodiscard]] virtual PushStatus status() const = 0;
    /// Returns a line that was rejected for this reason, in quotes; empty if none is known.
    [[nodiscard]] virtual std::string example_of(Reason reason) const {
        return reason == Reason::refused ? status().first_refused : std::string{};
    }
};

[[nodiscard]] std::unique_ptr<PushSink> make_sink(Targets targets, SinkOptions options);

/// With a spool: a line is accepted once it is written there. Adding
/// a line waits for the target only while the spool accepts no lines.
[[nodiscard]] std::unique_ptr<PushSink> make_spool_sink(Targets targets, SinkOptions options);

/// For protocols that need more than the text of a line.
[[nodiscard]] std::unique_ptr<PushSink> make_point_sink(Targets targets, SinkOptions options);

/// For /api/put: the texts of lines as JSON.
[[nodiscard]] std::unique_ptr<PushSink> make_json_sink(Targets targets, SinkOptions options);

} // namespace tickertape::cli::push
