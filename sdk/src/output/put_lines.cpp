// SPDX-License-Identifier: MIT
#include <tickertape/put_lines.hpp>

#include <string>

#include "output/line_output.hpp"
#include "point/line_formatter.hpp"

namespace tickertape {

namespace {

point::LineForm to_line_form(const PutLinesOptions& options) {
    const Form form = options.form == Form::automatic ? detect_form(options.fd) : options.form;
    if (form == Form::tcollector && options.host_tag.is_automatic()) {
        return {.put_prefix = false};
    }
    return {.put_prefix = form == Form::put, .host_tag = options.host_tag.resolve()};
}

std::chrono::milliseconds checked(std::chrono::milliseconds patience) {
    if (patience < std::chrono::milliseconds::zero()) {
        throw UsageError{"the patience of PutLines is " + std::to_string(patience.count()) +
                         " ms; it is 0 (no wait) or positive"};
    }
    return patience;
}

} // namespace

struct PutLines::State {
    State(const PutLinesOptions& options, base::Syscalls& calls)
        : syscalls{&calls}, formatter{to_line_form(options)},
          output{output::FdWriter{options.fd, calls}, "file descriptor " + std::to_string(options.fd),
                 checked(options.patience)} {}

    base::Syscalls* syscalls;
    point::LineFormatter formatter;
    output::LineOutput output;
};

PutLines::PutLines(const PutLinesOptions& options) : PutLines{options, base::Syscalls::real()} {}
PutLines::PutLines(const PutLinesOptions& options, base::Syscalls& syscalls)
    : state_{std::make_unique<State>(options, syscalls)} {}
PutLines::PutLines(PutLines&&) noexcept = default;
PutLines& PutLines::operator=(PutLines&&) noexcept = default;
PutLines::~PutLines() = default;

Outcome PutLines::publish(std::span<const Point> points) { return state_->output.publish(points, state_->formatter); }

bool PutLines::flush(SteadyTime deadline) { return state_->output.flush(deadline, *state_->syscalls); }

} // namespace tickertape
