// SPDX-License-Identifier: MIT
/// \file
/// PushSink: where `tickertape push` puts the lines that it has read.
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
    std::string host{};         ///< of the `host` tag that lines in tcollector form without one get
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

/// Why a line that is in order cannot be a put line all the same: OpenTSDB stores milliseconds after 2106 in 1992, and
/// VictoriaMetrics drops them.
[[nodiscard]] std::optional<Reason> refusal_of(const lines::PutLine& line) noexcept;

/// Takes lines and has them sent, in order. Waits for room.
///
/// Thread safety: none.
class PushSink {
public:
    PushSink() = default;
    PushSink(const PushSink&) = delete;
    PushSink& operator=(const PushSink&) = delete;
    virtual ~PushSink() = default;

    /// A line that is in order. `raw` is its text without a newline, to be sent as it is if it is canonical. Returns false if
    /// it cannot be taken, as there is no room and no hope for any; it is dropped then, and counted.
    virtual bool add(const lines::PutLine& line, std::string_view raw) = 0;
    /// Lines that were taken off a text, and whether the sink accepts more, as `add` tells.
    struct Added {
        lines::IndexedLines::Run run{};
        bool is_open = true;
    };
    /// Takes some lines off the front of `lines` and adds them, without a look at each where that is possible. None if the first one has to
    /// be read, and goes to `add`.
    [[nodiscard]] virtual Added add_run(lines::IndexedLines& lines);
    /// Sends the lines added so far without waiting for more. Returns false if the sink accepts no more lines.
    virtual bool send() = 0;
    /// Waits until all is answered, as long as `go_on` says so, and ends: afterwards nothing more is sent, and the account is
    /// final. Returns whether all was answered.
    virtual bool finish() = 0;
    /// How many lines are acknowledged: a number that changes as long as the target takes something.
    [[nodiscard]] virtual std::uint64_t progress() const = 0;

    [[nodiscard]] virtual Account account() const = 0;
    [[nodiscard]] virtual PushStatus status() const = 0;
    /// A line that was rejected for this reason, quoted; empty if it is not known which.
    [[nodiscard]] virtual std::string example_of(Reason reason) const {
        return reason == Reason::refused ? status().first_refused : std::string{};
    }
};

[[nodiscard]] std::unique_ptr<PushSink> make_sink(Targets targets, SinkOptions options);

/// With a spool: lines are taken once they are written to it, so that adding waits for the target no longer than that takes
/// some.
[[nodiscard]] std::unique_ptr<PushSink> make_spool_sink(Targets targets, SinkOptions options);

/// For protocols that need more than the texts of a line.
[[nodiscard]] std::unique_ptr<PushSink> make_point_sink(Targets targets, SinkOptions options);

/// For /api/put: the texts of lines as JSON.
[[nodiscard]] std::unique_ptr<PushSink> make_json_sink(Targets targets, SinkOptions options);

} // namespace tickertape::cli::push
