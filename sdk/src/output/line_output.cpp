// SPDX-License-Identifier: MIT
#include "output/line_output.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

namespace tickertape::output {

LineOutput::LineOutput(FdWriter writer, std::string name, std::chrono::nanoseconds patience)
    : writer_{writer}, name_{std::move(name)}, patience_{patience}, buffer_(batch_bytes) {
    rest_.reserve(max_line + 1);
}

void LineOutput::forget_rest_of_parent() noexcept {
    if (forks_.is_child()) {
        rest_.clear();
        forks_ = base::Forks{};
    }
}

WriteResult LineOutput::write_rest(std::chrono::nanoseconds& patience) {
    const WriteResult result = writer_.write(rest_, patience);
    rest_.erase(0, result.written);
    return result;
}

void LineOutput::settle_part(Outcome& outcome, std::size_t first_rejection, std::string_view batch,
                             std::size_t written) {
    const std::string_view out = batch.substr(0, written);
    auto begun = static_cast<std::size_t>(std::count(out.begin(), out.end(), '\n'));
    if (!out.empty() && out.back() != '\n') {
        ++begun;
        rest_ = batch.substr(written, batch.find('\n', written) + 1 - written);
    }
    std::size_t rejection = first_rejection;
    for (; begun > 0; ++outcome.retry_from) {
        if (rejection < outcome.rejected.size() && outcome.rejected[rejection].index == outcome.retry_from) {
            ++rejection;
        } else {
            --begun;
        }
    }
    // Later ones are rejected again when they are rendered again.
    outcome.rejected.erase(outcome.rejected.begin() + static_cast<std::ptrdiff_t>(rejection), outcome.rejected.end());
}

bool LineOutput::flush(SteadyTime deadline, base::Syscalls& syscalls) noexcept {
    forget_rest_of_parent();
    if (rest_.empty() || closed_) {
        return rest_.empty();
    }
    std::chrono::nanoseconds patience = std::max(deadline - syscalls.now(), std::chrono::nanoseconds::zero());
    closed_ = write_rest(patience).end == WriteEnd::closed;
    return rest_.empty();
}

void LineOutput::fail(int error) const {
    throw std::system_error{error, std::generic_category(), "cannot write to " + name_};
}

} // namespace tickertape::output
