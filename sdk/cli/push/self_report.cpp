// SPDX-License-Identifier: MIT
#include "cli/push/self_report.hpp"

#include "base/concat.hpp"
#include "cli/lines/put_line.hpp"
#include "stage/places.hpp"

namespace tickertape::cli::push {

SelfReport::SelfReport(std::chrono::milliseconds period, std::string_view host, std::string_view copy)
    : period_{period},
      tags_{base::concat(" collector=push", copy.empty() ? "" : " copy=", copy, host.empty() ? "" : " host=", host)} {}

bool SelfReport::add_to(PushSink& sink) {
    const Clock::time_point now = Clock::now();
    if (period_ == std::chrono::milliseconds{0} || now < next_) {
        return true;
    }
    next_ = now + period_;
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
    bool is_taken = true;
    for (const auto& [name, count] : stage::places_of(sink.account())) {
        const std::string text = base::concat("put tickertape.", name, ' ', seconds.count(), ' ', count, tags_);
        lines::PutLine line;
        is_taken = is_taken && read_put_line(text, line).fault == lines::LineFault::none;
        if (is_taken) {
            ++lines_; // also one that is dropped
            is_taken = sink.add(line, text);
        }
    }
    return is_taken;
}

} // namespace tickertape::cli::push
