// SPDX-License-Identifier: MIT
/// \file
/// JsonLines: points as JSON objects, one a line, appended to a file.
#pragma once

#include <filesystem>
#include <memory>
#include <span>

#include <tickertape/transmitter.hpp>

namespace tickertape {

namespace base {
class Syscalls;
} // namespace base
namespace output {
struct JsonLinesAccess;
} // namespace output

/// Appends `{"name":…,"value":…,"timestamp":…,"tags":{…}}` for each point. The timestamp is in seconds; it has three, six or nine
/// decimals if the time needs them, and at least three if the series is in milliseconds. The file is created if it is missing. It is
/// opened again when it has been renamed or deleted, as log rotation does; each `publish` checks that once. Several
/// processes may append to one file.
///
/// Thread safety: one thread at a time.
class JsonLines final : public Transmitter {
public:
    /// Opens `path` for appending. Throws std::system_error that names the path.
    explicit JsonLines(std::filesystem::path path);
    JsonLines(JsonLines&&) noexcept;
    JsonLines& operator=(JsonLines&&) noexcept;
    ~JsonLines() override;

    /// Blocks as long as the disk does. A full disk can leave half a line. The next call writes its rest first, to the same file; if that
    /// file was deleted, the rest is lost with it. Throws std::system_error that names the path when opening or
    /// writing fails and none of `points` was accepted.
    Outcome publish(std::span<const Point> points) override;

    /// Writes the rest of a half-written line. Returns whether none is left.
    bool flush(SteadyTime deadline) override;

private:
    friend struct output::JsonLinesAccess;
    struct State;
    JsonLines(std::filesystem::path path, base::Syscalls& syscalls);

    std::unique_ptr<State> state_;
};

} // namespace tickertape
