// SPDX-License-Identifier: MIT
#include <tickertape/json_lines.hpp>

#include <fcntl.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/concat.hpp"
#include "base/forks.hpp"
#include "output/line_output.hpp"
#include "point/append.hpp"
#include "point/line_formatter.hpp"
#include "point/time_text.hpp"

namespace tickertape {

namespace {

constexpr mode_t file_mode = 0644;

using point::append;

// Names need no escapes: no character that JSON treats specially is legal in them.
char* append_tags(char* out, std::string_view tags) noexcept {
    if (tags.empty()) {
        return out;
    }
    *out++ = '"';
    for (const char c : tags) {
        out = c == '=' ? append(out, "\":\"") : c == ' ' ? append(out, "\",\"") : append(out, {&c, 1});
    }
    *out++ = '"';
    return out;
}

struct JsonFormatter {
    static point::LinesResult write(std::span<const Point> points, std::span<char> room) noexcept {
        return point::write_lines(points, room, &write_one);
    }

    static point::LineResult write_one(const Point& point, char* begin) noexcept {
        const Series& series = point.series();
        char* out = append(begin, R"({"name":")");
        out = append(out, series.metric());
        out = append(out, R"(","value":)");
        out = tickertape::write(point.value(), out);
        out = append(out, R"(,"timestamp":)");
        out = point::write_seconds(point.time().time_since_epoch(), series.precision() != Series::Precision::seconds,
                                   out);
        out = append(out, R"(,"tags":{)");
        out = append_tags(out, series.tags_text());
        out = append(out, "}}\n");
        return {.size = static_cast<std::size_t>(out - begin)};
    }
};

// The series' text becomes longer: each `=` becomes `":"`, and each blank `","`. The numbers are the rest of an object.
static_assert(max_series_text + max_tags * 5 + 60 + max_value_text + 30 <= max_line + 1);

} // namespace

struct JsonLines::State {
    State(std::filesystem::path file, base::Syscalls& calls)
        : path{std::move(file)}, syscalls{&calls}, fd{open()},
          output{output::FdWriter{fd, calls}, base::concat("'", path.string(), "'"), std::chrono::nanoseconds::zero()} {
    }
    ~State() { syscalls->close(fd); }
    [[nodiscard]] bool is_forked() const noexcept { return forks.is_child(); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    int open() const {
        int opened = -1;
        do {
            opened = syscalls->open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, file_mode);
        } while (opened < 0 && errno == EINTR);
        if (opened < 0) {
            throw std::system_error{errno, std::generic_category(), "cannot open '" + path.string() + "'"};
        }
        return opened;
    }

    enum class File : std::uint8_t { in_place, renamed, deleted };

    File where_it_is() const {
        struct stat named{};
        struct stat opened{};
        if (syscalls->fstat(fd, &opened) != 0) {
            return File::in_place;
        }
        const bool is_away = syscalls->stat(path.c_str(), &named) != 0
                                 ? errno == ENOENT || errno == ENOTDIR
                                 : named.st_dev != opened.st_dev || named.st_ino != opened.st_ino;
        return !is_away ? File::in_place : opened.st_nlink == 0 ? File::deleted : File::renamed;
    }

    /// Makes sure that points go to the file that has the path now. Returns false if the rest of a line must be written first.
    bool follow_path() {
        const File file = where_it_is();
        if (file == File::renamed && output.has_rest()) { // finished in the file where it began
            JsonFormatter formatter;
            static_cast<void>(output.publish({}, formatter));
            if (output.has_rest()) {
                return false;
            }
        }
        if (file != File::in_place) { // the rest of a line is lost with a deleted file: its space is needed
            const int opened = open();
            if (!is_forked()) {
                syscalls->close(fd);
            }
            fd = opened;
            forks = {};
            output.redirect({fd, *syscalls});
        }
        return true;
    }

    std::filesystem::path path;
    base::Syscalls* syscalls;
    base::Forks forks; // of the process that opened the descriptor, and closes it
    int fd;
    output::LineOutput output;
};

JsonLines::JsonLines(std::filesystem::path path) : JsonLines{std::move(path), base::Syscalls::real()} {}
JsonLines::JsonLines(std::filesystem::path path, base::Syscalls& syscalls)
    : state_{std::make_unique<State>(std::move(path), syscalls)} {}
JsonLines::JsonLines(JsonLines&&) noexcept = default;
JsonLines& JsonLines::operator=(JsonLines&& other) noexcept {
    JsonLines{std::move(other)}.state_.swap(state_);
    return *this;
}
JsonLines::~JsonLines() { base::let_go(std::move(state_)); }

Outcome JsonLines::publish(std::span<const Point> points) {
    if (!state_->follow_path()) {
        return {};
    }
    JsonFormatter formatter;
    return state_->output.publish(points, formatter);
}

bool JsonLines::flush(SteadyTime deadline) { return state_->output.flush(deadline, *state_->syscalls); }

} // namespace tickertape
