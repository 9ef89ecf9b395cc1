// SPDX-License-Identifier: MIT
#include <tickertape/put_lines.hpp>

#include <cstdlib>
#include <string>
#include <utility>
#include <variant>

#include "output/collectd_formatter.hpp"
#include "output/influx_lines.hpp"
#include "output/line_output.hpp"
#include "point/line_formatter.hpp"

namespace tickertape {

namespace {

using Formatter = std::variant<point::LineFormatter, output::InfluxLines, output::CollectdFormatter>;

std::string collectd_host(const HostTag& host_tag) {
    if (!host_tag.is_automatic() && !host_tag.is_none()) {
        return host_tag.resolve();
    }
    const char* const set_by_collectd =
        std::getenv("COLLECTD_HOSTNAME"); // NOLINT(concurrency-mt-unsafe): nobody sets any
    return set_by_collectd != nullptr && *set_by_collectd != '\0' ? sanitize(set_by_collectd)
                                                                  : HostTag::automatic().resolve();
}

Formatter make_formatter(const PutLinesOptions& options) {
    const Form form = options.form == Form::automatic ? detect_form(options.fd) : options.form;
    switch (form) {
    case Form::influx: return output::InfluxLines{options.host_tag.resolve()};
    case Form::collectd: return output::CollectdFormatter{collectd_host(options.host_tag)};
    case Form::automatic:
    case Form::put:
    case Form::tcollector: break;
    }
    if (form == Form::tcollector && options.host_tag.is_automatic()) {
        return point::LineFormatter{{.put_prefix = false}};
    }
    return point::LineFormatter{{.put_prefix = form == Form::put, .host_tag = options.host_tag.resolve()}};
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
        : syscalls{&calls}, formatter{make_formatter(options)},
          output{output::FdWriter{options.fd, calls}, "file descriptor " + std::to_string(options.fd),
                 checked(options.patience)} {}

    base::Syscalls* syscalls;
    Formatter formatter;
    output::LineOutput output;
};

PutLines::PutLines(const PutLinesOptions& options) : PutLines{options, base::Syscalls::real()} {}
PutLines::PutLines(const PutLinesOptions& options, base::Syscalls& syscalls)
    : state_{std::make_unique<State>(options, syscalls)} {}
PutLines::PutLines(PutLines&&) noexcept = default;
PutLines& PutLines::operator=(PutLines&&) noexcept = default;
PutLines::~PutLines() = default;

Outcome PutLines::publish(std::span<const Point> points) {
    return std::visit([&](auto& formatter) { return state_->output.publish(points, formatter); }, state_->formatter);
}

bool PutLines::flush(SteadyTime deadline) { return state_->output.flush(deadline, *state_->syscalls); }

Transmitter::Traits PutLines::traits() const noexcept {
    return {.keeps_every_event = std::holds_alternative<output::InfluxLines>(state_->formatter)};
}

} // namespace tickertape
