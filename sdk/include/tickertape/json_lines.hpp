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

/// Appends `{"name":…,"value":…,"timestamp":…,"tags":{…}}` for each point, the timestamp in seconds, with three, six or nine
/// decimals where the time is finer than that, and three at least where the series is. The file is made if it is missing, and
/// opened anew when it has been renamed away or deleted, as log rotation does; that is looked at once per `publish`. Several
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

    /// Blocks as long as the disk does. A full disk can leave half a line, whose rest goes out first next time, to where it
    /// began, or goes with the file if that has been deleted. Throws std::system_error that names the path when opening or
    /// writing fails and nothing of `points` has been taken.
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
